using System.Collections.Immutable;
using System.Text.Json;

namespace SegmentEngine.Rules;

/// <summary>Writes conditions as JSON, in one order of fields.</summary>
internal static class RuleWriter
{
    public static void Write(Utf8JsonWriter writer, Condition condition)
    {
        writer.WriteStartObject();
        switch (condition)
        {
            case Condition.AllOf all:
                Nodes(writer, "and", all.Of);
                break;
            case Condition.AnyOf any:
                Nodes(writer, "or", any.Of);
                break;
            case Condition.Negation not:
                Node(writer, "not", not.Of);
                break;
            case Condition.Leaf leaf:
                Leaf(writer, leaf);
                break;
            default:
                throw new InvalidOperationException($"no print for {condition.GetType().Name}");
        }

        writer.WriteEndObject();
    }

    private static void Leaf(Utf8JsonWriter writer, Condition.Leaf leaf)
    {
        switch (leaf)
        {
            case Condition.Group group:
                Type(writer, "group");
                Node(writer, "node", group.Node);
                break;
            case Condition.AllContacts:
                Type(writer, "all_contacts");
                break;
            case Condition.NoContacts:
                Type(writer, "no_contacts");
                break;
            case Condition.ContactIdIn ids:
                Type(writer, "contact_id_in");
                Texts(writer, "contact_ids", ids.ContactIds);
                break;
            case Condition.CreatedAtBetween between:
                Type(writer, "contacts_created_at_between");
                Value(writer, "after", between.After);
                Value(writer, "before", between.Before);
                break;
            case Condition.EmailDomainIn domains:
                Type(writer, "contacts_email_domain_name_in");
                Texts(writer, "domain_name_in", domains.DomainNames);
                break;
            case Condition.ValueTest test:
                Subject(writer, test.Subject, "trait");
                writer.WriteString("op", RuleNames.Of(test.Operator));
                Value(writer, "value", test.Value);
                Values(writer, "values", test.Values);
                Flag(writer, "case_sensitive", test.CaseSensitive);
                Flag(writer, "accent_sensitive", test.AccentSensitive);
                break;
            case Condition.DateTest test:
                Subject(writer, test.Subject, "date");
                writer.WriteString("op", RuleNames.Of(test.Operator));
                Value(writer, "value", test.Value);
                Values(writer, "values", test.Values);
                if (test.Span is { } span)
                {
                    Span(writer, span);
                }

                break;
            case Condition.TraitAge age:
                Subject(writer, age.Subject, "trait_age");
                Value(writer, "value", age.Value);
                writer.WriteStartObject("for");
                writer.WriteString("op", RuleNames.Of(age.Operator));
                Span(writer, age.For);
                writer.WriteEndObject();
                break;
            case Condition.DidEvent did:
                Type(writer, "event");
                Choice(writer, did.Choice);
                if (did.Count is { } count)
                {
                    writer.WriteStartObject("count");
                    writer.WriteString("op", RuleNames.Of(count.Operator));
                    writer.WriteNumber("n", count.N);
                    writer.WriteEndObject();
                }

                Text(writer, "distinct_by", did.DistinctBy);
                Window(writer, did.Window);
                break;
            case Condition.FirstOrLastEvent edge:
                Type(writer, edge.Last ? "event_last" : "event_first");
                Choice(writer, edge.Choice);
                Text(writer, "per", edge.Per);
                if (edge.Is is { } condition)
                {
                    Node(writer, "is", condition);
                }

                Window(writer, edge.Window);
                break;
            case Condition.EventAggregate aggregate:
                Type(writer, "event_aggregate");
                Choice(writer, aggregate.Choice);
                writer.WriteString("property", aggregate.Property);
                writer.WriteString("fn", RuleNames.Of(aggregate.Function));
                writer.WriteString("op", RuleNames.Of(aggregate.Operator));
                Value(writer, "value", aggregate.Value);
                Window(writer, aggregate.Window);
                break;
            case Condition.EventSequence sequence:
                Type(writer, "event_sequence");
                Steps(writer, sequence.Steps);
                Window(writer, sequence.Window);
                break;
            case Condition.EventFrequency frequency:
                Type(writer, "event_frequency");
                Choice(writer, frequency.Choice);
                Span(writer, "period", frequency.Period);
                writer.WriteNumber("at_least", frequency.AtLeast);
                writer.WriteNumber("out_of", frequency.OutOf);
                break;
            case Condition.EventLifecycle lifecycle:
                Type(writer, "event_lifecycle");
                Choice(writer, lifecycle.Choice);
                writer.WriteString("state", RuleNames.Of(lifecycle.State));
                Span(writer, "active", lifecycle.Active);
                Span(writer, "quiet", lifecycle.Quiet);
                break;
            case Condition.InSegment segment:
                Type(writer, "segment");
                writer.WriteString("segment_id", segment.SegmentId);
                writer.WriteString("op", segment.Negated ? "not_in" : "in");
                break;
            case Condition.InList list:
                Type(writer, "list");
                writer.WriteString("list_id", list.ListId);
                writer.WriteString("op", list.Negated ? "not_in" : "in");
                break;
            case Condition.AffectedBySequence affected:
                Type(writer, "contacts_affected_by_sequence");
                writer.WriteString("sequence_id", affected.SequenceId);
                break;
            case Condition.Sample sample:
                Type(writer, "sample");
                writer.WriteNumber("percent", sample.Percent);
                writer.WriteString("salt", sample.Salt);
                break;
            case Condition.Unsupported unsupported:
                Type(writer, "unsupported");
                writer.WriteString("origin", unsupported.Origin);
                Value(writer, "raw", unsupported.Raw);
                break;
            default:
                throw new InvalidOperationException($"no print for {leaf.GetType().Name}");
        }

        if (leaf.Missing is { } missing)
        {
            writer.WriteString("missing", RuleNames.Of(missing));
        }

        Text(writer, "label", leaf.Label);
    }

