using System.Globalization;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>One question about events, as a rule and as the SQL that a user would write for it; INDEX stands for the index to take.</summary>
internal sealed record EventCondition(SegmentId Segment, ConditionKind Kind, string Rule, string Sql);

internal enum ConditionKind
{
    Count,
    Aggregate,
    FirstOrLast,
    Sequence,
    Habit,
}

/// <summary>Draws two hundred conditions: eighty counts, fifty sums, means and extremes, forty first or last events, twenty sequences, ten frequencies and life cycles.</summary>
internal sealed class EventConditions
{
    private static readonly (ConditionKind Kind, int Count)[] wanted = [(ConditionKind.Count, 80), (ConditionKind.Aggregate, 50), (ConditionKind.FirstOrLast, 40), (ConditionKind.Sequence, 20), (ConditionKind.Habit, 10)];
    private static readonly string now = ManyEvents.Now.Ticks.ToString(CultureInfo.InvariantCulture);

    private readonly Random random;

    private EventConditions(Random random) => this.random = random;

    public static List<EventCondition> Draw(Random random)
    {
        var conditions = new EventConditions(random);
        var drawn = new List<EventCondition>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (kind, count) in wanted)
        {
            for (var i = 0; i < count;)
            {
                var (rule, sql) = conditions.Draw(kind, i);
                if (known.Add(rule))
                {
                    drawn.Add(new(new(new Guid(drawn.Count + 1, 0, 0, new byte[8])), kind, rule, sql));
                    i++;
                }
            }
        }

