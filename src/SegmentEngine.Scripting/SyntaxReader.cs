using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>
/// Makes a rule's JSON of a C# expression. Every kind of syntax that a rule may have is named here or in what it calls; any other is a fault. Whether the JSON is a good rule is not decided here.
/// </summary>
internal sealed partial class SyntaxReader
{
    private readonly List<TextFault> faults = [];

    /// <summary>All that was found, in the order of the text.</summary>
    public IReadOnlyCollection<TextFault> Faults => [.. faults.OrderBy(static fault => fault.Span.Start)];

    /// <summary>A whole rule: alternatives of conditions, as the API has it, also where there is only one of either; or the tree that <c>Tree(…)</c> holds, as it is.</summary>
    public Draft Read(ExpressionSyntax expression)
    {
        expression = Bare(expression);
        if (expression is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: var name } } call && name == Vocabulary.Tree.Name)
        {
            return Arguments(call.ArgumentList.Arguments, 1, call.Span, Vocabulary.Tree.Form) is [var tree] ? Node(tree, ofEvent: false) : new Draft.Broken(call.Span);
        }

        return new Draft.Fields(expression.Span).With("or", new Draft.List(expression.Span, Of(expression, SyntaxKind.LogicalOrExpression, "Any").Select(Alternative)));

        Draft Alternative(ExpressionSyntax part)
        {
            part = Bare(part);
            return List("and", Of(part, SyntaxKind.LogicalAndExpression, "All"), part.Span, ofEvent: false);
        }

        static IReadOnlyList<ExpressionSyntax> Of(ExpressionSyntax expression, SyntaxKind kind, string function) => expression switch
        {
            BinaryExpressionSyntax joined when joined.IsKind(kind) => Parts(joined),
            InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: var called }, ArgumentList.Arguments: { Count: > 0 } given } when called == function && given.All(static each => each.NameColon is null) =>
                [.. given.Select(static each => each.Expression)],
            _ => [expression],
        };
    }

    private static ExpressionSyntax Bare(ExpressionSyntax expression)
    {
        while (expression is ParenthesizedExpressionSyntax inner)
        {
            expression = inner.Expression;
        }

        return expression;
    }

    private Draft.Broken Refuse(TextSpan span, string code, string message, string? suggestion = null)
    {
        faults.Add(new(span, code, message, suggestion));
        return new(span);
    }

    private Draft Node(ExpressionSyntax expression, bool ofEvent)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return Refuse(expression.Span, "too_deep", "the rule is nested too deep here to be read on this thread");
        }

        expression = Bare(expression);
        return expression switch
        {
            BinaryExpressionSyntax joined when joined.Kind() is SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression => Joined(joined, ofEvent),
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => new Draft.Fields(not.Span).With("not", Node(not.Operand, ofEvent)),
            _ => Condition(expression, ofEvent),
        };
    }

    /// <summary><c>a &amp;&amp; b &amp;&amp; c</c> is one list; what stands in parentheses stays a list of its own.</summary>
    private Draft.Fields Joined(BinaryExpressionSyntax joined, bool ofEvent) =>
        List(joined.IsKind(SyntaxKind.LogicalAndExpression) ? "and" : "or", Parts(joined), joined.Span, ofEvent);

    private static List<ExpressionSyntax> Parts(BinaryExpressionSyntax joined)
    {
        var kind = joined.Kind();
        var parts = new List<ExpressionSyntax>();
        ExpressionSyntax left = joined;
        while (left is BinaryExpressionSyntax binary && binary.IsKind(kind))
        {
            parts.Add(binary.Right);
            left = binary.Left;
        }

        parts.Add(left);
        parts.Reverse();
        return parts;
    }

    private Draft.Fields List(string field, IEnumerable<ExpressionSyntax> parts, TextSpan span, bool ofEvent) =>
        new Draft.Fields(span).With(field, new Draft.List(span, parts.Select(part => Node(part, ofEvent))));

    /// <summary>A leaf, with the options that follow it.</summary>
    private Draft Condition(ExpressionSyntax expression, bool ofEvent)
    {
        var found = faults.Count;
        var options = new Draft.Fields(expression.Span);
        var whole = expression;
        while (expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "With" } with } call && with.IsKind(SyntaxKind.SimpleMemberAccessExpression))
        {
            Options(options, call.ArgumentList.Arguments);
            expression = Bare(with.Expression);
            if (expression is PrefixUnaryExpressionSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression })
            {
                return Refuse(with.Name.Span, "misplaced", "options belong to a single condition; a label for several goes with Group(…)");
            }
        }

        var leaf = expression switch
        {
            BinaryExpressionSyntax binary => Comparison(binary, ofEvent),
            IsPatternExpressionSyntax pattern => Pattern(pattern, ofEvent),
            BinaryExpressionSyntax or InvocationExpressionSyntax or MemberAccessExpressionSyntax or IdentifierNameSyntax => Chain.Of(expression) is { } chain ? Leaf(chain, ofEvent) : NotARule(expression),
            _ => NotARule(expression),
        };
        if (faults.Count > found || leaf is not Draft.Fields fields)
        {
            return new Draft.Broken(whole.Span);
        }

        return new Draft.Fields(whole.Span).With(fields).With(options);
    }

    private Draft.Broken NotARule(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.TrueLiteralExpression } => Refuse(expression.Span, "wrong_shape", "`true` alone is no condition; everybody is said with AllContacts()", "`AllContacts()`"),
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.FalseLiteralExpression } => Refuse(expression.Span, "wrong_shape", "`false` alone is no condition; nobody is said with NoContacts()", "`NoContacts()`"),
        LiteralExpressionSyntax => Refuse(expression.Span, "wrong_shape", "a value alone is no condition"),
        _ => Refuse(expression.Span, "syntax", $"`{Tokens.Shown(expression.ToString())}` is not part of the rule language"),
    };

    private void Options(Draft.Fields options, SeparatedSyntaxList<ArgumentSyntax> arguments)
    {
        foreach (var argument in arguments)
        {
            if (argument.NameColon is not { } colon)
            {
                Refuse(argument.Span, "unknown_option", $"options are named: {Vocabulary.With.Form}");
            }
            else if (!Vocabulary.Options.TryGetValue(colon.Name.Identifier.ValueText, out var option))
            {
                Refuse(colon.Name.Span, "unknown_option", $"`{colon.Name.Identifier.ValueText}` is no option; there are {string.Join(", ", Vocabulary.Options.Values.Select(static each => each.Word.Name).Order(StringComparer.Ordinal))}",
                    RuleNames.Nearest(colon.Name.Identifier.ValueText, Vocabulary.Options.Keys));
            }
            else if (options.Has(option.Field))
            {
                Refuse(argument.Span, "duplicate_field", $"`{option.Word.Name}` is written more than once");
            }
            else
            {
                options.With(option.Field, Value(argument.Expression));
            }
        }
    }

    private Draft Comparison(BinaryExpressionSyntax binary, bool ofEvent)
    {
        TraitOperator? op = binary.Kind() switch
        {
            SyntaxKind.EqualsExpression => TraitOperator.Eq,
            SyntaxKind.NotEqualsExpression => TraitOperator.Neq,
            SyntaxKind.LessThanExpression => TraitOperator.Lt,
            SyntaxKind.LessThanOrEqualExpression => TraitOperator.Lte,
            SyntaxKind.GreaterThanExpression => TraitOperator.Gt,
            SyntaxKind.GreaterThanOrEqualExpression => TraitOperator.Gte,
            _ => null,
        };
        if (op is not { } comparison)
        {
            return binary.IsKind(SyntaxKind.IsExpression)
                ? Refuse(binary.Right.Span, "wrong_operand", $"`is` is followed by values, not by the name `{Tokens.Shown(binary.Right.ToString())}`; texts stand in quotes", $"`\"{Tokens.Shown(binary.Right.ToString())}\"`")
                : Refuse(binary.OperatorToken.Span, "unknown_operator", $"`{binary.OperatorToken.ValueText}` is no operator of rules");
        }

        var left = Bare(binary.Left);
        if (left is LiteralExpressionSyntax or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryMinusExpression })
        {
            var turned = comparison switch { TraitOperator.Lt => ">", TraitOperator.Lte => ">=", TraitOperator.Gt => "<", TraitOperator.Gte => "<=", _ => binary.OperatorToken.ValueText };
            return Refuse(binary.Span, "wrong_shape", "the name comes first, then the value", $"`{Tokens.Shown(binary.Right.ToString())} {turned} {Tokens.Shown(left.ToString())}`");
        }

        if (left is BinaryExpressionSyntax or IsPatternExpressionSyntax || Chain.Of(left) is not { } chain)
        {
            return left is BinaryExpressionSyntax { OperatorToken.ValueText: "==" or "!=" or "<" or "<=" or ">" or ">=" }
                ? Refuse(binary.OperatorToken.Span, "wrong_shape", "one comparison at a time: `a < 5 && a > 1`, or `.Between(1, 5)`")
                : NotARule(left);
        }

        return Compared(chain, comparison, binary, ofEvent);
    }

    /// <summary><c>plan is "a" or "b"</c> and <c>plan is not ("a" or "b")</c>.</summary>
    private Draft Pattern(IsPatternExpressionSyntax expression, bool ofEvent)
    {
        var pattern = expression.Pattern;
        var negated = pattern is UnaryPatternSyntax;
        if (Chain.Of(expression.Expression) is not { } chain)
        {
            return NotARule(expression.Expression);
        }

        if (SubjectOf(chain, ofEvent) is not { } subject)
        {
            return new Draft.Broken(expression.Span);
        }

        if (chain.Calls.Count > 0)
        {
            return Refuse(chain.Calls[0].NameSpan, "wrong_shape", "`is` follows a name, and nothing else");
        }

        while (pattern is ParenthesizedPatternSyntax or UnaryPatternSyntax)
        {
            pattern = pattern is UnaryPatternSyntax not ? not.Pattern : ((ParenthesizedPatternSyntax)pattern).Pattern;
            if (pattern is UnaryPatternSyntax)
            {
                return Refuse(pattern.Span, "syntax", "one `not` is enough");
            }
        }

        var values = new List<Draft>();
        var left = pattern;
        while (left is BinaryPatternSyntax { RawKind: (int)SyntaxKind.OrPattern } or)
        {
            values.Add(PatternValue(or.Right));
            left = or.Left;
        }

        if (left is UnaryPatternSyntax lone && values.Count > 0)
        {
            return Refuse(lone.Span, "wrong_shape", "this `not` reaches only as far as the first value", "`is not (… or …)`");
        }

        if (values.Count == 0 && left is ConstantPatternSyntax { Expression: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NullLiteralExpression } } absent)
        {
            return Refuse(absent.Span, "wrong_operand", "what is not there is asked for with .IsNotSet()", negated ? "`.IsSet()`" : "`.IsNotSet()`");
        }

        values.Add(PatternValue(left));
        values.Reverse();
        return subject.With("op", negated ? "not_in" : "in", expression.IsKeyword.Span).With("values", new Draft.List(expression.Pattern.Span, values));
    }

    private Draft PatternValue(PatternSyntax pattern)
    {
        while (pattern is ParenthesizedPatternSyntax inner)
        {
            pattern = inner.Pattern;
        }

        return pattern switch
        {
            ConstantPatternSyntax constant => Value(constant.Expression),
            RelationalPatternSyntax => Refuse(pattern.Span, "wrong_operand", "after `is` come values; what is greater or less is compared outright, or with .Between(…)"),
            _ => Refuse(pattern.Span, "wrong_operand", $"`{Tokens.Shown(pattern.ToString())}` is no value; write `is \"a\" or \"b\"`"),
        };
    }

    /// <summary>A constant, <c>Step(…)</c> or <c>Json(…)</c>.</summary>
    private Draft Value(ExpressionSyntax expression)
    {
        expression = Bare(expression);
        switch (expression)
        {
            case LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } literal:
                return Text(literal);
            case LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } literal:
                return new Draft.Raw(literal.Span, literal.Token.Text);
            case LiteralExpressionSyntax literal when literal.Token.Text is "true" or "false" or "null":
                return new Draft.Raw(literal.Span, literal.Token.Text);
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryMinusExpression, Operand: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } number } minus:
                return new Draft.Raw(minus.Span, $"-{number.Token.Text}");
            case InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Step" } } step:
                return Step(step);
            case InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Json" } } json:
                return Json(json);
            case IdentifierNameSyntax name:
                return Refuse(name.Span, "wrong_operand", "a value is expected here; texts stand in quotes", $"`\"{Tokens.Shown(name.Identifier.ValueText)}\"`");
            default:
                return Refuse(expression.Span, "wrong_operand", $"a value is expected here, not `{Tokens.Shown(expression.ToString())}`");
        }
    }

    private Draft Text(ExpressionSyntax expression)
    {
        expression = Bare(expression);
        if (expression is not LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } literal)
        {
            return expression is IdentifierNameSyntax name
                ? Refuse(expression.Span, "wrong_operand", "a text in quotes is expected here", $"`\"{Tokens.Shown(name.Identifier.ValueText)}\"`")
                : Refuse(expression.Span, "wrong_operand", $"a text in quotes is expected here, not `{Tokens.Shown(expression.ToString())}`");
        }

        return IsText(literal.Token.ValueText)
            ? new Draft.Text(literal.Span, literal.Token.ValueText)
            : Refuse(literal.Span, "wrong_type", "half a surrogate pair is no text");
    }

    private static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    private Draft Step(InvocationExpressionSyntax call) =>
        Arguments(call.ArgumentList.Arguments, 2, call.Span, Vocabulary.Step.Form) is [var step, var property]
            ? new Draft.Fields(call.Span).With("step", Value(step)).With("property", Text(property))
            : new Draft.Broken(call.Span);

    private Draft Json(InvocationExpressionSyntax call)
    {
        if (Arguments(call.ArgumentList.Arguments, 1, call.Span, Vocabulary.Json.Form) is not [var only])
        {
            return new Draft.Broken(call.Span);
        }

        if (Bare(only) is not LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } literal)
        {
            return Text(only);
        }

        return RuleJson.TryParse(literal.Token.ValueText, out var json, out var refused)
            ? new Draft.Raw(call.Span, json.GetRawText())
            : Refuse(literal.Span, refused!.Code, refused.Message);
    }

    /// <summary>So many arguments without names; reported and null where it is otherwise.</summary>
    private List<ExpressionSyntax>? Arguments(SeparatedSyntaxList<ArgumentSyntax> arguments, int? count, TextSpan span, string form)
    {
        if (arguments.FirstOrDefault(static argument => argument.NameColon is not null) is { } named)
        {
            Refuse(named.Span, "wrong_operand", $"nothing is named here: {form}");
            return null;
        }

        if (count is null ? arguments.Count == 0 : arguments.Count != count)
        {
            Refuse(span, "wrong_operand", $"it is written {form}");
            return null;
        }

        return [.. arguments.Select(static argument => argument.Expression)];
    }
}
