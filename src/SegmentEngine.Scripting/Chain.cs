using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace SegmentEngine.Scripting;

/// <summary>A call in a row of calls: <c>.Last(30.Days())</c>.</summary>
internal sealed record Call(string Name, TextSpan NameSpan, SeparatedSyntaxList<ArgumentSyntax> Arguments, TextSpan Span);

/// <summary>What a row of names and calls begins with, and the calls that follow: <c>Event("order")</c>, <c>.Last(30.Days())</c>, <c>.Count()</c>.</summary>
/// <param name="Path">The name it begins with, dots and all; null where it begins with a function or a number.</param>
/// <param name="Function">The function it begins with; null where it begins with a name or a number.</param>
/// <param name="Number">The number it begins with.</param>
/// <param name="RootSpan">The place of what it begins with.</param>
/// <param name="Calls">In order.</param>
/// <param name="Span">The place of it all.</param>
internal sealed record Chain(string? Path, Call? Function, string? Number, TextSpan RootSpan, IReadOnlyList<Call> Calls, TextSpan Span)
{
    /// <summary>Null where the expression is no such row.</summary>
    public static Chain? Of(ExpressionSyntax expression)
    {
        var whole = expression.Span;
        var calls = new List<Call>();
        while (true)
        {
            switch (expression)
            {
                case ParenthesizedExpressionSyntax inner:
                    expression = inner.Expression;
                    break;
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } access } call when access.IsKind(SyntaxKind.SimpleMemberAccessExpression):
                    calls.Add(new(name.Identifier.ValueText, name.Span, call.ArgumentList.Arguments, TextSpan.FromBounds(name.SpanStart, call.Span.End)));
                    expression = access.Expression;
                    break;
                case InvocationExpressionSyntax { Expression: IdentifierNameSyntax function } call:
                    return Made(null, new(function.Identifier.ValueText, function.Span, call.ArgumentList.Arguments, call.Span), null);
                case LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } number:
                    return Made(null, null, number.Token.Text);
                default:
                    return PathOf(expression) is { } path ? Made(path, null, null) : null;
            }
        }

        Chain Made(string? path, Call? function, string? number)
        {
            calls.Reverse();
            return new(path, function, number, expression.Span, calls, whole);
        }
    }

    private static string? PathOf(ExpressionSyntax expression)
    {
        var names = new List<string>();
        while (expression is MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } access && access.IsKind(SyntaxKind.SimpleMemberAccessExpression))
        {
            names.Add(name.Identifier.ValueText);
            expression = access.Expression;
        }

        if (expression is not IdentifierNameSyntax first)
        {
            return null;
        }

        names.Add(first.Identifier.ValueText);
        names.Reverse();
        return string.Join('.', names);
    }
}
