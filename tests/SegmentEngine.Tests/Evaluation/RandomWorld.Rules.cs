using SegmentEngine.Contacts;

namespace SegmentEngine.Tests.Evaluation;

internal sealed partial class RandomWorld
{
    private static readonly string[] ordering = ["eq", "neq", "lt", "lte", "gt", "gte"];
    private static readonly string[] patterns = ["^a", "b$", "", "[a-c]+", "\\d{2}", "é", "\\p{Lu}", "(?:x|ss)", ".", "^$", "i"];
    private static readonly string[] networks = ["10.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0", "::/0", "2001:db8::/33", "10.0.0.1/32", "::ffff:10.0.0.0/104", "::ffff:0:0/96", "::ffff:0:0/95"];

    /// <summary>The JSON of a node: about the contact, or about an event of one name.</summary>
    private string Node(int depth, string? ofEvent)
    {
        if (depth > 1 && dice.Chance(65))
        {
            var parts = string.Join(',', Enumerable.Range(0, dice.From(1, 3)).Select(_ => Node(depth - 1, ofEvent)));
            return dice.Below(4) switch
            {
                0 => $$"""{"and":[{{parts}}]}""",
                1 => $$"""{"or":[{{parts}}]}""",
                2 => $$"""{"not":{{Node(depth - 1, ofEvent)}}}""",
                _ => $$"""{"type":"group","node":{{Node(depth - 1, ofEvent)}}}""",
            };
        }

        return ofEvent is null ? Leaf() : dice.Chance(clock ? 30 : 70) ? ValueTest("property", dice.Pick(propertyNames), ofEvent) : DateTest("property", dice.Pick(propertyNames), ofEvent);
    }

    private string Leaf() => (clock && dice.Chance(80) ? dice.Pick(dice.From(45, 91), dice.From(100, 130)) : dice.Below(140)) switch
    {
        < 2 => """{"type":"all_contacts"}""",
        < 4 => """{"type":"no_contacts"}""",
        < 7 => $$"""{"type":"contact_id_in","contact_ids":[{{Texts(ids.Select(static id => id.ToString()).ToArray(), 1, 3)}}]}""",
        < 11 => $$"""{"type":"contacts_created_at_between","after":{{InstantOrNull()}},"before":{{InstantOrNull()}}{{Missing()}}}""",
        < 15 => $$"""{"type":"contacts_email_domain_name_in","domain_name_in":[{{Texts(["acme.com", "ACME.com", "bücher.example", "mail.acme.com", "É.example"], 1, 2)}}]{{Missing()}}}""",
        < 45 => ValueTest("trait", TraitName(), ofEvent: null),
        < 62 => DateTest("trait", dice.Chance(25) ? dice.Pick("created_at", "last_seen_at") : TraitName(), ofEvent: null),
        < 72 => DidEvent(),
        < 80 => FirstOrLast(),
        < 92 => Aggregate(),
        < 100 => $$"""{"type":"segment","segment_id":"{{SegmentName()}}","op":"{{dice.Pick("in", "not_in")}}"}""",
        < 108 => TraitAge(),
        < 117 => Sequence(),
        < 124 => $$"""{"type":"event_frequency",{{Choice(out _)}},"period":{{Rolling()}},"at_least":{{dice.Pick("0", "1", "1", "2", "3")}},"out_of":{{dice.Pick("1", "2", "3", "4", "30", "2000000000")}}}""",
        < 131 => $$"""{"type":"event_lifecycle",{{Choice(out _)}},"state":"{{dice.Pick("new", "regular", "stopped", "returned")}}","active":{{Rolling()}},"quiet":{{Rolling()}}{{Missing()}}}""",
        < 135 => $$"""{"type":"list","list_id":"{{(dice.Chance(8) ? "nowhere" : dice.Pick(lists))}}","op":"{{dice.Pick("in", "not_in")}}"{{Missing()}}}""",
        < 137 => $$"""{"type":"contacts_affected_by_sequence","sequence_id":"{{(dice.Chance(8) ? "nowhere" : dice.Pick(sequences))}}"}""",
        _ => $$"""{"type":"sample","percent":{{dice.Pick("0", "12.5", "50", "67.150616", "67.150617", "99.999999", "100")}},"salt":"{{dice.Pick("s1", "s2")}}"}""",
    };

