using System.Collections.Frozen;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

internal sealed partial class SyntaxReader
{
    /// <summary>A condition that is a row of calls, compared with nothing.</summary>
    private Draft Leaf(Chain chain, bool ofEvent)
    {
        if (chain.Function is { } function && function.Name != Vocabulary.Trait.Name && function.Name != Vocabulary.Property.Name)
        {
            return Vocabulary.Events.ContainsKey(function.Name) ? OfEvents(chain, function, null, null) : OfFunction(chain, function, ofEvent);
        }

        if (chain.Number is not null)
        {
            return Refuse(chain.Span, "wrong_shape", "a value alone is no condition");
        }

        if (SubjectOf(chain, ofEvent) is not { } subject)
        {
            return new Draft.Broken(chain.Span);
        }

        if (chain.Calls is not [var call])
        {
            return chain.Calls.Count == 0
                ? Refuse(chain.Span, "wrong_shape", $"`{Tokens.Shown(Name(chain))}` alone is no condition; compare it, or ask whether it is there", $"`{Tokens.Shown(Name(chain))} == true`")
                : Refuse(chain.Calls[1].NameSpan, "wrong_shape", $"after `.{chain.Calls[0].Name}(…)` nothing more is asked");
        }

        return call.Name is "HasBeen"
            ? Refuse(call.NameSpan, "wrong_shape", $"say for how long: {Vocabulary.Operators[call.Name].Form}, or `<`")
            : Asked(chain, subject, call, ofEvent);
    }

    private static string Name(Chain chain) => chain.Path ?? chain.Function!.Name;

    /// <summary>The trait or property that a row of calls begins with, as the first fields of its leaf.</summary>
    private Draft.Fields? SubjectOf(Chain chain, bool ofEvent)
    {
        if (chain.Path is { } path)
        {
            return Named(ofEvent ? "property" : "trait", new Draft.Text(chain.RootSpan, path));
        }

        if (chain.Function is not { } function)
        {
            Refuse(chain.RootSpan, "wrong_shape", "a condition begins with a name, not with a number");
            return null;
        }

        if (function.Name != Vocabulary.Trait.Name && function.Name != Vocabulary.Property.Name)
        {
            if (Vocabulary.Functions.ContainsKey(function.Name) || Vocabulary.Events.ContainsKey(function.Name))
            {
                Refuse(function.NameSpan, "wrong_shape", $"`{function.Name}(…)` is a condition by itself, and not compared");
            }
            else
            {
                Unknown(function, [.. Vocabulary.Functions.Keys, .. Vocabulary.Events.Keys, Vocabulary.Trait.Name, Vocabulary.Property.Name], "function");
            }

            return null;
        }

        return Arguments(function.Arguments, 1, function.Span, (function.Name == Vocabulary.Trait.Name ? Vocabulary.Trait : Vocabulary.Property).Form) is [var name]
            ? Named(function.Name == Vocabulary.Trait.Name ? "trait" : "property", Text(name))
            : null;

        Draft.Fields Named(string kind, Draft name) => new Draft.Fields(chain.Span).With("type", kind, chain.RootSpan).With(kind, name);
    }

    /// <summary>The same fields as a leaf of dates, or of the age of a trait; a property stays a property.</summary>
    private static Draft.Fields Retyped(Chain chain, Draft.Fields subject, string type) =>
        subject.Has("property") ? subject : new Draft.Fields(chain.Span).With("type", type, chain.RootSpan).With(subject, except: "type");

    private Draft.Broken Unknown(Call call, IEnumerable<string> among, string what) =>
        Refuse(call.NameSpan, what == "function" ? "unknown_function" : "unknown_operator", $"`{call.Name}` is no {what}", call.Name == "Equals" ? "`==`" : RuleNames.Nearest(call.Name, among));

