using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>Reads the shape of a rule from JSON: types, fields, operators and limits. What does not read becomes <see cref="Condition.Unreadable"/> with a diagnostic, and reading goes on.</summary>
internal sealed class RuleReader
{
    private static readonly string[] Connectives = ["and", "or", "not", "type"];

    private readonly ImmutableArray<RuleDiagnostic>.Builder diagnostics = ImmutableArray.CreateBuilder<RuleDiagnostic>();
    private int leaves;
    private int references;

    public ImmutableArray<RuleDiagnostic> Diagnostics => diagnostics.ToImmutable();

    public Condition Read(JsonElement json)
    {
        var condition = Node(json, "$", depth: 1, ofEvent: false);
        if (leaves > Limits.LeavesMax)
        {
            Error("$", "too_many_conditions", $"the rule has {leaves} conditions; at most {Limits.LeavesMax} are allowed");
        }

        if (references > Limits.ReferencesMax)
        {
            Error("$", "too_many_references", $"the rule refers to other segments {references} times; at most {Limits.ReferencesMax} are allowed");
        }

        return condition;
    }

    private Condition Node(JsonElement json, string path, int depth, bool ofEvent)
    {
        if (depth > Limits.DepthMax)
        {
            return Refuse(path, "too_deep", $"the rule is nested more than {Limits.DepthMax} levels deep here");
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return Refuse(path, "wrong_type", $"a condition is an object with one of `and`, `or`, `not`, `type`, not {RuleFields.Shown(json)}");
        }

        var present = Connectives.Where(word => json.TryGetProperty(word, out _)).ToList();
        if (present.Count != 1)
        {
            var suggestion = present.Count == 0 ? json.EnumerateObject().Select(static field => RuleNames.Nearest(field.Name, Connectives)).FirstOrDefault(static near => near is not null) : null;
            return Refuse(path, "wrong_shape", present.Count == 0
                ? "a condition has exactly one of `and`, `or`, `not`, `type`; here is none"
                : $"a condition has exactly one of `and`, `or`, `not`, `type`; here are {string.Join(" and ", present.Select(static word => $"`{word}`"))}", suggestion);
        }

        var fields = new RuleFields(json, path, diagnostics);
        var condition = present[0] switch
        {
            "and" => new Condition.AllOf(Nodes(fields, "and", depth, ofEvent)),
            "or" => new Condition.AnyOf(Nodes(fields, "or", depth, ofEvent)),
            "not" => new Condition.Negation(Node(fields.Find("not")!.Value, fields.PathOf("not"), depth + 1, ofEvent)),
            _ => Leaf(fields, path, depth, ofEvent),
        };
        if (condition is not Condition.Unreadable)
        {
            fields.Done();
        }

        return condition;
    }

    private ImmutableArray<Condition> Nodes(RuleFields fields, string field, int depth, bool ofEvent)
    {
        var json = fields.Find(field)!.Value;
        if (json.ValueKind != JsonValueKind.Array)
        {
            fields.Error(field, "wrong_type", $"`{field}` must be a list of conditions");
            return [];
        }

        if (json.GetArrayLength() == 0)
        {
            fields.Error(field, "empty", $"an empty `{field}` admits nobody; say everybody with all_contacts, nobody with no_contacts");
        }

        return [.. json.EnumerateArray().Select((node, i) => Node(node, $"{fields.PathOf(field)}[{i}]", depth + 1, ofEvent))];
    }

