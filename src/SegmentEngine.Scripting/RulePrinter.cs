using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>Prints conditions as text, each in one way.</summary>
internal static class RulePrinter
{
    /// <summary>Two conditions joined by <c>and</c> inside an <c>or</c> need no parentheses; where they take many lines, they get some.</summary>
    private const int UnparenthesizedMax = 80;

    /// <summary>A whole rule.</summary>
    public static string Print(Condition rule) => Rendered(Whole(rule));

    /// <summary>A condition by itself, as it stands within a rule.</summary>
    public static string PrintPart(Condition condition) => Rendered(Node(condition).Layout);

    private static string Rendered(Layout layout)
    {
        var text = layout.Render(inLines: true);
        return Encoding.UTF8.GetByteCount(text) <= TextLimits.BytesMax ? text : layout.Render(inLines: false);
    }

    /// <summary>How tightly what is printed holds together.</summary>
    private enum Binding
    {
        Or,
        And,
        Comparison,

        /// <summary>Names, calls, <c>!</c> and parentheses.</summary>
        Tight,
    }

    /// <summary>Alternatives of conditions are written as such; only a rule of another shape says so.</summary>
    private static Layout Whole(Condition rule)
    {
        if (rule is not Condition.AnyOf { Of: var of } || !of.All(static part => part is Condition.AllOf))
        {
            return Call(Vocabulary.Tree.Name, [Node(rule).Layout]);
        }

        // A list in a list of one is said outright: parentheses alone would not keep it.
        var alternatives = of.Cast<Condition.AllOf>().Select(static all => all.Of is [var only and not (Condition.AllOf or Condition.AnyOf)] ? Node(only) : Node(all)).ToList();
        return alternatives is [var one] ? one.Layout : Alternatives(alternatives);
    }

    private static Layout Alternatives(IEnumerable<(Layout Layout, Binding Binding)> parts) =>
        Joined(parts.Select(static part => part.Binding >= Binding.Comparison || (part.Binding == Binding.And && part.Layout.Width <= UnparenthesizedMax) ? part.Layout : Parentheses(part.Layout)), "|| ");

    private static (Layout Layout, Binding Binding) Node(Condition condition)
    {
        switch (condition)
        {
            case Condition.AllOf { Of: { Length: > 1 } of }:
                return (Joined(of.Select(static part => Held(part, Binding.Comparison)), "&& "), Binding.And);
            case Condition.AnyOf { Of: { Length: > 1 } of }:
                return (Alternatives(of.Select(Node)), Binding.Or);
            case Condition.AllOf { Of: var of }:
                return (Call("All", of.Select(static part => Node(part).Layout)), Binding.Tight);
            case Condition.AnyOf { Of: var of }:
                return (Call("Any", of.Select(static part => Node(part).Layout)), Binding.Tight);
            case Condition.Negation not:
                return (Layout.Of("!", Held(not.Of, Binding.Tight)), Binding.Tight);
            case Condition.Leaf leaf:
                var (written, binding) = Leaf(leaf);
                var options = Options(leaf).ToList();
                return options.Count == 0 ? (written, binding) : (Layout.Of(binding == Binding.Tight ? written : Parentheses(written), Call(".With", options)), Binding.Tight);
            default:
                throw new InvalidOperationException($"no print for {condition.GetType().Name}");
        }
    }

    private static Layout Held(Condition condition, Binding least)
    {
        var (layout, binding) = Node(condition);
        return binding >= least ? layout : Parentheses(layout);
    }

    private static Layout Parentheses(Layout inner) => Layout.Together("(", Layout.Inside(Layout.Break(), inner), Layout.Break(), ")");

    private static Layout Joined(IEnumerable<Layout> parts, string sign) =>
        Layout.Together([.. parts.SelectMany((part, i) => i == 0 ? new[] { part } : [Layout.Break(" "), sign, part])]);

    private static Layout Call(string name, IEnumerable<Layout> arguments)
    {
        var given = arguments.ToList();
        return given.Count == 0
            ? $"{name}()"
            : Layout.Together($"{name}(", Layout.Inside(Layout.Break(), Layout.Filled(given, ", ")), Layout.Break(), ")");
    }

    private static Layout Texts(string name, IEnumerable<string> texts) => Call(name, texts.Select(static text => (Layout)Quoted(text)));

