using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>
/// A random workspace: a schema, a zone, a time, people and rules about them. Values and operands come from the same short lists,
/// weighted towards what is hard: missing, null, of another type, empty, at the very edge of a window, at a change of the clocks.
/// </summary>
internal sealed partial class RandomWorld
{
    /// <summary>A trait of few values, so that it has had one for a while now and then.</summary>
    private const string Stage = "stage";

    private static readonly string[] lists = ["press", "Press", "vip", "empty"];
    private static readonly string[] sequences = ["onboarding", "winback"];
    private static readonly string[] traitNames = ["plan", "seats", "vip", "born", "trial_ends", "app", "tags", "scores", "days", "apps", "company.size", "a\\.b", Stage];
    private static readonly string[] propertyNames = ["value", "kind", "due", "ok", "tags", "item.id"];
    private static readonly string[] eventNames = ["order", "refund", "réglé"];

    private static readonly (string Zone, string[] Times)[] places =
    [
        ("America/New_York", ["2024-03-10T07:00:00Z", "2024-11-03T06:00:00Z", "2024-11-03T05:00:00Z", "2024-03-11T03:30:00Z", "2024-01-01T05:00:00Z"]),
        ("America/Sao_Paulo", ["2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z", "2018-02-18T03:00:00Z", "2018-12-04T03:30:00Z"]),
        ("Pacific/Apia", ["2011-12-30T10:00:00Z", "2012-01-30T12:00:00Z", "2011-12-29T12:00:00Z"]),
        ("Europe/Paris", ["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2024-10-27T00:30:00Z", "2024-03-31T22:00:00Z", "2024-04-30T00:30:00Z"]),
        ("America/Havana", ["2024-11-03T05:00:00Z", "2024-11-04T04:30:00Z", "2024-03-10T05:00:00Z"]),
        ("America/St_Johns", ["2010-11-07T02:30:00Z", "2010-11-07T02:31:00Z", "2010-11-07T03:00:00Z", "2010-11-07T03:30:00Z"]),
        ("UTC", ["2023-03-31T12:00:00Z", "2024-02-29T00:00:00Z", "2023-02-28T23:59:59.9999999Z", "2023-12-31T23:59:59.9999999Z", "2024-05-15T12:00:00Z", "2024-05-13T00:00:00Z"]),
    ];

    private static readonly TimeSpan[] nudges = [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromTicks(-1), TimeSpan.FromHours(1), TimeSpan.FromHours(-7), TimeSpan.FromDays(3)];

    private readonly Dice dice;
    private readonly bool clock;
    private readonly Dictionary<string, TraitType> traits = [];
    private readonly Dictionary<(string Event, string Property), TraitType> properties = [];
    private readonly List<SegmentId> segments = [];
    private readonly List<SegmentId> outside;

    /// <param name="dice">Chance.</param>
    /// <param name="clock">Mostly traits and rules that hang on the time.</param>
    public RandomWorld(Dice dice, bool clock = false)
    {
        (this.dice, this.clock) = (dice, clock);
        var (zone, times) = dice.Pick(places);
        Now = Instant.TryParse(dice.Pick(times), out var time) ? time.Plus(dice.Pick(nudges)) : throw new FormatException();
        var kinds = clock ? [TraitKind.Date, TraitKind.DateTime, TraitKind.Number] : Enum.GetValues<TraitKind>();
        var types = kinds.SelectMany(static kind => new TraitType[] { new(kind), new(kind), new(kind, IsList: true) }).ToList();
        foreach (var name in traitNames.Where(name => name != Stage && dice.Chance(75)))
        {
            traits[name] = dice.Pick(types);
        }

        foreach (var name in from name in eventNames from property in propertyNames where dice.Chance(60) select (name, property))
        {
            properties[name] = dice.Pick(types);
        }

        var schema = new TraitSchema(
            traits.ToDictionary(static trait => TraitPath.Of(trait.Key), static trait => trait.Value),
            eventNames.ToDictionary(static name => name, name => (IReadOnlyDictionary<TraitPath, TraitType>)properties.Where(property => property.Key.Event == name)
                .ToDictionary(static property => TraitPath.OfProperty(property.Key.Property), static property => property.Value)));
        Context = new(schema, TimeZoneInfo.FindSystemTimeZoneById(zone), static name => Guid.TryParse(name, out var id) ? new SegmentId(id) : null, AllowUnknownSegments: true)
        {
            HasList = static id => lists.Contains(id),
            HasSequence = static id => sequences.Contains(id),
        };
        outside = [.. Enumerable.Range(0, 3).Select(_ => new SegmentId(dice.Id()))];
    }