    private static void Subject(Utf8JsonWriter writer, Subject subject, string type)
    {
        Type(writer, subject.IsProperty ? "property" : type);
        writer.WriteString(subject.IsProperty ? "property" : "trait", subject.Name);
        Text(writer, "value_type", subject.ValueType?.ToString());
        Text(writer, "quantifier", subject.Quantifier is { } quantifier ? RuleNames.Of(quantifier) : null);
        Text(writer, "source", subject.Source is { } source ? RuleNames.Of(source) : null);
    }

    private static void Choice(Utf8JsonWriter writer, EventChoice choice)
    {
        if (choice.IsList)
        {
            Texts(writer, "event_in", choice.Names);
        }
        else
        {
            writer.WriteString("event", choice.Names[0]);
        }

        if (choice.Where is { } where)
        {
            Node(writer, "where", where);
        }
    }

    private static void Window(Utf8JsonWriter writer, Window? window)
    {
        if (window is null)
        {
            return;
        }

        writer.WriteStartObject("window");
        if (window.Last is { } last)
        {
            Span(writer, "last", last);
        }

        Value(writer, "from", window.From);
        Value(writer, "to", window.To);
        writer.WriteEndObject();
    }

    private static void Steps(Utf8JsonWriter writer, ImmutableArray<SequenceStep> steps)
    {
        writer.WriteStartArray("steps");
        foreach (var step in steps)
        {
            writer.WriteStartObject();
            Choice(writer, step.Choice);
            if (step.Within is { } within)
            {
                Span(writer, "within", within);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Span(Utf8JsonWriter writer, string field, Span span)
    {
        writer.WriteStartObject(field);
        Span(writer, span);
        writer.WriteEndObject();
    }

    private static void Span(Utf8JsonWriter writer, Span span)
    {
        writer.WriteNumber("amount", span.Amount);
        writer.WriteString("unit", RuleNames.Of(span.Unit));
        Flag(writer, "calendar", span.Calendar);
        Text(writer, "zone", span.Zone);
    }

    private static void Type(Utf8JsonWriter writer, string type) => writer.WriteString("type", type);

    private static void Node(Utf8JsonWriter writer, string field, Condition condition)
    {
        writer.WritePropertyName(field);
        Write(writer, condition);
    }

    private static void Nodes(Utf8JsonWriter writer, string field, ImmutableArray<Condition> conditions)
    {
        writer.WriteStartArray(field);
        foreach (var condition in conditions)
        {
            Write(writer, condition);
        }

        writer.WriteEndArray();
    }

    private static void Value(Utf8JsonWriter writer, string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName(field);
            value.WriteTo(writer);
        }
    }

    private static void Values(Utf8JsonWriter writer, string field, ImmutableArray<JsonElement> values)
    {
        if (values.IsDefault)
        {
            return;
        }

        writer.WriteStartArray(field);
        foreach (var value in values)
        {
            value.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter writer, string field, ImmutableArray<string> texts)
    {
        writer.WriteStartArray(field);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter writer, string field, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(field, text);
        }
    }

    private static void Flag(Utf8JsonWriter writer, string field, bool? flag)
    {
        if (flag is { } value)
        {
            writer.WriteBoolean(field, value);
        }
    }
}
