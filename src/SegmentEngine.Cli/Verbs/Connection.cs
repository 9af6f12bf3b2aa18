using System.CommandLine;
using System.Net.Http.Headers;
using SegmentEngine.Client;

namespace SegmentEngine.Cli.Verbs;

/// <summary>How verbs reach a server.</summary>
internal static class Connection
{
    /// <summary>Other users of the machine see the command line of a process, not its environment.</summary>
    private const string KeyVariable = "SEGMENT_KEY";

    /// <summary>A batch waits behind others for the server's disk, so more than the usual 100 s.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(5);

    public static Option<string> Server(bool required = true) => new("--server") { HelpName = "URL", Description = "the server's address, such as http://127.0.0.1:5210", Required = required };

    public static Option<string> Key(string what) => new("--key") { HelpName = "KEY", Description = $"{what}; the variable {KeyVariable} where it is not given" };

    public static Uri Address(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new RefusedException($"--server: \"{text}\" is no address of a server; write one such as http://127.0.0.1:5210");

    public static HttpClient Open(Uri address, string? key, Terminal terminal)
    {
        var secret = key ?? terminal.Variable(KeyVariable);
        return string.IsNullOrWhiteSpace(secret)
            ? throw new RefusedException($"a key is needed: --key, or the variable {KeyVariable}")
            : AuthenticationHeaderValue.TryParse("Bearer " + secret, out var authorization)
            ? new() { BaseAddress = address, Timeout = patience, DefaultRequestHeaders = { Authorization = authorization } }
            : throw new RefusedException("the key holds characters that no key has");
    }

    /// <summary>What went wrong between us and the server, for whoever waits for it.</summary>
    public static string Sentence(Exception failed, Uri address) => failed switch
    {
        SegmentEngineException { Status: 401 } => $"{address} does not know this key",
        SegmentEngineException { Status: 403 } refused => $"{address} does not let this key do that: {refused.Body?.Message ?? "it lacks a scope"}",
        SegmentEngineException refused => $"{address} answered {refused.Message}",
        OperationCanceledException => $"{address} has not answered for {patience.TotalMinutes:N0} minutes",
        _ => $"{address} cannot be reached: {failed.Message.TrimEnd('.')}",
    };
}
