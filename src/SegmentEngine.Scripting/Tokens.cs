using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace SegmentEngine.Scripting;

internal enum TokenKind
{
    Name,
    Number,
    Text,
    Sign,
}

internal readonly record struct Token(TokenKind Kind, int Start, int Length)
{
    public int End => Start + Length;

    public TextSpan Span => new(Start, Length);
}

/// <summary>
/// Cuts a text into the tokens that a rule may have, before anything else looks at it: the parser that follows, which knows all of C#, meets nothing but these.
/// Cutting stops at the first character that belongs to none.
/// </summary>
internal sealed partial class Tokens
{
    private static readonly string[] pairs = ["==", "!=", "<=", ">=", "&&", "||"];

    private readonly string text;
    private readonly List<Token> list = [];
    private int at;

    private Tokens(string text) => this.text = text;

    public IReadOnlyList<Token> List => list;

    /// <summary>What stands where cutting stopped; null where it came to the end.</summary>
    public TextFault? Fault { get; private set; }

    /// <summary>Where a text in quotes begins that is never closed.</summary>
    public int? OpenText { get; private set; }

    /// <summary>Whether the end lies in a comment.</summary>
    public bool EndsInComment { get; private set; }

    public static Tokens Of(string text)
    {
        var tokens = new Tokens(text);
        while (tokens.Fault is null && tokens.at < text.Length)
        {
            tokens.Next();
        }

        return tokens;
    }

    /// <summary>Whether a name can be written as it is, with neither quotes nor anything that C# would take for something else.</summary>
    public static bool IsPlainName(string name) =>
        name.Length > 0 && IsNameStart(name[0]) && name.All(IsNamePart) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && SyntaxFacts.GetContextualKeywordKind(name) == SyntaxKind.None;

    /// <summary>Whether all that follows a place is part of one name.</summary>
    public static bool IsWord(string text, int start) => start < text.Length && IsNameStart(text[start]) && text[start..].All(IsNamePart);

    private char Peek(int ahead = 0) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private static bool IsNewLine(char c) => c is '\r' or '\n' or '\u0085' or '\u2028' or '\u2029';

    private static bool IsNameStart(char c) => c == '_' || char.IsLetter(c) || char.GetUnicodeCategory(c) == UnicodeCategory.LetterNumber;

    private static bool IsNamePart(char c) =>
        IsNameStart(c) || char.GetUnicodeCategory(c) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;

    private void Next()
    {
        EndsInComment = false;
        var c = Peek();
        if (char.IsWhiteSpace(c))
        {
            at++;
        }
        else if (c == '/' && Peek(1) is '/' or '*')
        {
            Comment();
        }
        else if (c == '"')
        {
            Quoted();
        }
        else if (c == '@' && Peek(1) == '"')
        {
            Verbatim();
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            Number();
        }
        else if (IsNameStart(c))
        {
            Name();
        }
        else
        {
            Sign();
        }
    }

    private void Add(TokenKind kind, int end)
    {
        list.Add(new(kind, at, end - at));
        at = end;
    }

    private void Refuse(int length, string message, string? suggestion = null, string code = "syntax") => Fault = new(new(at, length), code, message, suggestion);

    private void Comment()
    {
        var start = at;
        if (Peek(1) == '*')
        {
            var end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
            if (end < 0)
            {
                EndsInComment = true;
                Refuse(2, "this comment is never closed", "`*/` at its end");
                return;
            }

            at = end + 2;
            return;
        }

        while (at < text.Length && !IsNewLine(text[at]))
        {
            at++;
        }

        EndsInComment = at == text.Length && at > start;
    }

    private void Quoted()
    {
        var quotes = QuotesAt(at);
        if (quotes == 2)
        {
            Closed(at + 2);
            return;
        }

        if (quotes >= 3)
        {
            Raw(quotes);
            return;
        }

        for (var i = at + 1; i < text.Length && !IsNewLine(text[i]); i++)
        {
            if (text[i] == '"')
            {
                Closed(i + 1);
                return;
            }

            if (text[i] == '\\')
            {
                i++;
            }
        }

        Unclosed();
    }

    private void Verbatim()
    {
        for (var i = at + 2; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                if (i + 1 >= text.Length || text[i + 1] != '"')
                {
                    Closed(i + 1);
                    return;
                }

                i++;
            }
        }

