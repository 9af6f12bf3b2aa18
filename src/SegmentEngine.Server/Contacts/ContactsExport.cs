using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Exchange;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Contacts;

/// <summary>Contacts as one stream: CSV with a head line, or JSON Lines. Those that are gone by the time they are written are left out.</summary>
public static class ContactsExport
{
    public const string Csv = "csv";
    public const string JsonLines = "jsonl";

    private static readonly SearchValues<char> quoted = SearchValues.Create("\",\r\n");

    public static bool IsKnown(string format) => format is Csv or JsonLines;

    public static string MediaType(string format) => format == Csv ? "text/csv" : "application/jsonl";

    /// <summary>A text as a field of CSV, which no spreadsheet takes for a formula.</summary>
    public static string Field(string text) =>
        CsvFormula.Guard(text) is var guarded && guarded.AsSpan().ContainsAny(quoted) ? $"\"{guarded.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : guarded;

    public static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    /// <param name="format">One that is known.</param>
    /// <param name="numbers">Ascending.</param>
    /// <param name="workspace">Whose.</param>
    /// <param name="database">Where they are.</param>
    /// <param name="name">Of the file, without its ending.</param>
    public static PushStreamHttpResult Stream(string format, IReadOnlyList<long> numbers, WorkspaceId workspace, SegmentDatabase database, string name = "contacts") => TypedResults.Stream(
        async stream =>
        {
            await using var writer = Writer(stream);
            if (format == Csv)
            {
                await writer.WriteLineAsync("contact_id,external_id");
            }

            foreach (var page in numbers.Chunk(RequestLimits.MembersPageSizeMax))
            {
                foreach (var (_, _, contact) in database.Contacts.ByNumbers(workspace, page))
                {
                    var member = new Client.Member { ContactId = contact.Id!.Value.Value, ExternalId = contact.ExternalId };
                    await writer.WriteLineAsync(format == Csv ? $"{member.ContactId},{Field(member.ExternalId ?? "")}" : JsonSerializer.Serialize(member, WireJson.Default.Member));
                }
            }
        },
        MediaType(format), $"{name}.{format}");
}
