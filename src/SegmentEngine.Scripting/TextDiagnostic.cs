using Microsoft.CodeAnalysis.Text;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>What is wrong with a rule's text, and where.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units, as editors count.</param>
/// <param name="Start">The same place counted from the beginning of the text, from 0.</param>
/// <param name="Length">How many characters it is about.</param>
/// <param name="Diagnostic">What is wrong; its path is that of the rule's JSON.</param>
public sealed record TextDiagnostic(int Line, int Column, int Start, int Length, RuleDiagnostic Diagnostic)
{
    internal static TextDiagnostic At(SourceText text, TextSpan span, RuleDiagnostic diagnostic)
    {
        var place = text.Lines.GetLinePosition(Math.Min(span.Start, text.Length));
        return new(place.Line + 1, place.Character + 1, span.Start, span.Length, diagnostic);
    }

    public override string ToString() =>
        $"{Line}:{Column}: {Diagnostic.Message}{(Diagnostic.Suggestion is null ? "" : $" (did you mean {Diagnostic.Suggestion}?)")} [{Diagnostic.Code}]";
}