    private string TraitAge()
    {
        var name = dice.Chance(75) ? Stage : TraitName();
        var type = TypeOf("trait", name, ofEvent: null);
        var value = name == Stage ? Quoted(dice.Pick("a", "a", "b", "A")) : type?.Kind is TraitKind.Date or TraitKind.DateTime ? "0" : Operand(type?.Kind ?? dice.Pick(TraitKind.Text, TraitKind.Number, TraitKind.Boolean));
        return $$"""{"type":"trait_age","trait":{{Quoted(name)}},"value":{{value}},"for":{"op":"{{dice.Pick("gte", "lt")}}",{{RollingFields()}}}{{Options("trait", type, readAs: null)}}}""";
    }

    private string Sequence()
    {
        var names = Enumerable.Range(0, dice.From(1, 4)).Select(_ => dice.Pick(eventNames)).ToList();
        var steps = names.Select((name, i) =>
        {
            var where = i > 0 && dice.Chance(45) ? AgainstStep(name, i) : dice.Chance(30) ? Node(dice.From(1, 2), name) : null;
            return $"{{\"event\":{Quoted(name)}{(where is null ? "" : $",\"where\":{where}")}{(i > 0 && dice.Chance(35) ? $",\"within\":{Rolling()}" : "")}}}";
        });
        return $$"""{"type":"event_sequence","steps":[{{string.Join(',', steps)}}]{{Window(clock ? 100 : 25)}}}""";

        string AgainstStep(string name, int step)
        {
            var (property, earlier) = (dice.Pick(propertyNames), dice.Below(step));
            var kind = TypeOf("property", property, name)?.Kind ?? dice.Pick(TraitKind.Text, TraitKind.Number);
            var op = kind switch
            {
                TraitKind.Text => dice.Pick("eq", "neq", "contains", "not_contains", "starts_with", "ends_with"),
                TraitKind.Boolean => dice.Pick("eq", "neq"),
                TraitKind.Date or TraitKind.DateTime => dice.Pick("before", "after", "on"),
                _ => dice.Pick(ordering),
            };
            var operand = $"{{\"step\":{earlier},\"property\":{Quoted(dice.Chance(60) ? property : dice.Pick(propertyNames))}}}";
            var against = $$"""{"type":"property","property":{{Quoted(property)}},"op":"{{op}}","value":{{operand}}{{(kind == TraitKind.Text ? Case() + Accents() : "")}}{{Missing()}}}""";
            return dice.Below(4) switch
            {
                0 => $$"""{"not":{{against}}}""",
                1 => $$"""{"{{dice.Pick("and", "or")}}":[{{against}},{{Node(1, name)}}]}""",
                _ => against,
            };
        }
    }

    private string Rolling() => $"{{{RollingFields()}}}";

    private string RollingFields() => $"\"amount\":{(dice.Chance(3) ? "2000000000" : dice.Pick("1", "1", "2", "3", "7", "30"))},\"unit\":\"{dice.Pick("minute", "hour", "hour", "day", "day", "week")}\"";

    private string TraitName() => dice.Chance(10) ? dice.Pick("name", "email", "external_id", "id") : dice.Chance(20) ? $"custom_data.{dice.Pick(traitNames)}" : dice.Pick(traitNames);

    private string SegmentName() =>
        dice.Chance(5) ? "nowhere" : (segments.Count > 0 && dice.Chance(70) ? dice.Pick(segments) : dice.Pick(outside)).ToString();

    private string ValueTest(string subject, string name, string? ofEvent)
    {
        var type = TypeOf(subject, name, ofEvent);
        string? readAs = null;
        if (type is null && dice.Chance(30))
        {
            type = dice.Pick(Enum.GetValues<TraitKind>().Select(kind => new TraitType(kind, dice.Chance(25))).ToArray());
            readAs = type.ToString();
        }

        var kind = type?.Kind ?? dice.Pick(TraitKind.Text, TraitKind.Number, TraitKind.Boolean);
        var isOperator = kind is TraitKind.Date or TraitKind.DateTime || dice.Chance(12);
        var (op, operand) = isOperator ? (dice.Pick("is_set", "is_not_set", "is_empty", "is_not_empty"), "") : type is null or { IsList: true } && dice.Chance(8) ? ("size", Size()) : Operator(kind, isTyped: type is not null);
        return $$"""{"type":"{{subject}}","{{subject}}":{{Quoted(name)}},"op":"{{op}}"{{operand}}{{Options(subject, type, readAs)}}}""";
    }

    private (string Op, string Operand) Operator(TraitKind kind, bool isTyped)
    {
        switch (kind)
        {
            case TraitKind.Text when dice.Chance(15):
                return (dice.Pick("matches", "not_matches"), $",\"value\":{Quoted(dice.Pick(patterns))}{Case()}");
            case TraitKind.Text when dice.Chance(12):
                return (dice.Pick("in_cidr", "not_in_cidr"), $",\"value\":{Quoted(dice.Pick(networks))}");
            case TraitKind.Text when dice.Chance(35):
                return (dice.Pick("in", "not_in"), $",\"values\":[{Operands(kind, isTyped)}]{Case()}{Accents()}");
            case TraitKind.Text:
                return (dice.Pick("eq", "neq", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"), $",\"value\":{Operand(kind)}{Case()}{Accents()}");
            case TraitKind.Number when dice.Chance(20):
                return (dice.Pick("between", "not_between"), $",\"values\":[{Operand(kind)},{Operand(kind)}]");
            case TraitKind.Number or TraitKind.Boolean when dice.Chance(35):
                return (dice.Pick("in", "not_in"), $",\"values\":[{Operands(kind, isTyped)}]");
            case TraitKind.Boolean:
                return (dice.Pick("eq", "neq"), $",\"value\":{Operand(kind)}");
            default:
                return (dice.Pick(ordering), $",\"value\":{Operand(kind)}");
        }
    }

    private string Operand(TraitKind kind) => kind switch
    {
        TraitKind.Text => Quoted(dice.Pick(texts.Where(static text => text.Length < 1_000).ToArray())),
        TraitKind.Number => dice.Pick(numbers.Where(static number => number != "1e999").ToArray()),
        TraitKind.Boolean => dice.Pick("true", "false"),
        TraitKind.Version => Quoted(dice.Pick(versions)),
        _ => throw new InvalidOperationException($"no operand of {kind}"),
    };

    /// <summary>Operands of one kind; of an undeclared trait now and then of several.</summary>
    private string Operands(TraitKind kind, bool isTyped) =>
        string.Join(',', Enumerable.Range(0, dice.From(1, 4)).Select(_ => Operand(!isTyped && dice.Chance(30) ? dice.Pick(TraitKind.Text, TraitKind.Number, TraitKind.Boolean) : kind)));

    private string DateTest(string subject, string name, string? ofEvent)
    {
        var type = TypeOf(subject, name, ofEvent);
        string? readAs = null;
        if (type is null && dice.Chance(80))
        {
            type = new(dice.Pick(TraitKind.Date, TraitKind.DateTime), IsList: dice.Chance(20));
            readAs = type.ToString();
        }
        else if (type is { Kind: not (TraitKind.Date or TraitKind.DateTime) })
        {
            // Not comparable with dates: say something that is taken.
            return ValueTest(subject, name, ofEvent);
        }

        var op = clock ? dice.Pick("in_last", "not_in_last", "in_next", "not_in_next", "more_than_ago", "anniversary_in_next") : dice.Pick("before", "after", "on", "between", "in_last", "not_in_last", "in_next", "not_in_next", "more_than_ago", "anniversary_in_next");
        var operands = op switch
        {
            "before" or "after" or "on" => $"\"value\":{DateOperand()}",
            "between" => $"\"values\":[{DateOperand()},{DateOperand()}]",
            _ => SpanFields(days: type?.Kind == TraitKind.Date, anniversary: op == "anniversary_in_next"),
        };
        return $$"""{"type":"{{(subject == "trait" ? "date" : "property")}}","{{subject}}":{{Quoted(name)}},"op":"{{op}}",{{operands}}{{Options(subject, type, readAs)}}}""";
    }

    private string DateOperand() => dice.Chance(50) ? Quoted(Written(SomeDay())) : Quoted(SomeInstant().ToString());

    private string SpanFields(bool days, bool anniversary = false)
    {
        var calendar = dice.Chance(45);
        var unit = calendar || anniversary
            ? dice.Pick("day", "week", "month", "quarter", "year")
            : days ? dice.Pick("day", "week") : dice.Pick("minute", "hour", "day", "week");
        var amount = dice.Chance(4) ? "2000000000" : dice.Pick("1", "1", "2", "3", "4", "30");
        var zone = dice.Chance(15) ? $",\"zone\":\"{dice.Pick(places).Zone}\"" : "";
        return $"\"amount\":{amount},\"unit\":\"{unit}\"{(calendar ? ",\"calendar\":true" : dice.Chance(10) ? ",\"calendar\":false" : "")}{zone}";
    }

    private string DidEvent() => $$"""{"type":"event",{{Choice(out _)}}{{(dice.Chance(60) ? $",\"count\":{Counted()}" : "")}}{{(dice.Chance(35) ? $",\"distinct_by\":{Quoted(dice.Pick(propertyNames))}" : "")}}{{Window(60)}}}""";

    private string FirstOrLast()
    {
        var choice = Choice(out var name);
        var end = dice.Chance(clock ? 20 : 60) ? $",\"is\":{Node(dice.From(1, 2), name)}" : Window(100);
        var per = dice.Chance(40) ? $",\"per\":{Quoted(dice.Pick(propertyNames))}" : "";
        return $$"""{"type":"{{dice.Pick("event_first", "event_last")}}",{{choice}}{{end}}{{per}}{{Missing()}}}""";
    }

    private string Aggregate() =>
        $$"""{"type":"event_aggregate",{{Choice(out _)}},"property":{{Quoted(dice.Pick(propertyNames))}},"fn":"{{dice.Pick("sum", "avg", "min", "max", "count_distinct")}}","op":"{{dice.Pick(ordering)}}","value":{{Operand(TraitKind.Number)}}{{Window(50)}}{{Missing()}}}""";

    private string Choice(out string name)
    {
        var many = dice.Chance(35);
        var names = many ? dice.Some(eventNames, 1, 3) : [dice.Chance(95) ? dice.Pick(eventNames) : "never"];
        name = names[0];
        var where = dice.Chance(45) ? $",\"where\":{Node(dice.From(1, 3), name)}" : "";
        return (many ? $"\"event_in\":[{string.Join(',', names.Select(Quoted))}]" : $"\"event\":{Quoted(name)}") + where;
    }

    private string Window(int percent)
    {
        if (!dice.Chance(clock ? 100 : percent))
        {
            return "";
        }

        var (from, to) = (dice.Chance(70), dice.Chance(50));
        return dice.Chance(clock ? 90 : 70) || !(from || to)
            ? $",\"window\":{{\"last\":{{{SpanFields(days: false)}}}}}"
            : $",\"window\":{{{string.Join(',', new[] { from ? $"\"from\":{Written(SomeInstant())}" : "", to ? $"\"to\":{Written(SomeInstant())}" : "" }.Where(static end => end.Length > 0))}}}";
    }

    private string Size() => $",\"value\":{Counted()}";

    private string Counted() => $"{{\"op\":\"{dice.Pick(ordering)}\",\"n\":{dice.Pick("0", "1", "1", "2", "3", "2.0")}}}";

    private string Options(string subject, TraitType? type, string? readAs) =>
        (readAs is null ? "" : $",\"value_type\":\"{readAs}\"")
        + (type is null or { IsList: true } && dice.Chance(50) ? $",\"quantifier\":\"{dice.Pick("any", "all", "none")}\"" : "")
        + (subject == "trait" && dice.Chance(25) ? $",\"source\":\"{dice.Pick("verified", "any", "any")}\"" : "")
        + Missing();

    private string Missing() => dice.Chance(30) ? $",\"missing\":\"{dice.Pick("unknown", "match", "no_match")}\"" : dice.Chance(10) ? ",\"label\":\"what it says\"" : "";

    private string Case() => dice.Chance(50) ? $",\"case_sensitive\":{dice.Pick("true", "false")}" : "";

    private string Accents() => dice.Chance(35) ? $",\"accent_sensitive\":{dice.Pick("true", "false")}" : "";

    private string InstantOrNull() => dice.Chance(30) ? "null" : Written(SomeInstant());

    private string Texts(string[] of, int least, int most) => string.Join(',', dice.Some(of, least, most).Select(text => Quoted(dice.Chance(20) ? text.ToUpperInvariant() : text)));

    private TraitType? TypeOf(string subject, string name, string? ofEvent) =>
        subject == "trait" ? Context.Schema.TypeOf(TraitPath.Of(name)) : Context.Schema.TypeOf(ofEvent!, TraitPath.OfProperty(name));
}
