using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// Twenty million events of a million contacts in two shards, and two hundred different conditions over them, all from one seed. Ten event names, the most frequent thirty times as frequent as the rarest;
/// some contacts do much and most little (the busiest hundredth has a tenth of the events). Four years, in order of time but for a week's disorder.
/// </summary>
internal sealed class ManyEvents
{
    public const int Shards = 2;
    public const int ContactsPerShard = 500_000;
    public const int EventsPerShard = 10_000_000;

    private const int Seed = 42;
    private const int PropertiesEach = 20_000;
    private const int MissingPercent = 5;
    private const long Years = 4 * 365 * TimeSpan.TicksPerDay;
    private const long Disorder = 7 * TimeSpan.TicksPerDay;

    public static readonly Instant Now = Instant.TryParse("2024-06-01T12:00:00Z", out var now) ? now : default;

    /// <summary>Their shares are percents. A count of distinct values a property; numbers have two decimals where they are money.</summary>
    internal static readonly Kind[] Kinds =
    [
        new("page_viewed", 30, new("path", 200)),
        new("feature_used", 20, new("feature", 40), new("seconds", 600)),
        new("login", 15, new("device", 5)),
        new("product_viewed", 10, new("product", 5_000), new("price", 20_000, IsMoney: true)),
        new("order_placed", 8, new("city", 500), new("value", 50_000, IsMoney: true), new("order_id", 2_000)),
        new("cart_added", 6, new("product", 5_000), new("value", 50_000, IsMoney: true)),
        new("ticket_created", 4, new("priority", 4), Id: new("ticket_id", 300)),
        new("ticket_status_changed", 4, new("status", 5), Id: new("ticket_id", 300)),
        new("csat_submitted", 2, new("channel", 3), new("score", 5)),
        new("refund_issued", 1, new("reason", 6), new("value", 50_000, IsMoney: true), new("order_id", 2_000)),
    ];

    private static readonly Drawn[][] properties = DrawProperties();
    private static readonly int[] kindOfPercent = [.. Kinds.SelectMany(static (kind, i) => Enumerable.Repeat(i, kind.Percent))];

    public ManyEvents()
    {
        Conditions = EventConditions.Draw(new(Seed + 1));
        Plan = PlanOf(Conditions);
        Columns = [.. Enumerable.Range(0, Shards).AsParallel().AsOrdered().Select(shard => Filled(Plan, shard))];
    }

    public IReadOnlyList<EventCondition> Conditions { get; }

    public RulePlan Plan { get; }

    /// <summary>A shard each.</summary>
    public ShardColumns[] Columns { get; }

    public static RulePlan PlanOf(IEnumerable<EventCondition> conditions)
    {
        var context = new RuleContext(Schema(), TimeZoneInfo.Utc, static _ => null);
        return RulePlan.Of(conditions.Select(condition => (condition.Segment, RuleChecker.Check(condition.Rule, context).Rule ?? throw new InvalidOperationException(condition.Rule))));
    }

    /// <summary>The events of a shard as they arrive.</summary>
    public static IEnumerable<Happened> EventsOf(int shard)
    {
        var random = new Random(Seed + 100 + shard);
        for (var i = 0; i < EventsPerShard; i++)
        {
            var (seat, kind) = (Seat(random), kindOfPercent[random.Next(100)]);
            var ticks = Now.Ticks - Years + (long)((double)i / EventsPerShard * Years) - random.NextInt64(Disorder) + (Disorder / 50);
            yield return new(seat, kind, new(ticks), i, properties[kind][random.Next(PropertiesEach)]);
        }
    }

    /// <summary>Events that arrive when the columns are full: most of now, some late.</summary>
    public static IEnumerable<Happened> NewEvents(int count, int seed)
    {
        var random = new Random(Seed + 200 + seed);
        for (var i = 0; i < count; i++)
        {
            var (seat, kind) = (Seat(random), kindOfPercent[random.Next(100)]);
            var ticks = Now.Ticks - (random.Next(10) == 0 ? random.NextInt64(Years) : random.NextInt64(TimeSpan.TicksPerHour));
            yield return new(seat, kind, new(ticks), EventsPerShard + ((long)seed * count) + i, properties[kind][random.Next(PropertiesEach)]);
        }
    }

    private static ShardColumns Filled(RulePlan plan, int shard)
    {
        var columns = new ShardColumns();
        var contact = new Contact();
        columns.Extend(plan, Enumerable.Range(0, ContactsPerShard).Select(seat => (new ContactIndex(seat), contact)), EventsOf(shard).Select(static happened => (new ContactIndex(happened.Seat), happened.Event)));
        return columns;
    }

    private static int Seat(Random random)
    {
        var at = random.NextDouble();
        return (int)(7_919L * (long)(at * at * ContactsPerShard) % ContactsPerShard);
    }

    private static Drawn[][] DrawProperties()
    {
        var random = new Random(Seed);
        return [.. Kinds.Select(kind => Enumerable.Range(0, PropertiesEach).Select(_ => Draw(random, kind)).ToArray())];
    }

    private static Drawn Draw(Random random, Kind kind)
    {
        var text = kind.Text.TextOf(random.Next(kind.Text.Distinct));
        var hundredths = kind.Number is { } number && random.Next(100) >= MissingPercent ? random.Next(number.Distinct) * (number.IsMoney ? 1 : 100) : (int?)null;
        var id = kind.Id?.TextOf(random.Next(kind.Id.Distinct));
        var written = $"{{\"{kind.Text.Name}\":\"{text}\""
            + (hundredths is null ? "" : $",\"{kind.Number!.Name}\":{(hundredths.Value / 100m).ToString(CultureInfo.InvariantCulture)}")
            + (id is null ? "}" : $",\"{kind.Id!.Name}\":\"{id}\"}}");
        return new(text, hundredths, id, JsonElement.Parse(written));
    }

    private static TraitSchema Schema()
    {
        var events = Kinds.Select(static kind => $"\"{kind.Name}\":{{\"{kind.Text.Name}\":\"string\""
            + (kind.Number is null ? "" : $",\"{kind.Number.Name}\":\"number\"") + (kind.Id is null ? "}" : $",\"{kind.Id.Name}\":\"string\"}}"));
        return TraitSchema.TryParse(JsonElement.Parse($"{{\"traits\":{{}},\"events\":{{{string.Join(',', events)}}}}}"), out var schema, out _) ? schema : throw new InvalidOperationException();
    }

    /// <summary>Events of one name.</summary>
    internal sealed record Kind(string Name, int Percent, Property Text, Property? Number = null, Property? Id = null);

    internal sealed record Property(string Name, int Distinct, bool IsMoney = false)
    {
        public string TextOf(int number) => $"{Name} {number}";
    }

    /// <summary>An event's properties; the number in hundredths.</summary>
    internal sealed record Drawn(string Text, int? Hundredths, string? Id, JsonElement Json);

    internal readonly record struct Happened(int Seat, int Kind, Instant At, long Sequence, Drawn Properties)
    {
        public ContactEvent Event => new(Kinds[Kind].Name, At, Sequence, Properties.Json);
    }
}
