using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

public sealed partial class Interpreter
{
    private Truth OfDate(Condition.DateTest leaf, ContactEvent? happened)
    {
        var (value, _) = Read(leaf.Subject, happened);
        if (value is not null && StepReference.TryRead(leaf.Value, out var reference))
        {
            return OfStep(reference) switch
            {
                TraitValue.Moment moment => OfDate(leaf with { Value = JsonElement.Parse($"\"{moment.Value}\"") }, happened),
                TraitValue.Day day => OfDate(leaf with { Value = JsonElement.Parse($"\"{day.Value.ToString("O", CultureInfo.InvariantCulture)}\"") }, happened),
                _ => Truth.Unknown,
            };
        }

        return (value, leaf.Operator) switch
        {
            (null, _) => IfMissing(leaf),
            (_, DateOperator.NotInLast) => Not(Quantified(leaf.Subject, value, element => Holds(DateOperator.InLast, leaf, element))),
            (_, DateOperator.NotInNext) => Not(Quantified(leaf.Subject, value, element => Holds(DateOperator.InNext, leaf, element))),
            (_, var op) => Quantified(leaf.Subject, value, element => Holds(op, leaf, element)),
        };
    }

    private Truth Holds(DateOperator op, Condition.DateTest leaf, TraitValue value) => value switch
    {
        TraitValue.Moment moment => Is(Holds(op, leaf, Clock(leaf.Span), moment.Value)),
        TraitValue.Day day => Is(Holds(op, leaf, Clock(leaf.Span), day.Value)),
        _ => Truth.Unknown,
    };

    private bool Holds(DateOperator op, Condition.DateTest leaf, WallClock clock, Instant value) => op switch
    {
        DateOperator.Before => value < StartOf(leaf.Value, clock),
        DateOperator.After => InstantOf(leaf.Value) is { } instant ? value > instant : IsAfterThe(DayOf(leaf.Value, clock), value, clock),
        DateOperator.On => IsWithinThe(DayOf(leaf.Value, clock), value, clock),
        DateOperator.Between => value >= StartOf(leaf.Values[0], clock)
            && (InstantOf(leaf.Values[1]) is { } end ? value < end : !IsAfterThe(DayOf(leaf.Values[1], clock), value, clock)),
        DateOperator.InLast => IsInLast(leaf.Span!, value, clock),
        DateOperator.InNext => IsInNext(leaf.Span!, value, clock),
        DateOperator.MoreThanAgo when leaf.Span!.Calendar == true =>
            value <= clock.InstantOf(Plus(DateOnly.FromDateTime(clock.Shown(now)), -leaf.Span.Amount, leaf.Span.Unit).ToDateTime(TimeOnly.FromDateTime(clock.Shown(now)))),
        DateOperator.MoreThanAgo => value.Ticks <= now.Ticks - TicksOf(leaf.Span!),
        DateOperator.AnniversaryInNext => ComesRound(leaf.Span!, clock.DayOf(value), clock.DayOf(now)),
        _ => throw new InvalidOperationException($"no meaning for {op}"),
    };

    private bool Holds(DateOperator op, Condition.DateTest leaf, WallClock clock, DateOnly value)
    {
        var today = clock.DayOf(now);
        return op switch
        {
            DateOperator.Before => value < DayOf(leaf.Value, clock),
            DateOperator.After => value > DayOf(leaf.Value, clock),
            DateOperator.On => value == DayOf(leaf.Value, clock),
            DateOperator.Between => value >= DayOf(leaf.Values[0], clock) && value <= DayOf(leaf.Values[1], clock),
            DateOperator.InLast when leaf.Span!.Calendar == true => value >= FirstDayOfLast(leaf.Span, today) && value <= today,
            DateOperator.InLast => value.DayNumber > today.DayNumber - DaysOf(leaf.Span!) && value <= today,
            DateOperator.InNext when leaf.Span!.Calendar == true => value > today && value <= LastDayOfNext(leaf.Span, today),
            DateOperator.InNext => value > today && value.DayNumber <= today.DayNumber + DaysOf(leaf.Span!),
            DateOperator.MoreThanAgo when leaf.Span!.Calendar == true => value <= Plus(today, -leaf.Span.Amount, leaf.Span.Unit),
            DateOperator.MoreThanAgo => value.DayNumber <= today.DayNumber - DaysOf(leaf.Span!),
            DateOperator.AnniversaryInNext => ComesRound(leaf.Span!, value, today),
            _ => throw new InvalidOperationException($"no meaning for {op}"),
        };
    }