    private Condition Leaf(RuleFields fields, string path, int depth, bool ofEvent)
    {
        var type = fields.RequiredText("type");
        if (type is null)
        {
            return new Condition.Unreadable();
        }

        if (type == "group")
        {
            var node = fields.Required("node") is { } inner ? Node(inner, fields.PathOf("node"), depth, ofEvent) : new Condition.Unreadable();
            return Common(new Condition.Group(node), fields);
        }

        leaves++;
        if (!RuleNames.LeafTypes.Contains(type))
        {
            return Refuse(fields.PathOf("type"), "unknown_type", $"`{type}` is no type of condition", RuleNames.Nearest(type, RuleNames.LeafTypes));
        }

        if (ofEvent != (type == "property"))
        {
            return Refuse(fields.PathOf("type"), "misplaced", ofEvent
                ? $"only `property` conditions ask about an event; `{type}` asks about a contact"
                : "`property` asks about an event: it belongs inside the `where` or `is` of an event condition");
        }

        Condition.Leaf? leaf = type switch
        {
            "all_contacts" => new Condition.AllContacts(),
            "no_contacts" => new Condition.NoContacts(),
            "contact_id_in" => ContactIds(fields),
            "contacts_created_at_between" => CreatedAtBetween(fields),
            "contacts_email_domain_name_in" => fields.RequiredTexts("domain_name_in") is { IsDefault: false } domains ? new Condition.EmailDomainIn(domains) : null,
            "trait" => Trait(fields),
            "date" => Date(fields, "trait"),
            "trait_age" => TraitAge(fields),
            "property" => Property(fields),
            "event" => Event(fields),
            "event_first" or "event_last" => FirstOrLast(fields, path, type == "event_last"),
            "event_aggregate" => Aggregate(fields),
            "event_sequence" => Sequence(fields),
            "event_frequency" => Frequency(fields),
            "event_lifecycle" => Lifecycle(fields),
            "segment" => InSegment(fields),
            "list" => InList(fields),
            "contacts_affected_by_sequence" => fields.RequiredText("sequence_id") is { } sequence ? new Condition.AffectedBySequence(sequence) : null,
            "sample" => Sample(fields),
            "unsupported" => Unsupported(fields),
            _ => throw new InvalidOperationException($"no reading for the type {type}"),
        };
        return leaf is null ? new Condition.Unreadable() : Common(leaf, fields);
    }

    private static Condition.Leaf Common(Condition.Leaf leaf, RuleFields fields) =>
        leaf with { Label = fields.Find("label") is null ? null : fields.OptionalText("label"), Missing = fields.OptionalWord<MissingAs>("missing") };

    private static Condition.ContactIdIn? ContactIds(RuleFields fields)
    {
        var ids = fields.RequiredTexts("contact_ids");
        if (ids.IsDefault)
        {
            return null;
        }

        for (var i = 0; i < ids.Length; i++)
        {
            // Blanks around an id would be read past here, and be part of it elsewhere.
            if (!Guid.TryParseExact(ids[i], "D", out _) || ids[i].Length != 36)
            {
                fields.Error($"contact_ids[{i}]", "wrong_type", $"\"{ids[i]}\" is no contact id; ids are UUIDs");
            }
        }

        return new(ids);
    }

    private static Condition.CreatedAtBetween? CreatedAtBetween(RuleFields fields)
    {
        var (after, before) = (InstantOrNull(fields, "after"), InstantOrNull(fields, "before"));
        return after is { } from && before is { } to ? new(from, to) : null;
    }

