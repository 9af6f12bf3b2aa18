using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <content>What a condition saw, for whoever explains it.</content>
public sealed partial class Interpreter
{
    /// <summary>What a leaf looked at, and why it has no plain answer.</summary>
    internal static (JsonElement? Seen, Reason Reason) Look(Condition.Leaf leaf, RuleContext context, Contact contact, IReadOnlyList<ContactEvent> events, Instant now, Func<SegmentId, bool?> membership) =>
        new Interpreter(context, contact, events, now, membership).Look(leaf);

    private (JsonElement? Seen, Reason Reason) Look(Condition.Leaf leaf) => leaf switch
    {
        Condition.ValueTest test => (Raw(test.Subject), WhyOf(test)),
        Condition.DateTest test => (Raw(test.Subject), WhyOf(test)),
        Condition.CreatedAtBetween => (Json(contact.CreatedAt?.ToString()), contact.CreatedAt is null ? Reason.Missing : Reason.None),
        Condition.EmailDomainIn => (Json(contact.Email), contact.Email is null ? Reason.Missing : EmailDomain is null ? Reason.NotConvertible : Reason.None),
        Condition.ContactIdIn => (Json(contact.Id?.ToString()), contact.Id is null ? Reason.Missing : Reason.None),
        Condition.InSegment segment => context.FindSegment(segment.SegmentId) is { } id && membership(id) is { } member ? (Json(member), Reason.None) : (null, Reason.SegmentNotReady),
        Condition.DidEvent did => (Json(Counted(did)), Reason.None),
        Condition.FirstOrLastEvent edge => Ends(edge).Select(Shown).ToList() is { Count: > 0 } ends ? (ends.Count == 1 ? ends[0] : Json(ends), Reason.None) : (null, Reason.Missing),
        Condition.EventAggregate aggregate => Aggregated(aggregate) is { } number ? (number, Reason.None) : (null, Reason.Missing),
        Condition.TraitAge age => (Raw(age.Subject), WhyOf(age)),
        Condition.EventFrequency frequency => (Json(Periods(frequency)), Reason.None),
        Condition.InList list => context.HasList(list.ListId) ? (Json(contact.Lists.Contains(list.ListId, StringComparer.Ordinal)), Reason.None) : (null, Reason.NotKnown),
        Condition.AffectedBySequence affected => context.HasSequence(affected.SequenceId) ? (Json(contact.Sequences.Contains(affected.SequenceId, StringComparer.Ordinal)), Reason.None) : (null, Reason.NotKnown),
        Condition.Sample sample => Bucket(sample) is { } bucket ? (Json(bucket), Reason.None) : (null, Reason.Missing),
        _ => default,
    };

    private Reason WhyOf(Condition.TraitAge leaf)
    {
        var (value, type) = Read(leaf.Subject, happened: null);
        var equal = new Condition.ValueTest(leaf.Subject, TraitOperator.Eq) { Value = leaf.Value };
        var reason = WhyOf(leaf.Subject, value, element => Holds(TraitOperator.Eq, equal, element, type));
        return reason == Reason.None && OfTraitAge(leaf) == Truth.Unknown ? Reason.NoHistory : reason;
    }

    private Reason WhyOf(Condition.ValueTest leaf)
    {
        if (leaf.Operator is TraitOperator.IsSet or TraitOperator.IsNotSet or TraitOperator.IsEmpty or TraitOperator.IsNotEmpty)
        {
            return Reason.None;
        }

        var (value, type) = Read(leaf.Subject, happened: null);
        if (leaf.Operator == TraitOperator.Size)
        {
            return value is null ? WhyMissing(leaf.Subject) : value is TraitValue.List ? Reason.None : Reason.OtherType;
        }

        return WhyOf(leaf.Subject, value, element => Holds(PositiveTwin(leaf.Operator) ?? leaf.Operator, leaf, element, type));
    }

    private Reason WhyOf(Condition.DateTest leaf) => WhyOf(leaf.Subject, Read(leaf.Subject, happened: null).Value, element => Holds(leaf.Operator switch
    {
        DateOperator.NotInLast => DateOperator.InLast,
        DateOperator.NotInNext => DateOperator.InNext,
        var op => op,
    }, leaf, element));