    public RuleContext Context { get; }

    public Instant Now { get; }

    /// <summary>How many rules were made up, and how many of them the checker took.</summary>
    public (int MadeUp, int Taken) Rules { get; private set; }

    /// <summary>A case: rules on rules, and people.</summary>
    public Case Case(int rules, int people)
    {
        var made = ImmutableArray.CreateBuilder<(SegmentId, CheckedRule)>();
        for (var i = 0; i < rules; i++)
        {
            var rule = Some.Rule(Definition(dice.From(1, 4)), Context);
            segments.Add(new(dice.Id()));
            made.Add((segments[^1], rule));
        }

        // The last of the segments outside has no members to read.
        return new(Now, made.DrainToImmutable(), [.. Enumerable.Range(0, people).Select(_ => Person())],
            outside.Take(2).ToImmutableDictionary(static segment => segment, _ => Enumerable.Range(0, people).Select(_ => dice.Chance(40)).ToImmutableArray()));
    }

    /// <summary>The JSON of a rule the checker takes.</summary>
    public string Definition(int depth)
    {
        while (true)
        {
            var written = Node(depth, ofEvent: null);
            var isTaken = RuleChecker.Check(written, Context).Rule is not null;
            Rules = (Rules.MadeUp + 1, Rules.Taken + (isTaken ? 1 : 0));
            if (isTaken)
            {
                return written;
            }
        }
    }

    public Person Person()
    {
        var contact = Contact();
        var happened = Enumerable.Range(0, dice.Pick(0, 0, 1, 2, 3, 5, 9)).Select(_ => Event());
        var changes = Enumerable.Range(0, dice.Pick(0, 1, 2, 4)).Select(_ => Change(contact));
        return new(contact, [.. dice.Shuffled(happened.Concat(changes).ToList())]);
    }

    private Contact Contact() => new()
    {
        Id = dice.Chance(85) ? new ContactId(dice.Chance(50) ? dice.Pick(ids) : dice.Id()) : null,
        ExternalId = dice.Chance(70) ? dice.Pick(texts) : null,
        Email = dice.Chance(70) ? dice.Pick(emails) : null,
        Name = dice.Chance(60) ? dice.Pick(texts) : null,
        CreatedAt = dice.Chance(80) ? SomeInstant() : null,
        LastSeenAt = dice.Chance(60) ? SomeInstant() : null,
        CustomData = Data(traitNames, name => traits.TryGetValue(name, out var type) ? type : null),
        NonVerifiedCustomData = dice.Chance(30) ? Data(traitNames, name => traits.TryGetValue(name, out var type) ? type : null) : JsonData.EmptyObject,
        Lists = dice.Chance(50) ? [.. dice.Some(lists[..3], 1, 3)] : [],
        Sequences = dice.Chance(30) ? [.. dice.Some(sequences, 1, 2)] : [],
    };

    /// <summary>Some of a contact's traits as they are, or as they were.</summary>
    private ContactEvent Change(Contact contact)
    {
        var other = Data(traitNames, name => traits.TryGetValue(name, out var type) ? type : null);
        var data = dice.Chance(75) ? contact.CustomData : other;
        var kept = data.EnumerateObject().Where(_ => dice.Chance(70)).Select(field => $"{Quoted(field.Name)}:{(dice.Chance(8) ? "null" : field.Value.GetRawText())}");
        return new(ContactEvent.Traits, SomeInstant(), 0, JsonElement.Parse($"{{{string.Join(',', kept)}}}"));
    }