    private static JsonElement? InstantOrNull(RuleFields fields, string field)
    {
        if (fields.Required(field) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Null || IsInstant(fields, field, value) ? value : null;
    }

    private static bool IsInstant(RuleFields fields, string field, JsonElement value)
    {
        if (TraitSchema.TryInstant(value, out _))
        {
            return true;
        }

        fields.Error(field, "wrong_type", $"{RuleFields.Shown(value)} is no instant; write a time with seconds and an offset, such as \"2024-05-01T12:00:00Z\", or epoch milliseconds");
        return false;
    }

    private static Condition.ValueTest? Trait(RuleFields fields)
    {
        var subject = SubjectOf(fields, "trait");
        if (fields.Find("op") is { ValueKind: JsonValueKind.String } asked && TraitSchema.TryText(asked, out var word) && !RuleNames.TryFind<TraitOperator>(word, out _) && RuleNames.TryFind<DateOperator>(word, out _))
        {
            fields.Error("op", "unknown_operator", $"`{word}` is asked of days and instants, by a condition of another type", "`\"type\": \"date\"`");
            return null;
        }

        return fields.RequiredWord<TraitOperator>("op", "unknown_operator") is { } op ? ValueTest(fields, subject, op) : null;
    }

    /// <summary>A property takes the operators of traits and of dates; the two words they share (<c>between</c>) are told apart by their operands.</summary>
    private static Condition.Leaf? Property(RuleFields fields)
    {
        if (fields.Find("op") is { ValueKind: JsonValueKind.String } op && TraitSchema.TryText(op, out var word) && RuleNames.TryFind<DateOperator>(word, out _)
            && (word != "between" || (fields.Find("values") is { ValueKind: JsonValueKind.Array } values && values.EnumerateArray().All(static value => value.ValueKind == JsonValueKind.String))))
        {
            return Date(fields, "property");
        }

        var subject = SubjectOf(fields, "property");
        if (fields.Required("op") is { ValueKind: JsonValueKind.String } other && TraitSchema.TryText(other, out var name) && !RuleNames.TryFind<TraitOperator>(name, out _))
        {
            var words = RuleNames.All<TraitOperator>().Concat(RuleNames.All<DateOperator>()).Distinct().ToList();
            fields.UnknownWord("op", name, words, "unknown_operator");
            return null;
        }

        return fields.OptionalWord<TraitOperator>("op", "unknown_operator") is { } known ? ValueTest(fields, subject, known) : null;
    }

    private static Subject? SubjectOf(RuleFields fields, string field)
    {
        var name = fields.RequiredText(field);
        TraitType? type = null;
        if (fields.OptionalText("value_type") is { } word)
        {
            if (TraitType.TryParse(word, out var known))
            {
                type = known;
            }
            else
            {
                fields.UnknownWord("value_type", word, [.. TraitType.Names]);
            }
        }

        var quantifier = fields.OptionalWord<Quantifier>("quantifier");
        var source = field == "trait" ? fields.OptionalWord<DataSource>("source") : null;
        return name is null ? null : new(field == "property", name) { ValueType = type, Quantifier = quantifier, Source = source };
    }

    private static Condition.ValueTest? ValueTest(RuleFields fields, Subject? subject, TraitOperator op)
    {
        var (caseSensitive, accentSensitive) = (fields.OptionalFlag("case_sensitive"), fields.OptionalFlag("accent_sensitive"));
        var (value, values, complete) = Operands(fields, op);
        return subject is null || !complete
            ? null
            : new(subject, op) { Value = value, Values = values, CaseSensitive = caseSensitive, AccentSensitive = accentSensitive };
    }

    private static (JsonElement Value, ImmutableArray<JsonElement> Values, bool Complete) Operands(RuleFields fields, TraitOperator op)
    {
        switch (op)
        {
            case TraitOperator.IsSet or TraitOperator.IsNotSet or TraitOperator.IsEmpty or TraitOperator.IsNotEmpty:
                // An operand on these is ignored, and kept.
                return (fields.Find("value") ?? default, fields.Find("values") is { ValueKind: JsonValueKind.Array } ignored ? [.. ignored.EnumerateArray()] : default, true);
            case TraitOperator.In or TraitOperator.NotIn or TraitOperator.Between or TraitOperator.NotBetween:
                if (!fields.Has("values") && fields.Has("value"))
                {
                    fields.Error("value", "wrong_operand", $"`{RuleNames.Of(op)}` takes a list in `values`", "`values`");
                    return (default, default, false);
                }

                var values = fields.RequiredList("values");
                if (!values.IsDefault && op is TraitOperator.Between or TraitOperator.NotBetween && values.Length != 2)
                {
                    fields.Error("values", "wrong_operand", $"`{RuleNames.Of(op)}` takes two values: the low end and the high end");
                    return (default, default, false);
                }

                return (default, values, !values.IsDefault);
            default:
                if (!fields.Has("value") && fields.Has("values"))
                {
                    fields.Error("values", "wrong_operand", $"`{RuleNames.Of(op)}` takes one `value`", op is TraitOperator.Eq ? "`in`" : op is TraitOperator.Neq ? "`not_in`" : null);
                    return (default, default, false);
                }

                var value = fields.Required("value");
                return (value ?? default, default, value is not null);
        }
    }

    private static Condition.DateTest? Date(RuleFields fields, string subjectField)
    {
        var subject = SubjectOf(fields, subjectField);
        if (fields.RequiredWord<DateOperator>("op", "unknown_operator") is not { } op)
        {
            return null;
        }

        switch (op)
        {
            case DateOperator.Before or DateOperator.After or DateOperator.On:
                return fields.Required("value") is { } value && IsDateOperand(fields, "value", value) && subject is not null ? new(subject, op) { Value = value } : null;
            case DateOperator.Between:
                var values = fields.RequiredList("values");
                if (!values.IsDefault && values.Length != 2)
                {
                    fields.Error("values", "wrong_operand", "`between` takes two values: from and to");
                    return null;
                }

                return !values.IsDefault && values.Select((end, i) => IsDateOperand(fields, $"values[{i}]", end)).ToList().TrueForAll(static fits => fits) && subject is not null
                    ? new(subject, op) { Values = values }
                    : null;
            default:
                return SpanOf(fields, op == DateOperator.AnniversaryInNext) is { } span && subject is not null ? new(subject, op) { Span = span } : null;
        }
    }

    private static bool IsDateOperand(RuleFields fields, string field, JsonElement value)
    {
        // Where a reference to a step may stand is for the checker to say.
        if (TraitSchema.TryInstant(value, out _) || (TraitSchema.TryText(value, out var text) && TraitSchema.TryDay(text, out _)) || (field == "value" && StepReference.TryRead(value, out _)))
        {
            return true;
        }

        fields.Error(field, "wrong_type", $"{RuleFields.Shown(value)} is neither a day (\"2024-05-01\") nor an instant (\"2024-05-01T12:00:00Z\")");
        return false;
    }

    private static Span? SpanOf(RuleFields fields, bool anniversary)
    {
        var amount = fields.RequiredWhole("amount", least: 1);
        var unit = fields.RequiredWord<TimeUnit>("unit");
        var calendar = fields.OptionalFlag("calendar");
        var zone = fields.OptionalText("zone");
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            fields.Error("zone", "unknown_zone", $"\"{zone}\" is no time zone; write an IANA name such as \"Europe/Paris\"");
            return null;
        }

        if (amount is null || unit is null)
        {
            return null;
        }

        if (unit is TimeUnit.Minute or TimeUnit.Hour && (anniversary || calendar == true))
        {
            fields.Error("unit", "wrong_unit", anniversary ? "an anniversary is counted in days or longer units" : $"`{RuleNames.Of(unit.Value)}` is no calendar unit");
            return null;
        }

        if (unit is TimeUnit.Month or TimeUnit.Quarter or TimeUnit.Year && calendar != true && !anniversary)
        {
            fields.Error("unit", "wrong_unit", $"`{RuleNames.Of(unit.Value)}` has no fixed length; add calendar: true for calendar {RuleNames.Of(unit.Value)}s");
            return null;
        }

        return new(amount.Value, unit.Value, calendar, zone);
    }

