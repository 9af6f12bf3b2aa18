using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The oracle: asks a rule of one contact by walking it as its author wrote it. Small and obvious rather than fast; the other ways to run a rule must give the same answer,
/// so it shares nothing with them but the typed values.
/// </summary>
public sealed partial class Interpreter
{
    private readonly RuleContext context;
    private readonly Contact contact;
    private readonly ContactEvent[] history;
    private readonly Instant now;
    private readonly Func<SegmentId, bool?> membership;

    /// <summary>While a sequence is looked for: the events chosen for its first steps.</summary>
    private ImmutableArray<ContactEvent> story = [];

    private Interpreter(RuleContext context, Contact contact, IEnumerable<ContactEvent> events, Instant now, Func<SegmentId, bool?> membership)
    {
        this.context = context;
        this.contact = contact;
        this.now = now;
        this.membership = membership;
        history = [.. events.Where(happened => happened.At <= now).OrderBy(static happened => happened.At).ThenBy(static happened => happened.Sequence)];
    }

    /// <summary>The answer of a rule for one contact.</summary>
    /// <param name="rule">The rule, with the schema, zone and segments it was checked against.</param>
    /// <param name="contact">The contact asked about.</param>
    /// <param name="events">What this contact did, in any order.</param>
    /// <param name="now">The time at which to ask.</param>
    /// <param name="membership">Whether the contact is in another segment; null while that has no members to read.</param>
    public static Truth Evaluate(CheckedRule rule, Contact contact, IReadOnlyList<ContactEvent> events, Instant now, Func<SegmentId, bool?> membership) =>
        new Interpreter(rule.Context, contact, events, now, membership).Of(rule.Condition, happened: null);

    /// <summary>The answer of one node, for the contact, or inside <c>where</c> and <c>is</c> for one of its events.</summary>
    private Truth Of(Condition condition, ContactEvent? happened) => condition switch
    {
        Condition.AllOf all => And(all.Of.Select(part => Of(part, happened))),
        Condition.AnyOf any => Or(any.Of.Select(part => Of(part, happened))),
        Condition.Negation not => Not(Of(not.Of, happened)),
        Condition.Group group => Of(group.Node, happened),
        Condition.AllContacts => Truth.True,
        Condition.NoContacts => Truth.False,
        Condition.ContactIdIn leaf => Or(leaf.ContactIds.Select(id => Is(string.Equals(id, contact.Id?.ToString(), StringComparison.OrdinalIgnoreCase)))),
        Condition.CreatedAtBetween leaf => OfCreatedAt(leaf),
        Condition.EmailDomainIn leaf => OfEmailDomain(leaf),
        Condition.InSegment leaf => OfSegment(leaf),
        Condition.ValueTest leaf => OfValue(leaf, happened),
        Condition.DateTest leaf => OfDate(leaf, happened),
        Condition.DidEvent leaf => OfCount(leaf),
        Condition.FirstOrLastEvent leaf => OfFirstOrLast(leaf),
        Condition.EventAggregate leaf => OfAggregate(leaf),
        Condition.TraitAge leaf => OfTraitAge(leaf),
        Condition.EventSequence leaf => Is(Continues(leaf, [])),
        Condition.EventFrequency leaf => OfFrequency(leaf),
        Condition.EventLifecycle leaf => OfLifecycle(leaf),
        Condition.InList leaf => context.HasList(leaf.ListId) ? Is(contact.Lists.Contains(leaf.ListId) != leaf.Negated) : Truth.Unknown,
        Condition.AffectedBySequence leaf => context.HasSequence(leaf.SequenceId) ? Is(contact.Sequences.Contains(leaf.SequenceId)) : Truth.Unknown,
        Condition.Sample leaf => OfSample(leaf),
        Condition.Unreadable => Truth.Unknown,
        _ => throw new InvalidOperationException($"no meaning for {condition.GetType().Name}"),
    };

    private Truth OfCreatedAt(Condition.CreatedAtBetween leaf) =>
        contact.CreatedAt is { } createdAt
            ? Is((InstantOf(leaf.After) is not { } after || createdAt >= after) && (InstantOf(leaf.Before) is not { } before || createdAt < before))
            : IfMissing(leaf);

    private Truth OfEmailDomain(Condition.EmailDomainIn leaf) =>
        EmailDomain is { } domain
            ? Or(leaf.DomainNames.Select(name => Is(Domain(name) == domain)))
            : IfMissing(leaf);

    private Truth OfSample(Condition.Sample leaf) => Bucket(leaf) is { } bucket ? Is(bucket < leaf.Percent) : Truth.Unknown;

    /// <summary>Where the draw puts the contact, from 0 to below 100; null for one without an id.</summary>
    private decimal? Bucket(Condition.Sample leaf)
    {
        if ((contact.Id?.ToString() ?? contact.ExternalId) is not { } name)
        {
            return null;
        }

        var first8Bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{leaf.Salt}:{name}")).Take(8);
        var x = first8Bytes.Aggregate(BigInteger.Zero, static (higher, octet) => (higher * 256) + octet);
        return (decimal)(x * BigInteger.Pow(10, 8) / BigInteger.Pow(2, 64)) / 1_000_000;
    }

    private string? EmailDomain => contact.Email is { } email && email.Contains('@', StringComparison.Ordinal) ? Domain(email.Split('@')[^1]) : null;

    private static string? Domain(string text)
    {
        try
        {
            return text.Length == 0 ? null : new IdnMapping().GetAscii(text).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // No domain that IDNA knows.
            return null;
        }
    }

    private Truth OfSegment(Condition.InSegment leaf) =>
        context.FindSegment(leaf.SegmentId) is { } segment && membership(segment) is { } member ? Is(member != leaf.Negated) : Truth.Unknown;

    /// <summary>Kleene's and; over nothing it is not known, so that an empty rule admits nobody.</summary>
    private static Truth And(IEnumerable<Truth> parts) => parts.DefaultIfEmpty(Truth.Unknown).Min();

    /// <summary>Kleene's or; over nothing it is not known, so that an empty rule turned round admits nobody.</summary>
    private static Truth Or(IEnumerable<Truth> parts) => parts.DefaultIfEmpty(Truth.Unknown).Max();

    private static Truth Not(Truth truth) => truth switch
    {
        Truth.True => Truth.False,
        Truth.False => Truth.True,
        _ => Truth.Unknown,
    };

    private static Truth Is(bool holds) => holds ? Truth.True : Truth.False;

    private static Truth IfMissing(Condition.Leaf leaf) => leaf.Missing switch
    {
        MissingAs.Match => Truth.True,
        MissingAs.NoMatch => Truth.False,
        _ => Truth.Unknown,
    };

    /// <summary>An instant as a rule writes it; null where there is none, or something else.</summary>
    private static Instant? InstantOf(JsonElement written) => TraitSchema.TryInstant(written, out var instant) ? instant : null;
}