    public ContactEvent Event()
    {
        if (dice.Chance(12))
        {
            return Change(Contact());
        }

        var name = dice.Chance(90) ? dice.Pick(eventNames) : "login";
        return new(name, SomeInstant(), 0, Data(propertyNames, property => properties.TryGetValue((name, property), out var type) ? type : null));
    }

    /// <summary>An object that has most of some names, a dot in a name being an object within.</summary>
    private JsonElement Data(string[] names, Func<string, TraitType?> typeOf)
    {
        var fields = names.Where(_ => dice.Chance(80)).Select(name =>
        {
            var value = dice.Chance(6) ? "null" : name == Stage ? dice.Pick("\"a\"", "\"a\"", "\"A\"", "\"b\"") : dice.Chance(10) ? AnyValue() : Value(typeOf(name) ?? dice.Pick(undeclaredTypes));
            var keys = name.Replace("\\.", "\u0001", StringComparison.Ordinal).Split('.').Select(static key => JsonSerializer.Serialize(key.Replace('\u0001', '.'))).ToArray();
            return $"{keys[0]}:{(keys.Length == 1 || dice.Chance(5) ? value : $"{{{keys[1]}:{value}}}")}";
        });
        return JsonElement.Parse($"{{{string.Join(',', dice.Shuffled(fields))}}}");
    }

    /// <summary>A value as data has it: of a type, now and then written in another way or a bad one.</summary>
    private string Value(TraitType type)
    {
        if (type.IsList)
        {
            var elements = Enumerable.Range(0, dice.Pick(0, 1, 1, 2, 3)).Select(_ => dice.Chance(8) ? "null" : dice.Chance(8) ? AnyValue() : Value(new(type.Kind)));
            return $"[{string.Join(',', elements)}]";
        }

        return type.Kind switch
        {
            TraitKind.Text => dice.Chance(90) ? Quoted(dice.Pick(texts)) : dice.Pick(numbers),
            TraitKind.Number => dice.Chance(85) ? dice.Pick(numbers) : Quoted(dice.Pick(" 7 ", "+1", "1e2", "0.30", ".5", "7,0", "")),
            TraitKind.Boolean => dice.Chance(85) ? dice.Pick("true", "false") : Quoted(dice.Pick("TRUE", " false ", "yes")),
            TraitKind.Date => Quoted(dice.Chance(92) ? Written(SomeDay()) : dice.Pick("2023-02-29", "2024-1-1", "soon")),
            TraitKind.DateTime => dice.Chance(92) ? Written(SomeInstant()) : Quoted(dice.Pick("2024-05-01", "now")),
            TraitKind.Version => dice.Chance(92) ? Quoted(dice.Pick(versions)) : dice.Pick("\"V1\"", "\"01.2\"", "2"),
            _ => throw new InvalidOperationException($"no values of {type}"),
        };
    }

    private string AnyValue() => dice.Chance(15) ? "{}" : dice.Chance(10) ? "{\"id\":1,\"size\":2}" : dice.Chance(10) ? "[[1],null]" : Value(dice.Pick(undeclaredTypes));