    /// <summary>A length that counts back from now, of units that have one length.</summary>
    private static Span? Rolling(RuleFields fields)
    {
        var amount = fields.RequiredWhole("amount", least: 1);
        var unit = fields.RequiredWord<TimeUnit>("unit");
        if (unit is TimeUnit.Month or TimeUnit.Quarter or TimeUnit.Year)
        {
            fields.Error("unit", "wrong_unit", $"`{RuleNames.Of(unit.Value)}` has no fixed length; count in minutes, hours, days or weeks");
            return null;
        }

        return amount is null || unit is null ? null : new(amount.Value, unit.Value);
    }

    /// <summary>The same as a field of its own; reported where it is absent.</summary>
    private Span? Rolling(RuleFields fields, string field) => fields.Required(field) is { } json ? Rolling(json, fields, field) : null;

    private Span? Rolling(JsonElement json, RuleFields fields, string field)
    {
        if (Inner(json, fields, field, """{"amount": 7, "unit": "day"}""") is not { } inner)
        {
            return null;
        }

        var length = Rolling(inner);
        inner.Done();
        return length;
    }

    /// <summary>The fields of an object within a leaf; reported and null where it is none.</summary>
    private RuleFields? Inner(JsonElement json, RuleFields fields, string field, string example)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            return new(json, fields.PathOf(field), diagnostics);
        }

        fields.Error(field, "wrong_type", $"`{field}` must be an object such as {example}");
        return null;
    }

    private Condition.TraitAge? TraitAge(RuleFields fields)
    {
        var subject = SubjectOf(fields, "trait");
        var value = fields.Required("value");
        if (fields.Required("for") is not { } json || Inner(json, fields, "for", """{"op": "gte", "amount": 30, "unit": "day"}""") is not { } length)
        {
            return null;
        }

        var op = length.RequiredWord<TraitOperator>("op", "unknown_operator");
        var span = Rolling(length);
        length.Done();
        if (op is { } known && known is not (TraitOperator.Gte or TraitOperator.Lt))
        {
            length.Error("op", "unknown_operator", $"an age is compared with gte or lt, not `{RuleNames.Of(known)}`");
            return null;
        }

        return subject is null || value is null || op is null || span is null ? null : new(subject, value.Value, op.Value, span);
    }

    private EventChoice? Choice(RuleFields fields)
    {
        if (fields.Has("event") == fields.Has("event_in"))
        {
            fields.Error("event", fields.Has("event") ? "wrong_shape" : "missing_field", "name the event with exactly one of `event` and `event_in`");
            return null;
        }

        var isList = fields.Has("event_in");
        var names = isList ? fields.RequiredTexts("event_in") : fields.RequiredText("event") is { } name ? [name] : default;
        return names.IsDefaultOrEmpty ? null : new(names, isList, EventNode(fields, "where"));
    }

    private Condition? EventNode(RuleFields fields, string field) =>
        fields.Find(field) is { } where ? Node(where, fields.PathOf(field), depth: 1, ofEvent: true) : null;

    private Condition.DidEvent? Event(RuleFields fields)
    {
        var choice = Choice(fields);
        var count = fields.Find("count") is { } json ? Count(json, fields, "count") : null;
        var distinct = fields.OptionalText("distinct_by");
        var window = Window(fields);
        return choice is null ? null : new(choice) { Count = count, DistinctBy = distinct, Window = window };
    }

    private CountTest? Count(JsonElement json, RuleFields fields, string field)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            fields.Error(field, "wrong_type", $"`{field}` must be an object such as {{\"op\": \"gte\", \"n\": 3}}");
            return null;
        }

        var inner = new RuleFields(json, fields.PathOf(field), diagnostics);
        var op = inner.RequiredWord<TraitOperator>("op", "unknown_operator");
        var n = inner.RequiredWhole("n", least: 0);
        inner.Done();
        if (op is { } known && !IsComparison(known))
        {
            inner.Error("op", "unknown_operator", $"a count is compared with eq, neq, lt, lte, gt or gte, not `{RuleNames.Of(known)}`");
            return null;
        }

        return op is null || n is null ? null : new(op.Value, n.Value);
    }

    private Window? Window(RuleFields fields)
    {
        if (fields.Find("window") is not { } json)
        {
            return null;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            fields.Error("window", "wrong_type", "`window` must be an object with `last`, or with `from` and `to`");
            return null;
        }

        var inner = new RuleFields(json, fields.PathOf("window"), diagnostics);
        Window? window = null;
        if (inner.Find("last") is { } last)
        {
            if (inner.Has("from") || inner.Has("to"))
            {
                inner.Error("last", "wrong_shape", "a window has either `last`, or `from` and `to`");
            }
            else if (last.ValueKind != JsonValueKind.Object)
            {
                inner.Error("last", "wrong_type", "`last` must be an object such as {\"amount\": 30, \"unit\": \"day\"}");
            }
            else
            {
                var span = new RuleFields(last, inner.PathOf("last"), diagnostics);
                window = SpanOf(span, anniversary: false) is { } length ? new() { Last = length } : null;
                span.Done();
            }
        }
        else if (!inner.Has("from") && !inner.Has("to"))
        {
            fields.Error("window", "empty", "a window has `last`, or at least one of `from` and `to`; leave `window` out for ever");
        }
        else
        {
            var (from, to) = (inner.Find("from"), inner.Find("to"));
            var fits = (from is null || IsInstant(inner, "from", from.Value)) & (to is null || IsInstant(inner, "to", to.Value));
            window = fits ? new() { From = from ?? default, To = to ?? default } : null;
        }

        inner.Done();
        return window;
    }

    private Condition.FirstOrLastEvent? FirstOrLast(RuleFields fields, string path, bool last)
    {
        var choice = Choice(fields);
        var per = fields.OptionalText("per");
        if (fields.Has("is") == fields.Has("window"))
        {
            Error(path, "wrong_shape", $"`{(last ? "event_last" : "event_first")}` has exactly one of `is` and `window`");
            return null;
        }

        var condition = EventNode(fields, "is");
        var window = Window(fields);
        return choice is null ? null : new(choice, last) { Per = per, Is = condition, Window = window };
    }

    private Condition.EventAggregate? Aggregate(RuleFields fields)
    {
        var choice = Choice(fields);
        var property = fields.RequiredText("property");
        var function = fields.RequiredWord<AggregateFunction>("fn");
        var op = fields.RequiredWord<TraitOperator>("op", "unknown_operator");
        var value = fields.Required("value");
        var window = Window(fields);
        if (op is { } known && !IsComparison(known))
        {
            fields.Error("op", "unknown_operator", $"an aggregate is compared with eq, neq, lt, lte, gt or gte, not `{RuleNames.Of(known)}`");
            return null;
        }

        if (value is { } operand && (operand.ValueKind != JsonValueKind.Number || !Numeric.TryParse(operand.GetRawText(), out _)))
        {
            fields.Error("value", "wrong_type", $"an aggregate is compared with a number, not {RuleFields.Shown(operand)}");
            return null;
        }

        return choice is null || property is null || function is null || op is null || value is null
            ? null
            : new(choice, property, function.Value, op.Value, value.Value) { Window = window };
    }

    private Condition.EventSequence? Sequence(RuleFields fields)
    {
        var list = fields.RequiredList("steps");
        var window = Window(fields);
        if (list.IsDefault)
        {
            return null;
        }

        if (list.Length > Limits.StepsMax)
        {
            fields.Error("steps", "too_many_steps", $"the sequence has {list.Length} steps; at most {Limits.StepsMax} are allowed");
            return null;
        }

        var steps = list.Select((step, i) => Step(step, fields, i)).ToList();
        return steps.Contains(null) ? null : new([.. steps.OfType<SequenceStep>()]) { Window = window };
    }

    private SequenceStep? Step(JsonElement json, RuleFields fields, int place)
    {
        var field = $"steps[{place}]";
        if (json.ValueKind != JsonValueKind.Object)
        {
            fields.Error(field, "wrong_type", $"a step is an object such as {{\"event\": \"order\"}}, not {RuleFields.Shown(json)}");
            return null;
        }

        var step = new RuleFields(json, $"{fields.PathOf("steps")}[{place}]", diagnostics);
        var name = step.RequiredText("event");
        var where = EventNode(step, "where");
        var within = step.Find("within") is { } length ? Rolling(length, step, "within") : null;
        if (place == 0 && step.Has("within"))
        {
            step.Error("within", "misplaced", "`within` counts from the step before, and the first step has none");
        }

        step.Done();
        return name is null ? null : new(new EventChoice([name], IsList: false, where)) { Within = within };
    }

    private Condition.EventFrequency? Frequency(RuleFields fields)
    {
        var choice = Choice(fields);
        var period = Rolling(fields, "period");
        var (atLeast, outOf) = (fields.RequiredWhole("at_least", least: 0), fields.RequiredWhole("out_of", least: 1));
        return choice is null || period is null || atLeast is null || outOf is null ? null : new(choice, period, atLeast.Value, outOf.Value);
    }

    private Condition.EventLifecycle? Lifecycle(RuleFields fields)
    {
        var choice = Choice(fields);
        var state = fields.RequiredWord<LifecycleState>("state");
        var (active, quiet) = (Rolling(fields, "active"), Rolling(fields, "quiet"));
        return choice is null || state is null || active is null || quiet is null ? null : new(choice, state.Value, active, quiet);
    }

    private Condition.InSegment? InSegment(RuleFields fields)
    {
        references++;
        var id = fields.RequiredText("segment_id");
        return Belongs(fields, "membership of a segment") is { } belongs && id is not null ? new(id, Negated: !belongs) : null;
    }

    private static Condition.InList? InList(RuleFields fields)
    {
        var id = fields.RequiredText("list_id");
        return Belongs(fields, "a place on a list") is { } belongs && id is not null ? new(id, Negated: !belongs) : null;
    }

    /// <summary>Whether the operator is <c>in</c>, and not <c>not_in</c>; null where it is neither.</summary>
    private static bool? Belongs(RuleFields fields, string what)
    {
        switch (fields.RequiredWord<TraitOperator>("op", "unknown_operator"))
        {
            case null: return null;
            case TraitOperator.In: return true;
            case TraitOperator.NotIn: return false;
            case { } other:
                fields.Error("op", "unknown_operator", $"{what} is asked with `in` or `not_in`, not `{RuleNames.Of(other)}`");
                return null;
        }
    }

    private static Condition.Sample? Sample(RuleFields fields)
    {
        var written = fields.Required("percent");
        var salt = fields.RequiredText("salt");
        if (written is not { } percent)
        {
            return null;
        }

        if (percent.ValueKind == JsonValueKind.Number && Numeric.TryParse(percent.GetRawText(), out var share) && share is { IsExact: true, Exact: >= 0 and <= 100 })
        {
            return salt is null ? null : new(share.Exact, salt);
        }

        fields.Error("percent", "wrong_type", $"`percent` must be a number from 0 to 100, not {RuleFields.Shown(percent)}");
        return null;
    }

    private static Condition.Unsupported? Unsupported(RuleFields fields)
    {
        var (origin, raw) = (fields.RequiredText("origin"), fields.Required("raw"));
        return origin is null || raw is null ? null : new(origin, raw.Value);
    }

    public static bool IsComparison(TraitOperator op) =>
        op is TraitOperator.Eq or TraitOperator.Neq or TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte;

    private Condition.Unreadable Refuse(string path, string code, string message, string? suggestion = null)
    {
        diagnostics.Add(new(path, code, DiagnosticSeverity.Error, message, suggestion));
        return new();
    }

    private void Error(string path, string code, string message) => diagnostics.Add(new(path, code, DiagnosticSeverity.Error, message));
}