    private bool IsInLast(Span span, Instant value, WallClock clock) =>
        value <= now && (span.Calendar == true ? value >= clock.StartOf(FirstDayOfLast(span, clock.DayOf(now))) : value.Ticks > now.Ticks - TicksOf(span));

    private bool IsInNext(Span span, Instant value, WallClock clock) =>
        value > now && (span.Calendar == true ? !IsAfterThe(LastDayOfNext(span, clock.DayOf(now)), value, clock) : value.Ticks <= now.Ticks + TicksOf(span));

    /// <summary>The day and month come round from today to some units from today, both included.</summary>
    private static bool ComesRound(Span span, DateOnly born, DateOnly today)
    {
        DateOnly TurnIn(int year) => born is { Month: 2, Day: 29 } && !DateTime.IsLeapYear(year) ? new(year, 3, 1) : new(year, born.Month, born.Day);

        var end = Plus(today, span.Amount, span.Unit);
        return Enumerable.Range(today.Year, end.Year - today.Year + 1).Select(TurnIn).Any(turn => turn >= today && turn <= end);
    }

    /// <summary>The first day of the unit that lies so many less one before the current one.</summary>
    private static DateOnly FirstDayOfLast(Span span, DateOnly today) => Plus(FirstDayOf(span.Unit, today), 1 - span.Amount, span.Unit);

    /// <summary>The last day of the unit that lies so many less one after the current one.</summary>
    private static DateOnly LastDayOfNext(Span span, DateOnly today) =>
        Plus(FirstDayOf(span.Unit, today), span.Amount, span.Unit) is var next && next == DateOnly.MaxValue ? next : next.AddDays(-1);

    private static DateOnly FirstDayOf(TimeUnit unit, DateOnly day) => unit switch
    {
        TimeUnit.Day => day,
        TimeUnit.Week => Plus(day, -(day.DayOfWeek == DayOfWeek.Sunday ? 6 : (int)day.DayOfWeek - 1), TimeUnit.Day),
        TimeUnit.Month => new(day.Year, day.Month, 1),
        TimeUnit.Quarter => new(day.Year, day.Month switch { <= 3 => 1, <= 6 => 4, <= 9 => 7, _ => 10 }, 1),
        TimeUnit.Year => new(day.Year, 1, 1),
        _ => throw new InvalidOperationException($"a calendar has no {unit}"),
    };

    /// <summary>Some calendar units from a day, at most to the first or last day there is: 31 March − 1 month = 28 February.</summary>
    private static DateOnly Plus(DateOnly day, Int128 amount, TimeUnit unit)
    {
        if (unit is TimeUnit.Day or TimeUnit.Week)
        {
            var number = day.DayNumber + (unit == TimeUnit.Day ? amount : amount * 7);
            return DateOnly.FromDayNumber((int)Int128.Clamp(number, DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber));
        }

        var months = (day.Year * 12) + day.Month - 1 + (amount * unit switch { TimeUnit.Month => 1, TimeUnit.Quarter => 3, TimeUnit.Year => 12, _ => throw new InvalidOperationException($"a calendar has no {unit}") });
        if (months < 12)
        {
            return DateOnly.MinValue;
        }

        if (months >= 10_000 * 12)
        {
            return DateOnly.MaxValue;
        }

        var (year, month) = ((int)months / 12, ((int)months % 12) + 1);
        return new(year, month, Math.Min(day.Day, DateTime.DaysInMonth(year, month)));
    }

    private static Int128 TicksOf(Span span) => span.Amount * (Int128)(span.Unit switch
    {
        TimeUnit.Minute => TimeSpan.FromMinutes(1).Ticks,
        TimeUnit.Hour => TimeSpan.FromHours(1).Ticks,
        TimeUnit.Day => TimeSpan.FromDays(1).Ticks,
        TimeUnit.Week => TimeSpan.FromDays(7).Ticks,
        _ => throw new InvalidOperationException($"{span.Unit} has no fixed length"),
    });