    private static (Layout Layout, Binding Binding) Leaf(Condition.Leaf leaf) => leaf switch
    {
        Condition.Group group => (Call("Group", [Node(group.Node).Layout]), Binding.Tight),
        Condition.AllContacts => ("AllContacts()", Binding.Tight),
        Condition.NoContacts => ("NoContacts()", Binding.Tight),
        Condition.ContactIdIn ids => (Texts("ContactIdIn", ids.ContactIds), Binding.Tight),
        Condition.CreatedAtBetween between => (Call("CreatedAtBetween", [Value(between.After), Value(between.Before)]), Binding.Tight),
        Condition.EmailDomainIn domains => (Texts("EmailDomainIn", domains.DomainNames), Binding.Tight),
        Condition.InSegment segment => (Texts(segment.Negated ? "NotInSegment" : "InSegment", [segment.SegmentId]), Binding.Tight),
        Condition.InList list => (Texts(list.Negated ? "NotOnList" : "OnList", [list.ListId]), Binding.Tight),
        Condition.AffectedBySequence affected => (Texts("AffectedBySequence", [affected.SequenceId]), Binding.Tight),
        Condition.Sample sample => (Call("Sample", [sample.Percent.ToString(CultureInfo.InvariantCulture), Quoted(sample.Salt)]), Binding.Tight),
        Condition.Unsupported unsupported => (Call("Unsupported", [Quoted(unsupported.Origin), Value(unsupported.Raw)]), Binding.Tight),
        Condition.ValueTest test => ValueTest(test),
        Condition.DateTest test => (Layout.Of(Name(test.Subject), Date(test)), Binding.Tight),
        Condition.TraitAge age => (Layout.Of(Name(age.Subject), Call(".HasBeen", [Value(age.Value)]), $" {Sign(age.Operator)} {Length(age.For)}"), Binding.Comparison),
        Condition.DidEvent did => DidEvent(did),
        Condition.FirstOrLastEvent edge => (Chain(Choice(edge.Last ? "LastEvent" : "FirstEvent", edge.Choice),
            [.. Where(edge.Choice), .. One("Per", edge.Per), .. edge.Is is { } condition ? [Call(".Is", [Node(condition).Layout])] : Array.Empty<Layout>(), .. During(edge.Window, ".InLast")]), Binding.Tight),
        Condition.EventAggregate aggregate => (Layout.Of(
            Chain(Choice("Event", aggregate.Choice), [.. Where(aggregate.Choice), .. During(aggregate.Window, ".Last"), .. One(aggregate.Function.ToString(), aggregate.Property)]),
            $" {Sign(aggregate.Operator)} ", Value(aggregate.Value)), Binding.Comparison),
        Condition.EventSequence sequence => (Chain(Call("Sequence", sequence.Steps.Select(Step)), [.. During(sequence.Window, ".Last")]), Binding.Tight),
        Condition.EventFrequency frequency => (Chain(Choice("Event", frequency.Choice),
            [.. Where(frequency.Choice), $".Frequency(atLeast: {Whole(frequency.AtLeast)}, outOf: {Whole(frequency.OutOf)}, period: {Length(frequency.Period)})"]), Binding.Tight),
        Condition.EventLifecycle lifecycle => (Chain(Choice("Event", lifecycle.Choice),
            [.. Where(lifecycle.Choice), $".Lifecycle({Quoted(RuleNames.Of(lifecycle.State))}, active: {Length(lifecycle.Active)}, quiet: {Length(lifecycle.Quiet)})"]), Binding.Tight),
        _ => throw new InvalidOperationException($"no print for {leaf.GetType().Name}"),
    };

