using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using SegmentEngine.Client;

namespace SegmentEngine.Agents;

/// <summary>
/// Shows the model the tools that the contact may use and gives it the instructions that are for the contact; and lets no other tool run, on whichever side of function invocation it stands.
/// Outside of it, the invoker is handed wrapped tools that ask before they run. Inside of it, where the invoker keeps the whole list, a call of a tool that may not run is renamed on its way out, so that the invoker finds
/// no such tool and the model is told. Tools that run at the model's provider are kept from the model, and cannot be asked about when they run.
/// </summary>
public sealed class SegmentGateChatClient : DelegatingChatClient
{
    private const string WithheldPrefix = "withheld:";

    private readonly SegmentEngineClient server;
    private readonly string? contact;
    private readonly SegmentGateOptions options;

    /// <param name="innerClient">What is gated.</param>
    /// <param name="server">With a key that has the scope gating:read.</param>
    /// <param name="contact">A UUID, <c>external_id:…</c> or <c>email:…</c>; null: nobody in particular.</param>
    /// <param name="options">How.</param>
    public SegmentGateChatClient(IChatClient innerClient, SegmentEngineClient server, string? contact, SegmentGateOptions? options = null)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(server);
        (this.server, this.contact, this.options) = (server, contact, options ?? new());
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The function invocation behind this has tools of its own, which no request names; or a tool needs approval, and function invocation is not behind this.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ChatMessage> given = [.. messages];
        var message = await Begin(given, options, cancellationToken).ConfigureAwait(false);
        var response = await base.GetResponseAsync(given, message.Options, cancellationToken).ConfigureAwait(false);
        foreach (var said in response.Messages)
        {
            await Withhold(said.Contents, message, cancellationToken).ConfigureAwait(false);
        }

        return response;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The function invocation behind this has tools of its own, which no request names; or a tool needs approval, and function invocation is not behind this.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ChatMessage> given = [.. messages];
        var message = await Begin(given, options, cancellationToken).ConfigureAwait(false);
        await foreach (var update in base.GetStreamingResponseAsync(given, message.Options, cancellationToken).ConfigureAwait(false))
        {
            await Withhold(update.Contents, message, cancellationToken).ConfigureAwait(false);
            yield return update;
        }
    }

    private async Task<GatedMessage> Begin(IReadOnlyList<ChatMessage> messages, ChatOptions? asked, CancellationToken cancel)
    {
        var invoker = InnerClient.GetService<FunctionInvokingChatClient>();
        if (invoker?.AdditionalTools is { Count: > 0 })
        {
            throw new InvalidOperationException($"{nameof(FunctionInvokingChatClient.AdditionalTools)} of the function invocation run whatever the gate says: give these tools in {nameof(ChatOptions)}.{nameof(ChatOptions.Tools)}");
        }

        if (invoker is null && asked?.Tools?.Any(static tool => tool.GetService<ApprovalRequiredAIFunction>() is not null) == true)
        {
            throw new InvalidOperationException($"a tool that is approved later is run by the function invocation outside of the gate, without another question to it: put {nameof(SegmentGateExtensions.UseSegmentGate)} before UseFunctionInvocation");
        }

        var gate = new SegmentGate(server, options.Contact is { } find ? find(messages, asked) ?? contact : contact, options);
        var context = await gate.Resolve(cancel).ConfigureAwait(false);
        var gated = asked?.Clone() ?? new();
        if (gated.Tools is { } tools)
        {
            gated.Tools = [.. tools.Where(tool => options.UngatedTools.Contains(tool.Name) || context?.ActionOf(tool.Name) is not null)
                .Select(tool => tool is AIFunction function && !options.UngatedTools.Contains(tool.Name) ? new GatedFunction(function, gate, _ => Task.FromResult(context)) : tool)];
            if (gated.Tools.Count == 0)
            {
                gated.Tools = null;
            }
        }

        // A model that must use a tool which it is not shown would fail, or make one up.
        if (gated.ToolMode is RequiredChatToolMode required && (gated.Tools is null || (required.RequiredFunctionName is { } name && gated.Tools.All(tool => tool.Name != name))))
        {
            gated.ToolMode = gated.Tools is null ? null : ChatToolMode.Auto;
        }

        if (options.AddInstructions && context?.Instructions is { } instructions)
        {
            gated.Instructions = string.IsNullOrEmpty(gated.Instructions) ? instructions : $"{gated.Instructions}\n\n{instructions}";
        }

        return new(gate, context, gated);
    }

    /// <summary>Renames the calls of tools that may not run, so that whoever invokes functions outside of this finds none of the name. Those that were run behind this are only told of.</summary>
    private static async Task Withhold(IList<AIContent> contents, GatedMessage message, CancellationToken cancel)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent { InformationalOnly: false } call && await message.Gate.WhyNot(call.Name, message.Context, cancel).ConfigureAwait(false) is not null)
            {
                contents[i] = new FunctionCallContent(call.CallId, WithheldPrefix + call.Name, call.Arguments);
            }
        }
    }

    /// <param name="Gate">Of the contact.</param>
    /// <param name="Context">What the contact may use.</param>
    /// <param name="Options">What is asked of the model.</param>
    private sealed record GatedMessage(SegmentGate Gate, GatedContext? Context, ChatOptions Options);
}