        return drawn;
    }

    private (string Rule, string Sql) Draw(ConditionKind kind, int number) => kind switch
    {
        ConditionKind.Count => Count(number),
        ConditionKind.Aggregate => Aggregate(),
        ConditionKind.FirstOrLast => FirstOrLast(number),
        ConditionKind.Sequence => Sequence(number),
        _ => Habit(number),
    };

    private (string Rule, string Sql) Count(int number)
    {
        var kind = Pick();
        var (window, windowSql) = Window();
        var (where, whereSql) = Where(kind, "");
        var isDistinct = number % 5 == 0;
        var (distinct, counted) = isDistinct
            ? kind.Id is { } id ? ($""","distinct_by":"{id.Name}" """, "count(distinct id)") : ($""","distinct_by":"{kind.Text.Name}" """, "count(distinct text)")
            : ("", "count(*)");
        if (number % 10 == 9)
        {
            return ($$"""{"type":"event","event":"{{kind.Name}}"{{where}}{{window}}{{distinct}},"count":{"op":"eq","n":0} }""",
                $"select contact from contacts where contact not in (select contact from events INDEX where {Named(kind)}{windowSql}{whereSql})");
        }

        var n = random.Next(1, 6);
        return ($$"""{"type":"event","event":"{{kind.Name}}"{{where}}{{window}}{{distinct}},"count":{"op":"gte","n":{{n}} } }""",
            $"select contact from events INDEX where {Named(kind)}{windowSql}{whereSql} group by contact having {counted} >= {n}");
    }

    private (string Rule, string Sql) Aggregate()
    {
        var kind = Pick(static kind => kind.Number is not null);
        var (window, windowSql) = Window();
        var (where, whereSql) = random.Next(3) == 0 ? Where(kind, "") : ("", "");
        var function = random.Next(2) == 0 ? "sum" : Pick("avg", "min", "max");
        var hundredths = random.Next(kind.Number!.Distinct) * (kind.Number.IsMoney ? 1 : 100) * (function == "sum" ? random.Next(1, 4) : 1);
        var (op, sign) = random.Next(4) == 0 ? ("lte", "<=") : ("gte", ">=");
        var holds = function == "avg" ? $"sum(number) {sign} {hundredths} * count(number)" : $"{function}(number) {sign} {hundredths}";
        return ($$"""{"type":"event_aggregate","event":"{{kind.Name}}"{{where}}{{window}},"property":"{{kind.Number.Name}}","fn":"{{function}}","op":"{{op}}","value":{{Decimal(hundredths)}} }""",
            $"select contact from events INDEX where {Named(kind)}{windowSql}{whereSql} group by contact having {holds}");
    }

    private (string Rule, string Sql) FirstOrLast(int number)
    {
        var (type, edge) = random.Next(3) == 0 ? ("event_first", "min") : ("event_last", "max");
        if (number % 5 == 0)
        {
            var withId = Pick(static kind => kind.Id is not null);
            var (asked, askedSql) = Property(withId, "");
            return ($$"""{"type":"{{type}}","event":"{{withId.Name}}","per":"{{withId.Id!.Name}}","is":{{asked}} }""",
                $"select distinct contact from (select contact, text, number, {edge}(at) from events INDEX where {Named(withId)} and at <= {now} group by contact, id) where {askedSql}");
        }

        if (number % 5 == 1)
        {
            var hundredths = random.Next(50_000);
            return ($$"""{"type":"{{type}}","event_in":["order_placed","cart_added"],"is":{"type":"property","property":"value","op":"gte","value":{{Decimal(hundredths)}} } }""",
                $"select contact from (select contact, number, {edge}(at) from events INDEX where name in (4, 5) and at <= {now} group by contact) where number >= {hundredths}");
        }

        var kind = Pick();
        var (where, whereSql) = random.Next(3) == 0 ? Where(kind, "") : ("", "");
        if (number % 5 == 2)
        {
            var (days, ticks) = Days();
            return ($$"""{"type":"{{type}}","event":"{{kind.Name}}"{{where}},"window":{"last":{"amount":{{days}},"unit":"day"} } }""",
                $"select contact from events INDEX where {Named(kind)} and at <= {now}{whereSql} group by contact having {edge}(at) > {now} - {ticks}");
        }

        var (check, checkSql) = Property(kind, "");
        return ($$"""{"type":"{{type}}","event":"{{kind.Name}}"{{where}},"is":{{check}} }""",
            $"select contact from (select contact, text, number, {edge}(at) from events INDEX where {Named(kind)} and at <= {now}{whereSql} group by contact) where {checkSql}");
    }

    /// <summary>Two or three steps; every fourth compares an id with the step before.</summary>
    private (string Rule, string Sql) Sequence(int number)
    {
        var (days, ticks) = Days();
        if (number % 4 == 0)
        {
            var isTicket = random.Next(2) == 0;
            var (first, second) = isTicket ? (6, 7) : (4, 9);
            var id = isTicket ? "ticket_id" : "order_id";
            var (check, checkSql) = Property(ManyEvents.Kinds[second], "b.");
            return ($$"""{"type":"event_sequence","steps":[{"event":"{{ManyEvents.Kinds[first].Name}}"},{"event":"{{ManyEvents.Kinds[second].Name}}","where":{"and":[{{check}},{"type":"property","property":"{{id}}","op":"eq","value":{"step":0,"property":"{{id}}"},"case_sensitive":true}]},"within":{"amount":{{days}},"unit":"day"} }]}""",
                $"select distinct a.contact from events a INDEX where a.name = {first} and a.at <= {now} and exists (select 1 from events b where b.name = {second} and b.contact = a.contact and b.at > a.at and b.at <= a.at + {ticks} and b.at <= {now} and b.id = a.id and {checkSql})");
        }

        var (window, windowTicks) = (random.Next(90, 366), 0L);
        windowTicks = window * TimeSpan.TicksPerDay;
        ManyEvents.Kind[] steps = [.. Enumerable.Range(0, number % 2 == 0 ? 3 : 2).Select(_ => Pick())];
        var wheres = steps.Select((step, i) => random.Next(2) == 0 ? Where(step, $"s{i}.") : ("", "")).ToArray();
        var written = steps.Select((step, i) => $"{{\"event\":\"{step.Name}\"{wheres[i].Item1}{(i == 0 ? "" : $",\"within\":{{\"amount\":{days},\"unit\":\"day\"}}")}}}");
        var sql = "";
        for (var i = steps.Length - 1; i > 0; i--)
        {
            sql = $" and exists (select 1 from events s{i} where s{i}.name = {Array.IndexOf(ManyEvents.Kinds, steps[i])} and s{i}.contact = s{i - 1}.contact and s{i}.at > s{i - 1}.at and s{i}.at <= s{i - 1}.at + {ticks} and s{i}.at <= {now}{wheres[i].Item2}{sql})";
        }

        return ($$"""{"type":"event_sequence","steps":[{{string.Join(',', written)}}],"window":{"last":{"amount":{{window}},"unit":"day"} } }""",
            $"select distinct s0.contact from events s0 INDEX where s0.name = {Array.IndexOf(ManyEvents.Kinds, steps[0])} and s0.at > {now} - {windowTicks} and s0.at <= {now}{wheres[0].Item2}{sql}");
    }

    private (string Rule, string Sql) Habit(int number)
    {
        var kind = Pick();
        if (number % 2 == 0)
        {
            var (period, atLeast, outOf) = (random.Next(7, 60), random.Next(2, 4), random.Next(4, 9));
            return ($$"""{"type":"event_frequency","event":"{{kind.Name}}","period":{"amount":{{period}},"unit":"day"},"at_least":{{atLeast}},"out_of":{{outOf}} }""",
                $"select contact from events INDEX where {Named(kind)} and at > {now} - {outOf * period * TimeSpan.TicksPerDay} and at <= {now} group by contact having count(distinct ({now} - at) / {period * TimeSpan.TicksPerDay}) >= {atLeast}");
        }

        var (active, quiet) = (random.Next(14, 90), random.Next(30, 180));
        var (isActive, isQuiet, isEarlier) = ($"max(at > {now} - {active * TimeSpan.TicksPerDay})", $"max(at > {now} - {(active + quiet) * TimeSpan.TicksPerDay} and at <= {now} - {active * TimeSpan.TicksPerDay})", $"max(at <= {now} - {(active + quiet) * TimeSpan.TicksPerDay})");
        var (state, holds) = random.Next(4) switch
        {
            0 => ("new", $"{isActive} and not {isQuiet} and not {isEarlier}"),
            1 => ("regular", $"{isActive} and {isQuiet}"),
            2 => ("stopped", $"{isQuiet} and not {isActive}"),
            _ => ("returned", $"{isActive} and not {isQuiet} and {isEarlier}"),
        };
        return ($$"""{"type":"event_lifecycle","event":"{{kind.Name}}","state":"{{state}}","active":{"amount":{{active}},"unit":"day"},"quiet":{"amount":{{quiet}},"unit":"day"} }""",
            $"select contact from events INDEX where {Named(kind)} and at <= {now} group by contact having {holds}");
    }

    /// <summary>Most roll, some lie between two fixed days, some are none.</summary>
    private (string Rule, string Sql) Window()
    {
        switch (random.Next(10))
        {
            case < 7:
                var (days, ticks) = Days();
                return ($$""","window":{"last":{"amount":{{days}},"unit":"day"} }""", $" and at > {now} - {ticks} and at <= {now}");
            case 7:
                var from = new DateTime(2020, 8, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(random.Next(1_000));
                var to = from.AddDays(random.Next(7, 366));
                return ($$""","window":{"from":"{{from:yyyy-MM-dd}}T00:00:00Z","to":"{{to:yyyy-MM-dd}}T00:00:00Z"}""", $" and at >= {from.Ticks} and at < {to.Ticks}");
            default:
                return ("", $" and at <= {now}");
        }
    }

    private (string Rule, string Sql) Where(ManyEvents.Kind kind, string alias)
    {
        if (random.Next(2) == 0)
        {
            return ("", "");
        }

        var (rule, sql) = Property(kind, alias);
        return ($",\"where\":{rule}", $" and {sql}");
    }

    private (string Rule, string Sql) Property(ManyEvents.Kind kind, string alias)
    {
        if (kind.Number is { } number && random.Next(2) == 0)
        {
            var hundredths = random.Next(number.Distinct) * (number.IsMoney ? 1 : 100);
            return ($$"""{"type":"property","property":"{{number.Name}}","op":"gte","value":{{Decimal(hundredths)}} }""", $"{alias}number >= {hundredths}");
        }

        string[] values = [.. Enumerable.Range(0, random.Next(1, Math.Max(2, kind.Text.Distinct / 4))).Select(_ => kind.Text.TextOf(random.Next(kind.Text.Distinct)))];
        return ($$"""{"type":"property","property":"{{kind.Text.Name}}","op":"in","values":[{{string.Join(',', values.Take(20).Select(static value => $"\"{value}\""))}}],"case_sensitive":true}""",
            $"{alias}text in ({string.Join(',', values.Take(20).Select(static value => $"'{value}'"))})");
    }

    private static string Named(ManyEvents.Kind kind) => $"name = {Array.IndexOf(ManyEvents.Kinds, kind)}";

    private (int Days, long Ticks) Days() => random.Next(7, 366) is var days ? (days, days * TimeSpan.TicksPerDay) : default;

    private ManyEvents.Kind Pick(Func<ManyEvents.Kind, bool>? fits = null) => Pick([.. ManyEvents.Kinds.Where(fits ?? (static _ => true))]);

    private T Pick<T>(params T[] some) => some[random.Next(some.Length)];

    private static string Decimal(int hundredths) => (hundredths / 100m).ToString(CultureInfo.InvariantCulture);
}