    /// <summary><c>plan.Contains("x")</c> and its like.</summary>
    private Draft Asked(Chain chain, Draft.Fields subject, Call call, bool ofEvent)
    {
        switch (call.Name)
        {
            case "Between" or "NotBetween" or "BetweenValues" or "BetweenDates":
                return Between(chain, subject, call);
            case "Size":
                return Arguments(call.Arguments, 1, call.Span, Vocabulary.Operators["Size"].Form) is [var size] ? Operator("size").With("value", Value(size)) : new Draft.Broken(call.Span);
            case "In" or "NotIn":
                return Arguments(call.Arguments, null, call.Span, $"{call.Name}(\"a\", \"b\")") is { } values
                    ? Operator(call.Name == "In" ? "in" : "not_in").With("values", new Draft.List(call.Span, values.Select(Value)))
                    : new Draft.Broken(call.Span);
        }

        if (Enum.TryParse<DateOperator>(call.Name, out var date) && Enum.IsDefined(date))
        {
            var op = new Draft.Fields(chain.Span).With(Retyped(chain, subject, "date")).With("op", RuleNames.Of(date), call.NameSpan);
            if (Arguments(call.Arguments, 1, call.Span, Vocabulary.Operators[call.Name].Form) is not [var operand])
            {
                return new Draft.Broken(call.Span);
            }

            return date is DateOperator.Before or DateOperator.After or DateOperator.On ? op.With("value", Value(operand)) : Span(operand) is { } span ? op.With(span) : new Draft.Broken(call.Span);
        }

        if (Enum.TryParse<TraitOperator>(call.Name, out var known) && Vocabulary.Operators.TryGetValue(call.Name, out var word))
        {
            var takesNothing = known is TraitOperator.IsSet or TraitOperator.IsNotSet or TraitOperator.IsEmpty or TraitOperator.IsNotEmpty;
            return Arguments(call.Arguments, takesNothing ? 0 : 1, call.Span, word.Form) is not { } operands ? new Draft.Broken(call.Span)
                : takesNothing ? Operator(RuleNames.Of(known))
                : Operator(RuleNames.Of(known)).With("value", Value(operands[0]));
        }

        return call.Name is "Where" or "Count" || Vocabulary.OfEvent.ContainsKey(call.Name)
            ? Refuse(call.NameSpan, "unknown_operator", $"`.{call.Name}(…)` follows an event, and `{Tokens.Shown(Name(chain))}` is the name of a {(ofEvent ? "property" : "trait")}", $"`Event(\"{Tokens.Shown(Name(chain))}\")`")
            : Unknown(call, [.. Vocabulary.Operators.Keys, Vocabulary.With.Name], "operator");

        Draft.Fields Operator(string op) => subject.With("op", op, call.NameSpan);
    }

    /// <summary>Two texts are days or instants, anything else is values, unless it is said outright.</summary>
    private Draft Between(Chain chain, Draft.Fields subject, Call call)
    {
        if (Arguments(call.Arguments, 2, call.Span, Vocabulary.Operators[call.Name].Form) is not { } ends)
        {
            return new Draft.Broken(call.Span);
        }

        var ofDates = call.Name == "BetweenDates" || (call.Name == "Between" && ends.TrueForAll(static end => Bare(end).IsKind(SyntaxKind.StringLiteralExpression)));
        return (ofDates ? Retyped(chain, subject, "date") : subject)
            .With("op", call.Name == "NotBetween" ? "not_between" : "between", call.NameSpan)
            .With("values", new Draft.List(call.Span, ends.Select(Value)));
    }

