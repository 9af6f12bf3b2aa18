using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace GatedAgent;

/// <summary>Stands in for a model, so that the sample runs without one: it asks for a refund whether it was shown that tool or not, as a model can be talked into, and then says what came of it.</summary>
internal sealed class ScriptedModel(TextWriter output) : IChatClient
{
    private const string Wanted = "refund_order";

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var results = messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().ToList();
        if (results.Count > 0)
        {
            return new(new ChatMessage(ChatRole.Assistant, $"{results[^1].Result}"));
        }

        await output.WriteLineAsync($"the model is shown: {string.Join(", ", (options?.Tools ?? []).Select(static tool => tool.Name))}; it calls {Wanted}");
        return new(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", Wanted, new Dictionary<string, object?> { ["order"] = "1001" })]));
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