    /// <summary>A day near one that matters: today, a birthday, the ends of months and years, the ends of time.</summary>
    private DateOnly SomeDay()
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Now.ToDateTimeOffset(), Context.Zone).DateTime);
        if (dice.Chance(15))
        {
            return dice.Pick(new DateOnly(2000, 2, 29), new DateOnly(2000, 3, 1), new DateOnly(1980, 12, 31), new DateOnly(1980, 1, 1), DateOnly.MinValue, DateOnly.MaxValue, new DateOnly(2011, 12, 30));
        }

        var moved = dice.Pick(
            today.AddDays(dice.From(-3, 3)),
            today.AddDays(7 * dice.From(-3, 3)),
            today.AddMonths(dice.From(-4, 4)),
            today.AddYears(dice.From(-3, 3)),
            new DateOnly(today.Year, today.Month, 1).AddMonths(dice.From(-4, 4)),
            new DateOnly(today.Year, dice.Pick(1, 4, 7, 10), 1),
            today.AddDays(-(((int)today.DayOfWeek + 6) % 7) + (7 * dice.From(-2, 2))));
        return moved.AddDays(dice.Pick(0, 0, 0, -1, 1));
    }

    /// <summary>An instant at an edge, or a tick beside it: so many hours, days, months before or after now, or the beginning of such a day.</summary>
    private Instant SomeInstant()
    {
        if (dice.Chance(3))
        {
            return dice.Pick(Instant.MinValue, Instant.MaxValue, new Instant(DateTime.UnixEpoch.Ticks));
        }

        var amount = dice.From(-4, 4);
        var edge = dice.Below(3) switch
        {
            0 => Now.Plus(dice.Pick(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30)) * amount),
            1 => SameTime(dice.Pick(TimeSpan.FromDays(1), TimeSpan.FromDays(7)) * amount, months: dice.Pick(0, 0, 1, 3, 12) * amount),
            _ => FromWall(SomeDay().ToDateTime(TimeOnly.MinValue)),
        };
        return edge.Plus(TimeSpan.FromTicks(dice.Pick(0, 0, 1, -1)));
    }

    private Instant SameTime(TimeSpan days, int months) => FromWall(TimeZoneInfo.ConvertTime(Now.ToDateTimeOffset(), Context.Zone).DateTime.Add(days).AddMonths(months));

    /// <summary>Near enough: where the clocks change it may be an hour off, which is an edge too.</summary>
    private Instant FromWall(DateTime wall) => new(Math.Clamp(wall.Ticks - Context.Zone.GetUtcOffset(wall).Ticks, Instant.MinValue.Ticks, Instant.MaxValue.Ticks));

    private string Written(Instant instant)
    {
        var sinceEpoch = instant.Ticks - DateTime.UnixEpoch.Ticks;
        return sinceEpoch % TimeSpan.TicksPerMillisecond == 0 && dice.Chance(30)
            ? (sinceEpoch / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture)
            : Quoted(instant.ToString());
    }

    private static string Written(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static readonly Guid[] ids = [Guid.Parse("11111111-1111-4111-8111-111111111111"), Guid.Parse("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"), Guid.Parse("abcdefab-cdef-4abc-8def-abcdefabcdef")];

    private static readonly TraitType[] undeclaredTypes = [new(TraitKind.Text), new(TraitKind.Number), new(TraitKind.Boolean), new(TraitKind.Text, IsList: true), new(TraitKind.Number, IsList: true), new(TraitKind.DateTime), new(TraitKind.Date), new(TraitKind.Version)];

    private static readonly string[] texts =
    [
        "", " ", "a", "A", "ab", "Ab", "b", "ba", "é", "e\u0301", "É", "e", "cafe", "café", "ß", "SS", "ss", "ſ", "s", "ς", "Σ", "İ", "i", "ı", "I", "한", "\u1112", "𐐨", "𐐀", "\u0301", "ö̧", "ø",
        "10.0.0.1", "10.0.1.255", "010.0.0.1", "::1", "::ffff:10.0.0.1", "2001:db8::7", "1.2.3", "2024-05-01", "2024-05-01T00:00:00Z", "true", "7", "1", new('x', 4_096), new('x', 4_097),
    ];

    private static readonly string[] numbers =
    [
        "0", "-0", "1", "1.0", "1.5", "2", "3", "-1", "1e2", "100", "0.1", "0.30", "0.3", "7", "1e-28", "1e-29", "79228162514264337593543950335", "79228162514264337593543950336", "123456789012345678901234567890",
        "123456789012345678901234567891", "0.1000000000000000000000000000001", "1e30", "-1e30", "1e300", "9007199254740993", "9007199254740992", "9007199254740992.0000000000000000000001", "1e999",
    ];

    private static readonly string[] versions = ["1", "1.0.0", "v1.2", "1.2.0-beta", "1.2.0-beta.2", "1.2.0-beta.11", "2-rc", "2", "1.10", "1.2+x", "1.2.0-0", "99999999999999999999.0.0"];

    private static readonly string[] emails = ["a@acme.com", "a@ACME.com", "\"a@b\"@acme.com", "a@mail.acme.com", "a@bücher.example", "a@xn--bcher-kva.example", "a@", "nobody", "", "a@acme..com", "é@É.example", "a@é.example"];
}
