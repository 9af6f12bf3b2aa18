using Microsoft.Extensions.AI;
using SegmentEngine.Client;

namespace SegmentEngine.Agents;

/// <summary>What becomes of a message while the server of segments cannot be asked.</summary>
public enum WhenUnreachable
{
    /// <summary>The fault goes to whoever sent the message.</summary>
    Throw,

    /// <summary>The model answers without any of the tools that are gated, and without instructions.</summary>
    WithholdAll,
}

/// <summary>How <see cref="SegmentGate"/> gates.</summary>
public sealed class SegmentGateOptions
{
    /// <summary>Where messages come in, such as <c>web</c>. Null: what is restricted to channels is withheld.</summary>
    public string? Channel { get; set; }

    /// <summary>Names of tools that everybody may use and that are no action on the server. Any other tool without an action of its name is withheld: nobody has said for whom it is.</summary>
    public ISet<string> UngatedTools { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>What becomes of a message while the server cannot be asked. A call of a tool is refused in either case.</summary>
    public WhenUnreachable WhenUnreachable { get; set; } = WhenUnreachable.Throw;

    /// <summary>Whether the instructions for the contact are added to those of the request.</summary>
    public bool AddInstructions { get; set; } = true;

    /// <summary>Called for each message with what was withheld from it, and why.</summary>
    public Action<GateAnswer>? OnResolved { get; set; }

    /// <summary>The contact of a request, where it is not the same for all requests of a client. It goes before the contact that the client was made for.</summary>
    public Func<IEnumerable<ChatMessage>, ChatOptions?, string?>? Contact { get; set; }
}
