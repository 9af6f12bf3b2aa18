using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace SegmentEngine.Scripting;

/// <summary>Parses tokens that are within bounds as a C# expression, and says what is wrong with it in the words of those who write rules.</summary>
internal static partial class SyntaxFaults
{
    private static readonly CSharpParseOptions options = new(LanguageVersion.CSharp13, DocumentationMode.None);

    /// <summary>Numbers are kept as they are written, whatever C# could hold.</summary>
    private static readonly string[] ofNumbers = ["CS0594", "CS1021"];

    public static ExpressionSyntax Parse(SourceText source, IReadOnlyList<Token> tokens, out ImmutableArray<TextFault> faults)
    {
        var text = source.ToString();
        var expression = SyntaxFactory.ParseExpression(text, options: options, consumeFullText: false);
        faults =
        [
            .. expression.GetDiagnostics()
                .Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && !ofNumbers.Contains(diagnostic.Id))
                .OrderBy(static diagnostic => diagnostic.Location.SourceSpan.Start)
                .Select(diagnostic => Told(diagnostic, text, tokens))
                .Concat(tokens.Count > 0 && tokens[^1].Start >= expression.Span.End ? [Unexpected(tokens.Select(static (token, i) => (token, i)).First(each => each.token.Start >= expression.Span.End).i, text, tokens)] : [])
                .DistinctBy(static fault => fault.Span.Start)
                .Take(TextLimits.SyntaxDiagnosticsMax),
        ];
        return expression;
    }

    private static TextFault Told(Diagnostic diagnostic, string text, IReadOnlyList<Token> tokens)
    {
        var span = diagnostic.Location.SourceSpan;
        if (diagnostic.Id == "CS1009")
        {
            return new(span, "syntax", $"`{Tokens.Shown(text.Substring(span.Start, span.Length))}` is no escape; a backslash is written twice", "`\\\\`");
        }

        // The parser names the place after the last good token, or the token it did not expect.
        if (tokens.Count == 0)
        {
            return new(default, "empty", "there is no rule here; everybody is said with AllContacts(), nobody with NoContacts()");
        }

        var place = tokens.Select(static (token, i) => (token, i)).FirstOrDefault(each => each.token.End > span.Start, (token: new(TokenKind.Sign, text.Length, 0), i: tokens.Count));
        if (place.i == tokens.Count)
        {
            return new(tokens[^1].Span, "syntax", $"the rule ends where something more is expected after `{Tokens.Shown(Word(tokens[^1]))}`");
        }

        return Expected().Match(diagnostic.GetMessage(CultureInfo.InvariantCulture)) is { Success: true } expected && expected.Groups["sign"].Value is var sign && sign is "," or ")" or "]" or ":"
            ? new(place.token.Span, "syntax", $"`{sign}` is missing before `{Tokens.Shown(Word(place.token))}`")
            : Unexpected(place.i, text, tokens);

        string Word(Token token) => text.Substring(token.Start, token.Length);
    }

    private static TextFault Unexpected(int i, string text, IReadOnlyList<Token> tokens)
    {
        if (i > 0 && text.AsSpan(tokens[i - 1].Start, tokens[i - 1].Length).SequenceEqual("not"))
        {
            i--;
        }

        var word = text.Substring(tokens[i].Start, tokens[i].Length);
        var before = i > 0 ? $" after `{Tokens.Shown(text.Substring(tokens[i - 1].Start, tokens[i - 1].Length))}`" : "";
        return new(tokens[i].Span, "syntax", $"`{Tokens.Shown(word)}` does not belong here{before}", word switch { "and" => "`&&`", "or" => "`||`", "not" => "`!`", _ => null });
    }

    [GeneratedRegex("(^|, )'?(?<sign>[^' ]+)'? expected$", RegexOptions.CultureInvariant)]
    private static partial Regex Expected();
}
