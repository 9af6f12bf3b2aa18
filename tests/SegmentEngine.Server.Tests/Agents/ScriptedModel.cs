using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SegmentEngine.Server.Tests.Agents;

/// <summary>A model that calls the tools it was told to, seen or not, one after the other, and then says what it was answered.</summary>
internal sealed class ScriptedModel(params string[] calls) : IChatClient
{
    private int said;

    /// <summary>The tools that it was shown with its last request.</summary>
    public IReadOnlyList<string> Shown { get; private set; } = [];

    public string? Instructions { get; private set; }

    public ChatToolMode? ToolMode { get; private set; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        (Shown, Instructions, ToolMode) = ([.. (options?.Tools ?? []).Select(static tool => tool.Name)], options?.Instructions, options?.ToolMode);
        return Task.FromResult(new ChatResponse(said < calls.Length
            ? new ChatMessage(ChatRole.Assistant, [new FunctionCallContent($"call {said}", calls[said++], new Dictionary<string, object?>())])
            : new ChatMessage(ChatRole.Assistant, string.Join("; ", messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => result.Result)))));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