        Unclosed();
    }

    /// <summary>Three quotes or more: no escapes, and closed by as many.</summary>
    private void Raw(int quotes)
    {
        var first = at + quotes;
        while (first < text.Length && char.IsWhiteSpace(text[first]) && !IsNewLine(text[first]))
        {
            first++;
        }

        var ofLines = first < text.Length && IsNewLine(text[first]);
        for (var i = at + quotes; i < text.Length; i++)
        {
            if (IsNewLine(text[i]) && !ofLines)
            {
                break;
            }

            if (text[i] == '"' && QuotesAt(i) is var run && run >= quotes)
            {
                if (run > quotes || (ofLines && !StartsItsLine(i)))
                {
                    Refuse(i + run - at, $"a text that begins with {quotes} quotes ends with as many{(ofLines ? ", on a line of their own" : "")}");
                    return;
                }

                Closed(i + run);
                return;
            }
            else if (text[i] == '"')
            {
                i += QuotesAt(i) - 1;
            }
        }

        Unclosed();
    }

    private bool StartsItsLine(int quote)
    {
        var i = quote - 1;
        while (i >= 0 && char.IsWhiteSpace(text[i]) && !IsNewLine(text[i]))
        {
            i--;
        }

        return i >= 0 && IsNewLine(text[i]);
    }

    private int QuotesAt(int start)
    {
        var end = start;
        while (end < text.Length && text[end] == '"')
        {
            end++;
        }

        return end - start;
    }

    private void Closed(int end)
    {
        if (end < text.Length && IsNamePart(text[end]))
        {
            Refuse(end + 1 - at, "a text ends with its quote; nothing may stick to it");
            return;
        }

        for (var i = at; i < end; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < end && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                at = i;
                Refuse(1, "half a surrogate pair is no text", code: "wrong_type");
                return;
            }
        }

        Add(TokenKind.Text, end);
    }

    private void Unclosed()
    {
        OpenText = at;
        Refuse(1, "this text is never closed", "`\"` at its end");
    }

    private void Number()
    {
        var end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'
            || (text[end] == '.' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))
            || (text[end] is '+' or '-' && text[end - 1] is 'e' or 'E' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))))
        {
            end++;
        }

        var written = text[at..end];
        if (PlainNumber().IsMatch(written))
        {
            Add(TokenKind.Number, end);
            return;
        }

        var plain = written.Replace("_", "", StringComparison.Ordinal).TrimEnd('m', 'M', 'd', 'D', 'f', 'F', 'l', 'L', 'u', 'U').TrimStart('0');
        plain = plain.Length == 0 || !char.IsAsciiDigit(plain[0]) ? $"0{plain}" : plain;
        Refuse(written.Length, $"`{Shown(written)}` is no number as rules write them: digits, a point, an exponent", PlainNumber().IsMatch(plain) ? $"`{Shown(plain)}`" : null);
    }

    private void Name()
    {
        var end = at;
        while (end < text.Length && IsNamePart(text[end]))
        {
            end++;
        }

        var name = text[at..end];
        if (name is not ("is" or "true" or "false" or "null") && SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None)
        {
            Refuse(name.Length, $"`{name}` is a word of C#; a trait of that name is written Trait(\"{name}\")", $"`Trait(\"{name}\")`");
            return;
        }

        Add(TokenKind.Name, end);
    }

    private void Sign()
    {
        var c = Peek();
        if (Array.Exists(pairs, pair => string.CompareOrdinal(text, at, pair, 0, 2) == 0))
        {
            if (Peek(2) == '=')
            {
                Refuse(3, $"`{text.Substring(at, 3)}` is no operator", $"`{text.Substring(at, 2)}`");
                return;
            }

            Add(TokenKind.Sign, at + 2);
            return;
        }

        switch (c)
        {
            case '-' when Peek(1) is '-' or '=' or '>':
            case '.' when Peek(1) is '.':
            case ':' when Peek(1) is ':':
            case '<' or '>' when Peek(1) == c:
                Refuse(2, $"`{text.Substring(at, 2)}` is not part of a rule");
                break;
            case '<' when Peek(1) == '>':
                Refuse(2, "`<>` is no operator", "`!=`");
                break;
            case '(' or ')' or '[' or ']' or ',' or '.' or ':' or '-' or '!' or '<' or '>':
                Add(TokenKind.Sign, at + 1);
                break;
            case '=':
                Refuse(Peek(1) == '>' ? 2 : 1, Peek(1) == '>' ? "`=>` is not part of a rule: a rule holds no functions" : "a single `=` compares nothing", Peek(1) == '>' ? null : "`==`");
                break;
            case '&' or '|':
                Refuse(1, $"a single `{c}` joins no conditions", $"`{c}{c}`");
                break;
            case '\'' or '‘' or '’' or '“' or '”' or '„' or '`':
                Refuse(1, "texts stand in straight double quotes", "`\"`");
                break;
            case ';':
                Refuse(1, "a rule is one condition, with no `;`");
                break;
            case '{' or '}':
                Refuse(1, $"`{c}` is not part of a rule: a rule is one condition, with no statements");
                break;
            case '$':
                Refuse(1, "a text in a rule is constant: `$` has no place before it");
                break;
            case '#':
                Refuse(1, "`#` is not part of a rule: it has no directives");
                break;
            case '@':
                Refuse(1, "`@` is not part of a rule; a name that is a word of C# is written Trait(\"…\")");
                break;
            default:
                var length = char.IsHighSurrogate(c) && char.IsLowSurrogate(Peek(1)) ? 2 : 1;
                Refuse(length, char.IsControl(c) || (char.IsSurrogate(c) && length == 1) || char.GetUnicodeCategory(c) is UnicodeCategory.Format
                    ? $"the character U+{(int)c:X4} is not part of a rule; in a text write \\u{(int)c:X4}"
                    : $"`{text.Substring(at, length)}` is not part of a rule; an odd name is written Trait(\"…\")");
                break;
        }
    }

    public static string Shown(string text) => text.Length > 40 ? $"{text[..37]}…" : text;

    [GeneratedRegex(@"^(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainNumber();
}
