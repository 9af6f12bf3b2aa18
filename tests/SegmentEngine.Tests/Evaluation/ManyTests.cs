using System.Collections.Immutable;
using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Columns change how they keep values once there are many: of different values, of seats, of events, of what was forgotten.</summary>
public sealed class ManyTests
{
    private static readonly Instant now = Some.At("2024-05-15T12:00:00Z");

    private static readonly RuleContext context = new(
        Some.Schema("""{"traits":{"text":"string","number":"number","day":"date","time":"datetime","list":"list<string>"},"events":{"order":{"value":"number","kind":"string"}}}"""),
        TimeZoneInfo.Utc,
        static _ => null);

    private static readonly string[] questions =
    [
        """{"type":"trait","trait":"text","op":"eq","value":"V17"}""",
        """{"type":"trait","trait":"text","op":"not_in","values":["v1","v2","v3","v4","v5","v6","v7","v299","v69999"]}""",
        """{"type":"trait","trait":"text","op":"contains","value":"99"}""",
        """{"type":"trait","trait":"text","op":"matches","value":"7$"}""",
        """{"type":"trait","trait":"list","op":"starts_with","value":"w2","quantifier":"all"}""",
        """{"type":"trait","trait":"undeclared","op":"in","values":[5,"v6",7]}""",
        """{"type":"trait","trait":"undeclared","op":"lt","value":100}""",
        """{"type":"trait","trait":"number","op":"between","values":[10,20.5]}""",
        $$"""{"type":"trait","trait":"number","op":"in","values":[{{string.Join(',', Enumerable.Range(0, 40).Select(static i => i * 7))}}]}""",
        """{"type":"date","trait":"day","op":"in_last","amount":40,"unit":"day"}""",
        """{"type":"date","trait":"time","op":"more_than_ago","amount":3,"unit":"hour"}""",
        """{"type":"date","trait":"undeclared_day","value_type":"date","op":"anniversary_in_next","amount":2,"unit":"month"}""",
        """{"type":"event","event":"order","count":{"op":"gte","n":2}}""",
        """{"type":"event","event":"order","distinct_by":"kind","count":{"op":"eq","n":2}}""",
        """{"type":"event_aggregate","event":"order","property":"value","fn":"sum","op":"gt","value":100.5}""",
        """{"type":"event_last","event":"order","is":{"type":"property","property":"kind","op":"eq","value":"k1"}}""",
    ];

    [Theory]
    [InlineData(200, 16)]
    [InlineData(300, 16)]
    [InlineData(5_000, 16)]
    [InlineData(66_000, 3)]
    public void Columns_of_many_different_values(int people, int rules)
    {
        var asked = Ask([.. Enumerable.Range(0, people).Select(Numbered)], rules);
        Assert.Empty(new Shard(asked, [.. Enumerable.Range(0, people)]).Disagreements(Engines.Reference(asked)));
    }

    [Fact]
    public void Values_that_nobody_has_any_more_are_forgotten()
    {
        const int people = 150;
        int[] seats = [.. Enumerable.Range(0, people)];
        var shard = new Shard(Ask([.. seats.Select(Numbered)]), seats);
        for (var round = 1; round <= 60; round++)
        {
            var others = seats.Select(seat => Numbered(seat + (round * people))).ToImmutableArray();
            foreach (var seat in seats)
            {
                shard.Columns.Put(new(seat), others[seat].Contact);
            }

            if (round % 7 == 0 || round == 60)
            {
                // The events are those of the beginning: putting a contact leaves them.
                var asked = Ask([.. seats.Select(seat => others[seat] with { Events = Numbered(seat).Events })]);
                Assert.Empty(shard.Now(asked, seats).Disagreements(Engines.Reference(asked)));
            }
        }
    }

    [Fact]
    public void Events_of_people_who_left_are_squeezed_out()
    {
        const int people = 900;
        const int kept = 200;
        int[] seats = [.. Enumerable.Range(4_000, people)];
        var everyone = seats.Select(Numbered).ToArray();
        var shard = new Shard(Ask([.. everyone]), seats);
        foreach (var seat in seats.Where(static (_, i) => i % 4 != 1 || i >= kept * 4))
        {
            shard.Columns.Remove(new(seat));
        }

        int[] left = [.. seats.Where(static (_, i) => i % 4 == 1 && i < kept * 4)];
        Check(shard, left, everyone);

        // The seats are free for others, and whoever stayed goes on.
        int[] again = [.. left, 4_000, 4_002, 4_899];
        foreach (var seat in again.Except(left))
        {
            shard.Columns.Put(new(seat), everyone[seat - 4_000].Contact);
            everyone[seat - 4_000] = everyone[seat - 4_000] with { Events = [] };
        }

        foreach (var seat in again)
        {
            var happened = Some.Event("order", "2024-05-15T11:00:00Z", """{"value":"90.25","kind":"K1"}""");
            shard.Columns.Add(new(seat), happened with { Sequence = 1_000 });
            everyone[seat - 4_000] = everyone[seat - 4_000] with { Events = [.. everyone[seat - 4_000].Events, happened] };
        }

        Check(shard, again, everyone);

        static void Check(Shard shard, int[] seats, Person[] everyone)
        {
            var asked = Ask([.. seats.Select(seat => everyone[seat - 4_000])]);
            Assert.Empty(shard.Now(asked, seats).Disagreements(Engines.Reference(asked)));
        }
    }

    private static Case Ask(ImmutableArray<Person> people, int rules = int.MaxValue) => new(
        now,
        [.. questions.Take(rules).Select(static (question, i) => (new SegmentId(new Guid(i + 1, 0, 0, new byte[8])), Some.Rule(question, context)))],
        people,
        ImmutableDictionary<SegmentId, ImmutableArray<bool>>.Empty);

    /// <summary>A person whose every value is its own.</summary>
    private static Person Numbered(int i)
    {
        var data = string.Create(CultureInfo.InvariantCulture,
            $"{{\"text\":\"v{i}\",\"number\":{i}.{i % 4},\"list\":[\"w{i}\",\"w{i * 2}\"],\"undeclared\":{(i % 2 == 0 ? $"\"v{i}\"" : $"{i}")},\"day\":\"{Day(i):yyyy-MM-dd}\",\"undeclared_day\":\"{Day(i * 3):yyyy-MM-dd}\",\"time\":\"{now.Plus(TimeSpan.FromMinutes(-i))}\"}}");
        return new(Some.Contact(data), [.. Enumerable.Range(0, i % 4).Select(n => Some.Event("order", $"2024-05-{1 + (i % 14):00}T00:00:00Z", $$"""{"value":{{i}}.5,"kind":"k{{i * n}}"}"""))]);
    }

    private static DateOnly Day(int i) => new DateOnly(2024, 5, 15).AddDays(-(i % 60_000));
}
