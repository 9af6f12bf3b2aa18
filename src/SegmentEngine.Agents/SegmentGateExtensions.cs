using Microsoft.Extensions.AI;
using SegmentEngine.Client;

namespace SegmentEngine.Agents;

/// <summary>Puts the gate in place.</summary>
public static class SegmentGateExtensions
{
    /// <summary>Gates the tools and adds the instructions of whatever client is built, for one contact. Safe before and after <c>UseFunctionInvocation</c>.</summary>
    /// <param name="builder">Of the client.</param>
    /// <param name="contactId">A UUID, <c>external_id:…</c> or <c>email:…</c>; null: nobody in particular.</param>
    /// <param name="server">With a key that has the scope gating:read; the <see cref="SegmentEngineClient"/> of the services where none is given.</param>
    /// <param name="configure">Changes how it gates.</param>
    /// <exception cref="InvalidOperationException">While building: no server is given, and the services have none.</exception>
    public static ChatClientBuilder UseSegmentGate(this ChatClientBuilder builder, string? contactId, SegmentEngineClient? server = null, Action<SegmentGateOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SegmentGateOptions();
        configure?.Invoke(options);
        return builder.Use((inner, services) => new SegmentGateChatClient(
            inner, server ?? (SegmentEngineClient?)services.GetService(typeof(SegmentEngineClient)) ?? throw new InvalidOperationException($"no {nameof(SegmentEngineClient)}: give one, or add one to the services"), contactId, options));
    }

    /// <summary>The same tool, which asks each time it is about to run whether the contact may use it, and answers why not where it may not. For tools that are run by something else than a gated client.</summary>
    /// <param name="tool">Named as its action is.</param>
    /// <param name="server">With a key that has the scope gating:read.</param>
    /// <param name="contactId">A UUID, <c>external_id:…</c> or <c>email:…</c>; null: nobody in particular.</param>
    /// <param name="channel">Where the message came in.</param>
    public static AIFunction WithSegmentGate(this AIFunction tool, SegmentEngineClient server, string? contactId, string? channel = null)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(server);
        var gate = new SegmentGate(server, contactId, new() { Channel = channel, WhenUnreachable = WhenUnreachable.WithholdAll });
        return new GatedFunction(tool, gate, gate.Resolve);
    }
}