    private Draft Compared(Chain chain, TraitOperator op, BinaryExpressionSyntax binary, bool ofEvent)
    {
        if (chain.Function is { } function && Vocabulary.Events.ContainsKey(function.Name))
        {
            return OfEvents(chain, function, op, binary);
        }

        if (SubjectOf(chain, ofEvent) is not { } subject)
        {
            return new Draft.Broken(binary.Span);
        }

        switch (chain.Calls)
        {
            case []:
                return subject.With("op", RuleNames.Of(op), binary.OperatorToken.Span).With("value", Value(binary.Right));
            case [{ Name: "Size" } size]:
                return Arguments(size.Arguments, 0, size.Span, Vocabulary.Operators["Size"].Form) is null
                    ? new Draft.Broken(size.Span)
                    : subject.With("op", "size", size.NameSpan).With("value", new Draft.Fields(binary.Span).With("op", RuleNames.Of(op), binary.OperatorToken.Span).With("n", Value(binary.Right)));
            case [{ Name: "HasBeen" } age]:
                return Arguments(age.Arguments, 1, age.Span, Vocabulary.Operators["HasBeen"].Form) is [var value] && Span(binary.Right) is { } span
                    ? Retyped(chain, subject, "trait_age").With("value", Value(value)).With("for", new Draft.Fields(binary.Right.Span).With("op", RuleNames.Of(op), binary.OperatorToken.Span).With(span))
                    : new Draft.Broken(binary.Span);
            case [var call] when Vocabulary.Operators.ContainsKey(call.Name):
                return Refuse(binary.OperatorToken.Span, "wrong_shape", $"`.{call.Name}(…)` is a condition by itself, and not compared");
            case [{ Name: "With" } with]:
                return Refuse(with.NameSpan, "misplaced", "options follow the whole condition: (a == 1).With(…)");
            default:
                return Asked(chain, subject, chain.Calls[0], ofEvent);
        }
    }

    /// <summary><c>30.Days()</c>, <c>1.Months(calendar: true)</c>.</summary>
    private Draft.Fields? Span(ExpressionSyntax expression)
    {
        expression = Bare(expression);
        if (Chain.Of(expression) is not { Number: { } number, Calls: [var unit] } chain)
        {
            Refuse(expression.Span, "wrong_operand", $"a length of time is expected here, such as 30.Days(), not `{Tokens.Shown(expression.ToString())}`",
                expression is LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } ? $"`{Tokens.Shown(expression.ToString())}.Days()`" : null);
            return null;
        }

        if (Vocabulary.UnitOf(unit.Name) is not { } name)
        {
            Refuse(unit.NameSpan, "unknown_word", $"`{Tokens.Shown(unit.Name)}` is no unit of time; there are {string.Join(", ", Vocabulary.Units.Keys.Order(StringComparer.Ordinal))}", RuleNames.Nearest(unit.Name, Vocabulary.Units.Keys));
            return null;
        }

        var span = new Draft.Fields(expression.Span).With("amount", new Draft.Raw(chain.RootSpan, number)).With("unit", name, unit.NameSpan);
        foreach (var argument in unit.Arguments)
        {
            var option = argument.NameColon?.Name.Identifier.ValueText;
            if (option is not ("calendar" or "zone") || span.Has(option))
            {
                Refuse(argument.Span, "unknown_option", "a length of time has the options calendar: true and zone: \"Europe/Paris\", each once", option is null ? null : RuleNames.Nearest(option, ["calendar", "zone"]));
                return null;
            }

            span.With(option, Value(argument.Expression));
        }