    private static IEnumerable<Layout> Options(Condition.Leaf leaf)
    {
        var test = leaf as Condition.ValueTest;
        var subject = test?.Subject ?? (leaf as Condition.DateTest)?.Subject ?? (leaf as Condition.TraitAge)?.Subject;
        if (test?.Operator is TraitOperator.IsSet or TraitOperator.IsNotSet or TraitOperator.IsEmpty or TraitOperator.IsNotEmpty)
        {
            if (test.Value.ValueKind != JsonValueKind.Undefined)
            {
                yield return Layout.Of("value: ", Value(test.Value));
            }

            if (!test.Values.IsDefault)
            {
                yield return Layout.Of("values: ", Json($"[{string.Join(',', test.Values.Select(Compact))}]"));
            }
        }

        foreach (var (name, flag) in new[] { ("caseSensitive", test?.CaseSensitive), ("accentSensitive", test?.AccentSensitive) })
        {
            if (flag is { } value)
            {
                yield return $"{name}: {Flag(value)}";
            }
        }

        foreach (var (name, text) in new[]
        {
            ("type", subject?.ValueType?.ToString()),
            ("quantifier", subject?.Quantifier is { } quantifier ? RuleNames.Of(quantifier) : null),
            ("source", subject?.Source is { } source ? RuleNames.Of(source) : null),
            ("missing", leaf.Missing is { } missing ? RuleNames.Of(missing) : null),
            ("label", leaf.Label),
        })
        {
            if (text is not null)
            {
                yield return $"{name}: {Quoted(text)}";
            }
        }
    }

    private static (Layout Layout, Binding Binding) ValueTest(Condition.ValueTest test)
    {
        var name = Name(test.Subject);
        switch (test.Operator)
        {
            case TraitOperator.Eq or TraitOperator.Neq or TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte:
                return (Layout.Of(name, $" {Sign(test.Operator)} ", Value(test.Value)), Binding.Comparison);
            case TraitOperator.In or TraitOperator.NotIn when test.Values.Length > 1 && test.Values.All(static value => IsConstant(value)):
                var values = test.Values.Select(Value).Select(static (value, i) => i == 0 ? value : Layout.Of("or ", value));
                var listed = Layout.Together(Layout.Inside(Layout.Filled(values, " ")));
                return (Layout.Of(name, test.Operator == TraitOperator.In ? " is " : " is not (", listed, test.Operator == TraitOperator.In ? "" : ")"), Binding.Comparison);
            case TraitOperator.In or TraitOperator.NotIn or TraitOperator.NotBetween:
                return (Layout.Of(name, Call($".{test.Operator}", test.Values.Select(Value))), Binding.Tight);
            case TraitOperator.Between:
                return (Layout.Of(name, Call(LooksLikeDates(test.Values) ? ".BetweenValues" : ".Between", test.Values.Select(Value))), Binding.Tight);
            case TraitOperator.IsSet or TraitOperator.IsNotSet or TraitOperator.IsEmpty or TraitOperator.IsNotEmpty:
                return (Layout.Of(name, $".{test.Operator}()"), Binding.Tight);
            case TraitOperator.Size when Size(test.Value) is { } size:
                return (Layout.Of(name, $".Size() {size}"), Binding.Comparison);
            default:
                return (Layout.Of(name, Call($".{test.Operator}", [Value(test.Value)])), Binding.Tight);
        }
    }

