using System.Collections.Immutable;
using System.Text;

using Microsoft.CodeAnalysis.Text;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>
/// The text form of rules, both ways: one C# expression. It is parsed, never compiled and never run; what is not on the list of what a rule may say is refused.
/// Reading makes the same tree as <see cref="RuleJson"/>, and all that a rule means is decided there. A text without <c>Tree(…)</c> is alternatives of conditions, the shape that the API has.
/// </summary>
public static class RuleText
{
    /// <summary>What a file that holds a rule's text ends with.</summary>
    public const string Extension = ".rule";

    /// <summary>Reads a rule. Never throws on what the text holds.</summary>
    public static RuleTextReading Read(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > TextLimits.BytesMax)
        {
            return RuleTextReading.Refused(SourceText.From(""), new TextFault(default, "too_large", $"the rule is larger than {TextLimits.BytesMax / 1024} KiB"));
        }

        // A byte order mark says nothing, and keeps its place.
        var source = SourceText.From(text.StartsWith('\uFEFF') ? $" {text[1..]}" : text);
        var tokens = Tokens.Of(source.ToString());
        if ((tokens.Fault ?? TokenBounds.FirstBroken(source.ToString(), tokens.List)) is { } fault)
        {
            return RuleTextReading.Refused(source, fault);
        }

        var expression = SyntaxFaults.Parse(source, tokens.List, out var faults);
        if (!faults.IsEmpty)
        {
            return RuleTextReading.Refused(source, [.. faults]);
        }

        var reader = new SyntaxReader();
        return RuleTextReading.Of(source, reader.Read(expression), reader.Faults);
    }

    /// <summary>Reads a rule and holds it against a schema.</summary>
    public static RuleTextCheck Check(string text, RuleContext context)
    {
        var reading = Read(text);
        var check = RuleChecker.Check(reading.Rule, context);
        return new(check.Rule, [.. check.Diagnostics.Select(reading.Locate)]);
    }

    /// <summary>Prints a rule, in lines where one would be long; reading it back gives the same rule.</summary>
    public static string Print(Condition rule) => RulePrinter.Print(rule);

    /// <summary>Prints a condition as it stands within a rule.</summary>
    public static string PrintPart(Condition condition) => RulePrinter.PrintPart(condition);
}

/// <summary>What checking a text gave.</summary>
/// <param name="Rule">Null where a diagnostic is an error.</param>
/// <param name="Diagnostics">Everything found, each with its place in the text.</param>
public sealed record RuleTextCheck(CheckedRule? Rule, ImmutableArray<TextDiagnostic> Diagnostics);

/// <summary>A rule read from text, and where in the text each part of it stands.</summary>
public sealed class RuleTextReading
{
    private readonly SourceText text;
    private readonly IReadOnlyDictionary<string, (TextSpan Span, bool IsBroken)> places;
    private readonly Dictionary<RuleDiagnostic, TextSpan> faults = new(ReferenceEqualityComparer.Instance);

    private RuleTextReading(SourceText text, IReadOnlyDictionary<string, (TextSpan Span, bool IsBroken)> places, IEnumerable<(RuleDiagnostic Diagnostic, TextSpan Span)> found, RuleReading reading)
    {
        this.text = text;
        this.places = places;
        foreach (var (diagnostic, span) in found)
        {
            faults.Add(diagnostic, span);
        }

        Rule = new(reading.Condition, [.. faults.Keys, .. reading.Diagnostics]);
    }

    /// <summary>The rule as far as it could be read; its diagnostics have JSON paths. It can be checked as any other.</summary>
    public RuleReading Rule { get; }

    /// <summary>Everything that was wrong with the shape of the rule, each with its place in the text.</summary>
    public ImmutableArray<TextDiagnostic> Diagnostics => [.. Rule.Diagnostics.Select(Locate)];

    /// <summary>Where in the text a diagnostic of this rule belongs, be it from reading or from checking: its own place, or that of the nearest condition around it.</summary>
    public TextDiagnostic Locate(RuleDiagnostic diagnostic)
    {
        if (faults.TryGetValue(diagnostic, out var span))
        {
            return TextDiagnostic.At(text, span, diagnostic);
        }

        for (var path = diagnostic.Path; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))])
        {
            if (places.TryGetValue(path, out var place))
            {
                return TextDiagnostic.At(text, place.Span, diagnostic);
            }
        }

        return TextDiagnostic.At(text, default, diagnostic);
    }

    internal static RuleTextReading Refused(SourceText text, params ReadOnlySpan<TextFault> faults)
    {
        var found = new List<(RuleDiagnostic, TextSpan)>();
        foreach (var fault in faults)
        {
            found.Add((fault.At("$"), fault.Span));
        }

        return new(text, new Dictionary<string, (TextSpan, bool)>(), found, new(null, []));
    }

    internal static RuleTextReading Of(SourceText text, Draft rule, IReadOnlyCollection<TextFault> faults)
    {
        var json = rule.ToJson(out var places);
        var reading = RuleJson.TryParse(json, out var element, out var refused) ? RuleJson.Read(element) : new(null, [refused!]);

        return new(
            text,
            places,
            faults.Select(fault => (fault.At(Around(fault.Span)), fault.Span)),
            reading with { Diagnostics = reading.Diagnostics.RemoveAll(IsKnown) });

        // Where a fault stands the tree has a null, which is no condition; that is known already.
        bool IsKnown(RuleDiagnostic diagnostic) => places.TryGetValue(diagnostic.Path, out var place) && place.IsBroken && faults.Any(fault => place.Span.IntersectsWith(fault.Span));

        string Around(TextSpan span) =>
            places.Where(place => place.Value.Span.Contains(span)).OrderBy(static place => place.Value.Span.Length).ThenBy(static place => place.Key.Length).Select(static place => place.Key).FirstOrDefault("$");
    }
}

/// <summary>Something in the text that is no rule.</summary>
internal sealed record TextFault(TextSpan Span, string Code, string Message, string? Suggestion = null)
{
    public RuleDiagnostic At(string path) => new(path, Code, DiagnosticSeverity.Error, Message, Suggestion);
}