    private Reason WhyOf(Subject subject, TraitValue? value, Func<TraitValue, Truth> holds)
    {
        if (value is null)
        {
            return WhyMissing(subject);
        }

        if (Quantified(subject, value, holds) != Truth.Unknown)
        {
            return Reason.None;
        }

        return value switch
        {
            TraitValue.List { Elements.Length: 0 } => Reason.EmptyList,
            TraitValue.List => Reason.UnusableElement,
            TraitValue.Text text when Encoding.UTF8.GetByteCount(text.Value) > Limits.MatchedBytesMax => Reason.TooLong,
            _ => Reason.OtherType,
        };
    }

    private Reason WhyMissing(Subject subject) => Raw(subject) is null ? Reason.Missing : Reason.NotConvertible;

    /// <summary>A trait's value as it came; null where there is none.</summary>
    private JsonElement? Raw(Subject subject)
    {
        var path = TraitPath.Of(subject.Name);
        switch (path.BuiltIn)
        {
            case BuiltInTrait.Id: return Json(contact.Id?.ToString());
            case BuiltInTrait.ExternalId: return Json(contact.ExternalId);
            case BuiltInTrait.Email: return Json(contact.Email);
            case BuiltInTrait.PhoneNumber: return Json(contact.PhoneNumber);
            case BuiltInTrait.Name: return Json(contact.Name);
            case BuiltInTrait.CreatedAt: return Json(contact.CreatedAt?.ToString());
            case BuiltInTrait.UpdatedAt: return Json(contact.UpdatedAt?.ToString());
            case BuiltInTrait.LastSeenAt: return Json(contact.LastSeenAt?.ToString());
            default:
                var verified = Present(path.Find(contact.CustomData));
                var isUsable = verified is { } own && TraitSchema.Convert(own, context.Schema.TypeOf(path) ?? subject.ValueType) is not null;
                return subject.Source == DataSource.Any && !isUsable ? Present(path.Find(contact.NonVerifiedCustomData)) ?? verified : verified;
        }
    }

    private static JsonElement? Present(JsonElement? value) => value is { ValueKind: JsonValueKind.Null } ? null : value;

    /// <summary>The sum, mean, least, greatest or number of values that was compared; null over none.</summary>
    private JsonElement? Aggregated(Condition.EventAggregate leaf)
    {
        var events = Chosen(leaf.Choice, leaf.Window).ToList();
        if (leaf.Function == AggregateFunction.CountDistinct)
        {
            return Json(Different(events, leaf.Property));
        }

        var numbers = events.Select(happened => Property(happened, leaf.Property).Value).OfType<TraitValue.Number>().Select(static number => number.Value).ToList();
        if (numbers.Count == 0)
        {
            return null;
        }

        return leaf.Function switch
        {
            AggregateFunction.Min => Number(numbers.Min()),
            AggregateFunction.Max => Number(numbers.Max()),
            AggregateFunction.Sum => Total(numbers, dividedBy: 1),
            _ => Total(numbers, dividedBy: numbers.Count),
        };
    }

    /// <summary>As exact as it can be written: the comparison itself is exact.</summary>
    private static JsonElement Total(List<Numeric> numbers, int dividedBy)
    {
        if (numbers.TrueForAll(static number => number.IsExact))
        {
            var sum = numbers.Aggregate(BigInteger.Zero, static (sum, number) => sum + Scaled(number.Exact));
            var (whole, rest) = BigInteger.DivRem(sum, BigInteger.Pow(10, 28) * dividedBy);
            if (BigInteger.Abs(whole) < new BigInteger(decimal.MaxValue))
            {
                return Json((decimal)whole + ((decimal)rest / dividedBy / 1e28m));
            }
        }

        var total = numbers.Aggregate(0.0, static (sum, number) => sum + number.Approximate) / dividedBy;
        return double.IsFinite(total) ? Json(total) : Json("beyond the largest number")!.Value;
    }

    private static JsonElement Number(Numeric number) => number.IsExact ? Json(number.Exact) : Json(number.Approximate);

    private static JsonElement Shown(ContactEvent happened) => Json(new JsonObject
    {
        ["event"] = happened.Name,
        ["timestamp"] = happened.At.ToString(),
        ["properties"] = JsonNode.Parse(happened.Properties.GetRawText()),
    });

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(JsonValue.Create(text).ToJsonString());

    private static JsonElement Json(JsonNode value) => JsonElement.Parse(value.ToJsonString());

    private static JsonElement Json(IEnumerable<JsonElement> values) => JsonElement.Parse($"[{string.Join(',', values.Select(static value => value.GetRawText()))}]");
}
