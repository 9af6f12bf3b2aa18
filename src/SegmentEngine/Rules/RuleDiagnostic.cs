namespace SegmentEngine.Rules;

public enum DiagnosticSeverity
{
    /// <summary>The rule is refused.</summary>
    Error,

    /// <summary>The rule is taken, but may not say what its author means.</summary>
    Warning,
}

/// <summary>What is wrong with a rule, where, and what might help.</summary>
/// <param name="Path">A JSON path into the definition, such as <c>$.or[0].and[2].value</c>.</param>
/// <param name="Code">A stable word for programs, such as <c>unknown_operator</c>.</param>
/// <param name="Severity">Whether the rule is refused for it.</param>
/// <param name="Message">A sentence in the author's words, without a final stop.</param>
/// <param name="Suggestion">What to write instead, where that is known.</param>
public sealed record RuleDiagnostic(string Path, string Code, DiagnosticSeverity Severity, string Message, string? Suggestion = null)
{
    public override string ToString() => $"{Path}: {Message}{(Suggestion is null ? "" : $" (did you mean {Suggestion}?)")} [{Code}]";
}