    /// <summary>The comparison in the operand of <c>size</c>; null where it is none.</summary>
    private static string? Size(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().ToList() is [{ Name: "op", Value: { ValueKind: JsonValueKind.String } op }, { Name: "n", Value: var n }]
            && TextOf(op) is { } word && RuleNames.TryFind<TraitOperator>(word, out var known) && RuleReader.IsComparison(known) && IsConstant(n)
            ? $"{Sign(known)} {Written(n)}"
            : null;

    private static bool LooksLikeDates(ImmutableArray<JsonElement> values) => values.All(static value => value.ValueKind == JsonValueKind.String && IsConstant(value));

    private static Layout Date(Condition.DateTest test) => test switch
    {
        { Operator: DateOperator.Between } => Call(LooksLikeDates(test.Values) ? ".Between" : ".BetweenDates", test.Values.Select(Value)),
        { Span: { } span } => $".{test.Operator}({Length(span)})",
        _ => Call($".{test.Operator}", [Value(test.Value)]),
    };

    private static (Layout Layout, Binding Binding) DidEvent(Condition.DidEvent did)
    {
        var calls = new List<Layout>([.. Where(did.Choice), .. One("DistinctBy", did.DistinctBy), .. During(did.Window, ".Last")]);
        var name = Choice("Event", did.Choice);
        return did.Count is { } count
            ? (Layout.Of(Chain(name, [.. calls, ".Count()"]), $" {Sign(count.Operator)} {Whole(count.N)}"), Binding.Comparison)
            : (Chain(name, calls), Binding.Tight);
    }

    private static Layout Chain(Layout first, List<Layout> calls) =>
        calls.Count == 0 ? first : Layout.Together(first, Layout.Inside([.. calls.SelectMany(static call => new[] { Layout.Break(), call })]));

    private static Layout Choice(string function, EventChoice choice) =>
        choice.IsList && choice.Names.Length == 1 ? $"{function}([{Quoted(choice.Names[0])}])" : Texts(function, choice.Names);

    private static IEnumerable<Layout> Where(EventChoice choice) => choice.Where is { } where ? [Call(".Where", [Node(where).Layout])] : [];

    private static IEnumerable<Layout> One(string name, string? text) => text is null ? [] : [Texts($".{name}", [text])];

    private static IEnumerable<Layout> During(Window? window, string last)
    {
        if (window?.Last is { } span)
        {
            yield return $"{last}({Length(span)})";
        }

        if (window?.From.ValueKind is not (null or JsonValueKind.Undefined))
        {
            yield return Call(".From", [Value(window.From)]);
        }

        if (window?.To.ValueKind is not (null or JsonValueKind.Undefined))
        {
            yield return Call(".To", [Value(window.To)]);
        }
    }

    private static Layout Step(SequenceStep step) =>
        Chain(Choice("Event", step.Choice), [.. Where(step.Choice), .. step.Within is { } within ? new Layout[] { $".Within({Length(within)})" } : []]);

    private static string Length(Span span) =>
        $"{Whole(span.Amount)}.{span.Unit}s({string.Join(", ", new[] { span.Calendar is { } calendar ? $"calendar: {Flag(calendar)}" : null, span.Zone is { } zone ? $"zone: {Quoted(zone)}" : null }.OfType<string>())})";

    private static string Name(Subject subject) =>
        subject.Name.Split('.').All(Tokens.IsPlainName) ? subject.Name : $"{(subject.IsProperty ? "Property" : "Trait")}({Quoted(subject.Name)})";

    private static string Sign(TraitOperator op) => op switch
    {
        TraitOperator.Eq => "==",
        TraitOperator.Neq => "!=",
        TraitOperator.Lt => "<",
        TraitOperator.Lte => "<=",
        TraitOperator.Gt => ">",
        TraitOperator.Gte => ">=",
        _ => throw new InvalidOperationException($"{op} is no comparison"),
    };

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Flag(bool flag) => flag ? "true" : "false";

    /// <summary>Whether a value is written as it is, without <c>Json(…)</c> or <c>Step(…)</c>.</summary>
    private static bool IsConstant(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) && (value.ValueKind != JsonValueKind.String || TextOf(value) is not null);

    private static Layout Value(JsonElement value) => Written(value);

    private static string Written(JsonElement value)
    {
        if (StepReference.TryRead(value, out var step) && value.EnumerateObject().First() is { Name: "step", Value: var number } && number.GetRawText() == Whole(step.Step))
        {
            return $"Step({Whole(step.Step)}, {Quoted(step.Property)})";
        }

        return !IsConstant(value) ? Json(Compact(value)) : value.ValueKind == JsonValueKind.String ? Quoted(TextOf(value)!) : value.GetRawText();
    }

    /// <summary>Null for text that holds half a surrogate pair.</summary>
    private static string? TextOf(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Compact(JsonElement value)
    {
        try
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                value.WriteTo(writer);
            }

            return Encoding.UTF8.GetString(buffer.ToArray());
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    private static string Json(string json)
    {
        var longest = 0;
        for (var (i, run) = (0, 0); i < json.Length; i++)
        {
            run = json[i] == '"' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        // Between quotes enough nothing needs an escape, but lines and what cannot be seen.
        var quotes = new string('"', Math.Max(3, longest + 1));
        return json[0] == '"' || json[^1] == '"' || Escaped(json).Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal) != json
            ? $"Json({Quoted(json)})"
            : $"Json({quotes}{json}{quotes})";
    }

    private static string Quoted(string text) => $"\"{Escaped(text)}\"";

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                '\b' => escaped.Append("\\b"),
                '\f' => escaped.Append("\\f"),
                _ when IsSeen(rune) => escaped.Append(rune.ToString()),
                _ => rune.ToString().Aggregate(escaped, static (into, unit) => into.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}")),
            };
        }

        return escaped.ToString();
    }

    /// <summary>What nobody sees, and what turns the order of a line round, is written out.</summary>
    private static bool IsSeen(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
