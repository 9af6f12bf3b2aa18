using System.Collections.Immutable;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

/// <summary>A rule in another product's form.</summary>
/// <param name="Json">The whole rule; what the form cannot say is in it under our own name, so that nobody takes it for something else.</param>
/// <param name="Diagnostics">What it cannot say, each with its path in our rule.</param>
public sealed record RuleExport(string Json, ImmutableArray<RuleDiagnostic> Diagnostics);
