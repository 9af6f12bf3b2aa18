using Microsoft.Extensions.AI;

namespace SegmentEngine.Agents;

/// <summary>A tool that asks, each time it is about to run, whether it may. Where it may not, its answer says so and nothing is run.</summary>
internal sealed class GatedFunction(AIFunction tool, SegmentGate gate, Func<CancellationToken, Task<GatedContext?>> context) : DelegatingAIFunction(tool)
{
    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await gate.WhyNot(Name, await context(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false) is { } refused
            ? refused
            : await base.InvokeCoreAsync(arguments, cancellationToken).ConfigureAwait(false);
}
