using SegmentEngine.Client;

namespace SegmentEngine.Agents;

/// <summary>Asks the server what one contact may use. A tool is an action by its name.</summary>
/// <param name="server">With a key that has the scope gating:read.</param>
/// <param name="contact">A UUID, <c>external_id:…</c> or <c>email:…</c>; null: nobody in particular, who may use what is not restricted.</param>
/// <param name="options">How.</param>
internal sealed class SegmentGate(SegmentEngineClient server, string? contact, SegmentGateOptions options)
{
    private const int NotFound = 404;

    /// <summary>What the contact may use now; null where the server cannot be asked and all is to be withheld.</summary>
    public async Task<GatedContext?> Resolve(CancellationToken cancel)
    {
        try
        {
            var answer = await Asked(who => server.Resolve(new() { ContactId = who, Channel = options.Channel }, cancel: cancel)).ConfigureAwait(false);
            options.OnResolved?.Invoke(answer);
            return new(answer);
        }
        catch (Exception failed) when (options.WhenUnreachable == WhenUnreachable.WithholdAll && IsUnreachable(failed, cancel))
        {
            return null;
        }
    }

    /// <summary>Null where the tool may run now; otherwise why not, in words for a model.</summary>
    public async Task<string?> WhyNot(string tool, GatedContext? context, CancellationToken cancel)
    {
        if (options.UngatedTools.Contains(tool))
        {
            return null;
        }

        if (context?.ActionOf(tool) is not { } action)
        {
            return Refused(tool, "it is not offered to this contact");
        }

        try
        {
            var answer = await Asked(who => server.Authorize(new() { ContactId = who, ActionId = action.Id.ToString(), Channel = options.Channel }, context.Revision, cancel)).ConfigureAwait(false);
            return answer.Allowed ? null : Refused(tool, answer.Reason);
        }
        catch (Exception failed) when (IsUnreachable(failed, cancel))
        {
            return Refused(tool, "it cannot be found out whether it may run");
        }
    }

    /// <summary>Whoever the server does not know yet is nobody in particular.</summary>
    private async Task<TAnswer> Asked<TAnswer>(Func<string?, Task<TAnswer>> ask)
    {
        try
        {
            return await ask(contact).ConfigureAwait(false);
        }
        catch (SegmentEngineException unknown) when (unknown.Status == NotFound && contact is not null)
        {
            return await ask(null).ConfigureAwait(false);
        }
    }

    private static string Refused(string tool, string reason) => $"The tool {tool} was not run: {reason}.";

    private static bool IsUnreachable(Exception failed, CancellationToken cancel) =>
        failed is HttpRequestException or SegmentEngineException || (failed is OperationCanceledException && !cancel.IsCancellationRequested);
}

/// <summary>What a contact may use, as of one snapshot of the server.</summary>
internal sealed class GatedContext(GateAnswer answer)
{
    private readonly Dictionary<string, AgentAction> actions = answer.Actions.GroupBy(static action => action.Name, StringComparer.Ordinal).ToDictionary(static named => named.Key, static named => named.First(), StringComparer.Ordinal);

    public AgentAction? ActionOf(string tool) => actions.GetValueOrDefault(tool);

    /// <summary>What a tool that runs later is authorized on reflects no less.</summary>
    public long Revision => answer.Revision;

    /// <summary>The instructions as one text; null where there are none.</summary>
    public string? Instructions => answer.Instructions.Count == 0 ? null : string.Join("\n\n", answer.Instructions.Select(static each => $"{each.Title}\n{each.Content}"));
}
