using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>
/// Holds tokens against what a rule can be: brackets that match, and nothing nested or chained without end. It walks along the list and calls nothing again,
/// so that a text of any shape is refused at the cost of its length; whatever parses recursively comes after.
/// </summary>
internal static class TokenBounds
{
    private static readonly string[] callsAsValue = ["Step", "Json"];

    public static TextFault? FirstBroken(string text, IReadOnlyList<Token> tokens)
    {
        var open = new Stack<(Token Token, int Dots, int Commas)>();
        var (prefixes, joined, dots, commas, alternatives, compared) = (0, 0, 0, 0, 0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (i == TextLimits.TokensMax)
            {
                return new(token.Span, "too_large", $"the rule has more than {TextLimits.TokensMax} names, values and signs; a long list of values belongs in a static list");
            }

            var word = Word(i);
            prefixes = word is "!" or "-" or "not" ? prefixes + 1 : 0;
            if (prefixes > TextLimits.PrefixesMax)
            {
                return TooDeep(token);
            }

            if (word is "(" or ")" or "[" or "]" or "," or "&&" or "||")
            {
                (alternatives, compared) = (0, 0);
            }

            switch (word)
            {
                case "[" when i > 0 && Word(i - 1) is not ("(" or ","):
                    return new(token.Span, "syntax", "a name is followed by no brackets: a path never leads into a list");
                case "(" or "[":
                    open.Push((token, dots, commas));
                    (dots, commas) = (0, 0);
                    if (open.Count > TextLimits.NestingMax)
                    {
                        return TooDeep(token);
                    }

                    break;
                case ")" or "]":
                    if (!open.TryPop(out var opened) || (text[opened.Token.Start] == '(') != (word == ")"))
                    {
                        return new(token.Span, "syntax", $"this `{word}` closes nothing");
                    }

                    (dots, commas) = (opened.Dots, opened.Commas);
                    break;
                case "," when ++commas > Limits.ValuesMax:
                case "or" when ++alternatives > Limits.ValuesMax:
                    return new(token.Span, "too_many_values", $"more than {Limits.ValuesMax} values follow one another by here; at most {Limits.ValuesMax} are allowed");
                case "==" or "!=" or "<" or "<=" or ">" or ">=" or "is" when ++compared > TextLimits.ComparedMax:
                    return new(token.Span, "wrong_shape", "one comparison at a time: `a < 5 && a > 1`, or `.Between(1, 5)`");
                case "&&" or "||" when ++joined > TextLimits.JoinedMax:
                    return new(token.Span, "too_many_conditions", $"more than {TextLimits.JoinedMax} conditions are joined by here; a rule has at most {Limits.LeavesMax}");
                case "." when ++dots > TextLimits.DotsMax:
                    return new(token.Span, "too_deep", $"more than {TextLimits.DotsMax} names and calls follow one another here");
                case "<" when i + 1 < tokens.Count && !IsValue(i + 1):
                    return new(tokens[i + 1].Span, "wrong_operand", "on the right of `<` stands a value: a number, a text in quotes, a length of time");
                case "," or "&&" or "||":
                    dots = 0;
                    break;
            }
        }

        return open.TryPop(out var left) ? new(left.Token.Span, "syntax", $"this `{text[left.Token.Start]}` is never closed") : null;

        // The parser would try to read `a < b` as a generic name, over and over.
        bool IsValue(int i) => tokens[i].Kind switch
        {
            TokenKind.Name => Word(i) is "true" or "false" or "null" || (callsAsValue.Contains(Word(i)) && i + 1 < tokens.Count && Word(i + 1) == "("),
            TokenKind.Sign => Word(i) == "-",
            _ => true,
        };

        string Word(int i) => tokens[i].Kind is TokenKind.Name or TokenKind.Sign ? text.Substring(tokens[i].Start, tokens[i].Length) : "";
    }

    private static TextFault TooDeep(Token token) => new(token.Span, "too_deep", $"the rule is nested too deep here; it has at most {Limits.DepthMax} levels");
}