    private static Int128 DaysOf(Span span) => TicksOf(span) / TimeSpan.TicksPerDay;

    /// <summary>The instant a rule names, or the first one of the day it names.</summary>
    private static Instant StartOf(JsonElement written, WallClock clock) => InstantOf(written) ?? clock.StartOf(DayOf(written, clock));

    /// <summary>The day a rule names, or the day of the instant it names.</summary>
    private static DateOnly DayOf(JsonElement written, WallClock clock)
    {
        if (InstantOf(written) is { } instant)
        {
            return clock.DayOf(instant);
        }

        return TraitSchema.TryText(written, out var text) && TraitSchema.TryDay(text, out var day) ? day : throw new InvalidOperationException($"{written} is neither an instant nor a day");
    }

    private static bool IsAfterThe(DateOnly day, Instant value, WallClock clock) => day != DateOnly.MaxValue && value >= clock.StartOf(day.AddDays(1));

    private static bool IsWithinThe(DateOnly day, Instant value, WallClock clock) => value >= clock.StartOf(day) && !IsAfterThe(day, value, clock);

    private WallClock Clock(Span? span) => new(span?.Zone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : context.Zone);

    /// <summary>The days and hours of one time zone.</summary>
    private sealed record WallClock(TimeZoneInfo Zone)
    {
        /// <summary>Further from a wall-clock time than any offset and its change, and near enough to see no second change.</summary>
        private static readonly TimeSpan aroundAnyOffset = TimeSpan.FromHours(26);

        /// <summary>The day that has begun last. Where clocks are put back past a midnight it goes on, though they show the evening before.</summary>
        public DateOnly DayOf(Instant instant)
        {
            var shown = DateOnly.FromDateTime(Wall(instant.Ticks));
            return shown != DateOnly.MaxValue && instant >= StartOf(shown.AddDays(1)) ? shown.AddDays(1) : shown;
        }

        public DateTime Shown(Instant instant) => Wall(instant.Ticks);

        /// <summary>The first instant of a day: of its first midnight, or of the end of the gap its midnight fell into.</summary>
        public Instant StartOf(DateOnly day)
        {
            var midnight = day.ToDateTime(TimeOnly.MinValue);
            if (Showing(midnight) is [var first, ..])
            {
                return first;
            }

            // Clocks only jump forward here, so halving finds the first tick that is no longer before the day.
            var (before, notBefore) = (midnight.Ticks - aroundAnyOffset.Ticks, midnight.Ticks + aroundAnyOffset.Ticks);
            while (notBefore - before > 1)
            {
                var middle = (before + notBefore) / 2;
                (before, notBefore) = DateOnly.FromDateTime(Wall(middle)) < day ? (middle, notBefore) : (before, middle);
            }

            return new(notBefore);
        }

        /// <summary>The first instant at which clocks show a time; in a gap, where it would have been had they not been put forward.</summary>
        public Instant InstantOf(DateTime wall) => Showing(wall) is [var first, ..] ? first : Within(wall.Ticks - OffsetAt(wall.Ticks - aroundAnyOffset.Ticks));

        /// <summary>The instants, none to two, at which clocks show a time.</summary>
        private List<Instant> Showing(DateTime wall) =>
            [.. new[] { OffsetAt(wall.Ticks - aroundAnyOffset.Ticks), OffsetAt(wall.Ticks + aroundAnyOffset.Ticks) }
                .Select(offset => Within(wall.Ticks - offset))
                .Where(instant => Wall(instant.Ticks) == wall || instant == Instant.MinValue || instant == Instant.MaxValue)
                .Order()];

        private DateTime Wall(long ticks) => new(Within(ticks + OffsetAt(ticks)).Ticks);

        private long OffsetAt(long ticks) => Zone.GetUtcOffset(new DateTime(Within(ticks).Ticks, DateTimeKind.Utc)).Ticks;

        private static Instant Within(long ticks) => new(Math.Clamp(ticks, Instant.MinValue.Ticks, Instant.MaxValue.Ticks));
    }
}