        return span;
    }

    private Draft OfFunction(Chain chain, Call function, bool ofEvent)
    {
        if (!Vocabulary.Functions.TryGetValue(function.Name, out var word))
        {
            return function.Name == Vocabulary.Tree.Name ? Refuse(function.NameSpan, "misplaced", $"`{function.Name}(…)` stands around a whole rule; around a part of one parentheses do")
                : function.Name is "Step" or "Json" ? Refuse(function.NameSpan, "wrong_shape", $"`{function.Name}(…)` is a value, and stands on the right of a comparison")
                : Unknown(function, [.. Vocabulary.Functions.Keys, .. Vocabulary.Events.Keys, Vocabulary.Trait.Name, Vocabulary.Property.Name], "function");
        }

        if (chain.Calls is [var more, ..])
        {
            return Refuse(more.NameSpan, "wrong_shape", $"after `{function.Name}(…)` nothing more is asked");
        }

        int? count = function.Name switch
        {
            "AllContacts" or "NoContacts" => 0,
            "All" or "Any" or "ContactIdIn" or "EmailDomainIn" => null,
            "CreatedAtBetween" or "Sample" or "Unsupported" => 2,
            _ => 1,
        };
        if (Arguments(function.Arguments, count, function.Span, word.Form) is not { } given)
        {
            return new Draft.Broken(function.Span);
        }

        return function.Name switch
        {
            "AllContacts" => Typed("all_contacts"),
            "NoContacts" => Typed("no_contacts"),
            "InSegment" or "NotInSegment" => Typed("segment").With("segment_id", Text(given[0])).With("op", function.Name == "InSegment" ? "in" : "not_in", function.NameSpan),
            "OnList" or "NotOnList" => Typed("list").With("list_id", Text(given[0])).With("op", function.Name == "OnList" ? "in" : "not_in", function.NameSpan),
            "ContactIdIn" => Typed("contact_id_in").With("contact_ids", new Draft.List(function.Span, given.Select(Text))),
            "EmailDomainIn" => Typed("contacts_email_domain_name_in").With("domain_name_in", new Draft.List(function.Span, given.Select(Text))),
            "CreatedAtBetween" => Typed("contacts_created_at_between").With("after", Value(given[0])).With("before", Value(given[1])),
            "AffectedBySequence" => Typed("contacts_affected_by_sequence").With("sequence_id", Text(given[0])),
            "Sample" => Typed("sample").With("percent", Value(given[0])).With("salt", Text(given[1])),
            "Unsupported" => Typed("unsupported").With("origin", Text(given[0])).With("raw", Value(given[1])),
            "Group" => Typed("group").With("node", Node(given[0], ofEvent)),
            "All" or "Any" => List(function.Name == "All" ? "and" : "or", given, function.Span, ofEvent),
            _ => throw new InvalidOperationException($"no reading for {function.Name}"),
        };

        Draft.Fields Typed(string type) => new Draft.Fields(chain.Span).With("type", type, function.NameSpan);
    }

    /// <summary>A condition on events, compared or not.</summary>
    private Draft OfEvents(Chain chain, Call function, TraitOperator? op, BinaryExpressionSyntax? binary)
    {
        if (function.Name == "Sequence")
        {
            return op is null ? Sequence(chain, function) : Uncompared(function, binary!);
        }

        var leaf = Choice(function, chain.Span);
        if (leaf is null)
        {
            return new Draft.Broken(chain.Span);
        }

        if (function.Name != "Event")
        {
            return op is null ? Edge(chain, leaf, function.Name == "LastEvent") : Uncompared(function, binary!);
        }

        var last = chain.Calls.Count > 0 ? chain.Calls[^1] : null;
        var isMeasure = last?.Name is "Count" or "Sum" or "Avg" or "Min" or "Max" or "CountDistinct";
        if (op is null != !isMeasure)
        {
            return op is null
                ? Refuse(last!.NameSpan, "wrong_shape", $"compare it with a number: {Vocabulary.OfEvent[last.Name].Form}")
                : Refuse(binary!.OperatorToken.Span, "wrong_shape", "say what of the events is compared: .Count(), .Sum(\"property\") and the like", "`.Count()`");
        }

        var takesNoWindow = last?.Name is "Frequency" or "Lifecycle";
        var calls = isMeasure || takesNoWindow ? chain.Calls.SkipLast(1) : chain.Calls;
        var fields = new Draft.Fields(binary?.Span ?? chain.Span).With("type", TypeOf(last?.Name), function.NameSpan).With(leaf);
        if (!Narrowed(fields, calls, (last?.Name, isMeasure) switch
        {
            ("Frequency" or "Lifecycle", _) => ["Where"],
            ("Count", _) or (_, false) => ["Where", "Last", "From", "To", "DistinctBy"],
            _ => ["Where", "Last", "From", "To"],
        }, Vocabulary.OfEvent))
        {
            return new Draft.Broken(chain.Span);
        }

        return last?.Name switch
        {
            "Frequency" => Frequency(fields, last),
            "Lifecycle" => Lifecycle(fields, last),
            "Count" => Arguments(last.Arguments, 0, last.Span, Vocabulary.OfEvent["Count"].Form) is null
                ? new Draft.Broken(chain.Span)
                : fields.With("count", new Draft.Fields(binary!.Span).With("op", RuleNames.Of(op!.Value), binary.OperatorToken.Span).With("n", Value(binary.Right))),
            _ when isMeasure => Arguments(last!.Arguments, 1, last.Span, Vocabulary.OfEvent[last.Name].Form) is [var property]
                ? fields.With("property", Text(property)).With("fn", last.Name == "CountDistinct" ? "count_distinct" : last.Name.ToLowerInvariant(), last.NameSpan)
                    .With("op", RuleNames.Of(op!.Value), binary!.OperatorToken.Span).With("value", Value(binary.Right))
                : new Draft.Broken(chain.Span),
            _ => fields,
        };

        static string TypeOf(string? call) => call switch
        {
            "Frequency" => "event_frequency",
            "Lifecycle" => "event_lifecycle",
            "Sum" or "Avg" or "Min" or "Max" or "CountDistinct" => "event_aggregate",
            _ => "event",
        };
    }

    private Draft.Broken Uncompared(Call function, BinaryExpressionSyntax binary) =>
        Refuse(binary.OperatorToken.Span, "wrong_shape", $"`{function.Name}(…)` is a condition by itself, and not compared");

    /// <summary>One name is that event; several, or a list in brackets, are any of these.</summary>
    private Draft.Fields? Choice(Call function, TextSpan span)
    {
        var form = Vocabulary.Events[function.Name].Form;
        if (function.Arguments is [{ NameColon: null, Expression: CollectionExpressionSyntax list }])
        {
            var elements = list.Elements.OfType<ExpressionElementSyntax>().Select(static element => element.Expression).ToList();
            return new Draft.Fields(span).With("event_in", new Draft.List(list.Span, elements.Select(Text)));
        }

        return Arguments(function.Arguments, null, function.Span, form) switch
        {
            null => null,
            [var name] => new Draft.Fields(span).With("event", Text(name)),
            var names => new Draft.Fields(span).With("event_in", new Draft.List(function.Span, names.Select(Text))),
        };
    }

    /// <summary>What narrows events down, each at most once: conditions, windows, properties.</summary>
    private bool Narrowed(Draft.Fields fields, IEnumerable<Call> calls, string[] allowed, FrozenDictionary<string, Word> words)
    {
        var found = faults.Count;
        var window = new Draft.Fields(fields.Span);
        foreach (var call in calls)
        {
            if (!words.TryGetValue(call.Name, out var word))
            {
                Unknown(call, words.Keys.Append(Vocabulary.With.Name), "operator of events");
            }
            else if (!allowed.Contains(call.Name))
            {
                Refuse(call.NameSpan, "wrong_shape", $"`.{call.Name}(…)` has no place here", allowed.Length == 1 ? $"`.{allowed[0]}(…)`" : null);
            }
            else if (Arguments(call.Arguments, 1, call.Span, word.Form) is [var given])
            {
                var (into, field) = call.Name switch
                {
                    "Where" => (fields, "where"),
                    "Is" => (fields, "is"),
                    "DistinctBy" => (fields, "distinct_by"),
                    "Per" => (fields, "per"),
                    "Within" => (fields, "within"),
                    "Last" or "InLast" => (window, "last"),
                    "From" => (window, "from"),
                    _ => (window, "to"),
                };
                if (into.Has(field))
                {
                    Refuse(call.NameSpan, "duplicate_field", $"`.{call.Name}(…)` is written more than once");
                }
                else
                {
                    into.With(field, field switch
                    {
                        "where" or "is" => Node(given, ofEvent: true),
                        "distinct_by" or "per" => Text(given),
                        "within" or "last" => (Draft?)Span(given) ?? new Draft.Broken(given.Span),
                        _ => Value(given),
                    });
                }
            }
        }

        if (!window.IsEmpty)
        {
            fields.With("window", window);
        }

        return faults.Count == found;
    }

    private Draft Edge(Chain chain, Draft.Fields choice, bool last)
    {
        var fields = new Draft.Fields(chain.Span).With("type", last ? "event_last" : "event_first", chain.RootSpan).With(choice);
        if (!Narrowed(fields, chain.Calls, ["Where", "From", "To", "InLast", "Is", "Per"], Vocabulary.OfEdge))
        {
            return new Draft.Broken(chain.Span);
        }

        return fields.Has("is") == fields.Has("window")
            ? Refuse(chain.RootSpan, "wrong_shape", fields.Has("is")
                ? "either ask what the event is like, or when it was: .Is(…), or .InLast(…), .From(…) and .To(…)"
                : $"say what is asked of the {(last ? "last" : "first")} such event: .Is(condition), .InLast(30.Days()), .From(…) or .To(…)")
            : fields;
    }

    private Draft Sequence(Chain chain, Call function)
    {
        if (Arguments(function.Arguments, null, function.Span, Vocabulary.Events["Sequence"].Form) is not { } given)
        {
            return new Draft.Broken(chain.Span);
        }

        var steps = new List<Draft>();
        foreach (var expression in given)
        {
            if (Chain.Of(expression) is not { Function: { Name: "Event" } step } each)
            {
                steps.Add(Refuse(expression.Span, "wrong_operand", $"a step is Event(\"name\"), not `{Tokens.Shown(expression.ToString())}`"));
            }
            else if (Arguments(step.Arguments, 1, step.Span, Vocabulary.Events["Event"].Form) is [var name])
            {
                var fields = new Draft.Fields(each.Span).With("event", Text(name));
                steps.Add(Narrowed(fields, each.Calls, ["Where", "Within"], Vocabulary.OfStep) ? fields : new Draft.Broken(each.Span));
            }
        }

        var leaf = new Draft.Fields(chain.Span).With("type", "event_sequence", function.NameSpan).With("steps", new Draft.List(function.Span, steps));
        return Narrowed(leaf, chain.Calls, ["Last", "From", "To"], Vocabulary.OfSequence) ? leaf : new Draft.Broken(chain.Span);
    }

    private Draft Frequency(Draft.Fields fields, Call call) =>
        Named(call, "atLeast", "outOf", "period") is not [var atLeast, var outOf, var period] || Span(period) is not { } span
            ? new Draft.Broken(call.Span)
            : fields.With("period", span).With("at_least", Value(atLeast)).With("out_of", Value(outOf));

    private Draft Lifecycle(Draft.Fields fields, Call call) =>
        Named(call, null, "active", "quiet") is not [var state, var active, var quiet] || Span(active) is not { } activeSpan || Span(quiet) is not { } quietSpan
            ? new Draft.Broken(call.Span)
            : fields.With("state", Text(state)).With("active", activeSpan).With("quiet", quietSpan);

    /// <summary>The arguments of these names, each exactly once, in any order but for one without a name, which comes first.</summary>
    private List<ExpressionSyntax>? Named(Call call, params string?[] names)
    {
        var given = call.Arguments.ToLookup(static argument => argument.NameColon?.Name.Identifier.ValueText ?? "", static argument => argument.Expression);
        if (call.Arguments.Count != names.Length || Array.Exists(names, name => given[name ?? ""].Count() != 1) || (names[0] is null && call.Arguments[0].NameColon is not null))
        {
            Refuse(call.Span, "wrong_operand", $"it is written {Vocabulary.OfEvent[call.Name].Form}");
            return null;
        }

        return [.. names.Select(name => given[name ?? ""].Single())];
    }
}
