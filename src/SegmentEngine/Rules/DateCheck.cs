using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>What a date operator asks of a day or an instant, in the zone of its calendar.</summary>
internal abstract class DateCheck(string key) : ValueCheck(key)
{
    /// <summary>The first instant after now at which the answer for a value may be another, if nothing but time passes; never later than the true one. <see cref="Instant.MaxValue"/>: never.</summary>
    public abstract Instant NextChange(TraitValue value, Instant now);

    /// <summary>Every date operator that comes down to one stretch of time: all but the anniversary. An end of <c>between</c> that is null is open.</summary>
    public sealed class InStretch(DateOperator op, DateOperand? from, DateOperand? to, Span? span, ZoneCalendar calendar)
        : DateCheck($"date {op} {from?.Key} {to?.Key} {span} {calendar.Key}")
    {
        public override bool ReadsClock => span is not null;

        /// <summary>For a rolling span, how far after an instant (before it, where negative) the answer for that instant turns; it may also turn at the instant itself.</summary>
        public TimeSpan? RollingEdge => span is not { Calendar: not true } ? null
            : op == DateOperator.InNext ? ZoneCalendar.Rolling(span.Amount, span.Unit).Negate()
            : ZoneCalendar.Rolling(span.Amount, span.Unit);

        /// <summary>For a span of calendar units, whether answers turn at midnight for all values alike; they may also turn at the instant itself.</summary>
        public bool TurnsAtMidnight => span is { Calendar: true } && op != DateOperator.MoreThanAgo;

        /// <summary>The stretch of instants and the stretch of days that satisfy the operator at a given time. Evaluators ask once a run.</summary>
        public Stretch At(Instant now) => op switch
        {
            DateOperator.Before => new(Stretch.Beginning, from!.Start(calendar), DateOnly.MinValue.DayNumber, from.Day(calendar).DayNumber - 1),
            DateOperator.After => new(from!.Instant is { } after ? after.Ticks + 1 : from.End(calendar), Stretch.End, from.Day(calendar).DayNumber + 1, DateOnly.MaxValue.DayNumber),
            DateOperator.On => new(calendar.StartOf(from!.Day(calendar)).Ticks, DateOperand.EndOf(from.Day(calendar), calendar), from.Day(calendar).DayNumber, from.Day(calendar).DayNumber),
            DateOperator.Between => new(from?.Start(calendar) ?? Stretch.Beginning, to is null ? Stretch.End : to.Instant?.Ticks ?? to.End(calendar), from?.Day(calendar).DayNumber ?? DateOnly.MinValue.DayNumber, to?.Day(calendar).DayNumber ?? DateOnly.MaxValue.DayNumber),
            _ => Relative(now),
        };

        public override Truth Of(TraitValue value, Instant now) => value switch
        {
            TraitValue.Moment moment => Kleene.Of(At(now).Contains(moment.Value)),
            TraitValue.Day day => Kleene.Of(At(now).Contains(day.Value)),
            _ => Truth.Unknown,
        };

        public override Instant NextChange(TraitValue value, Instant now)
        {
            if (span is null || value is not (TraitValue.Moment or TraitValue.Day))
            {
                return Instant.MaxValue;
            }

            if (value is not TraitValue.Moment { Value: var moment })
            {
                return calendar.DayTurns(now);
            }

            var next = moment > now ? moment : Instant.MaxValue;
            if (span.Calendar == true)
            {
                // Aligned units turn at midnight; arithmetic ones also at the value's own time of day, and after 31 − 1 month back and forth, so no day is passed over.
                return Earlier(next, op == DateOperator.MoreThanAgo ? calendar.Passes(now, -span.Amount, span.Unit, moment) : calendar.DayTurns(now));
            }

            var length = ZoneCalendar.Rolling(span.Amount, span.Unit);
            var edge = moment.Plus(op == DateOperator.InNext ? length.Negate() : length);
            return edge > now ? Earlier(edge, next) : next;
        }

        private Stretch Relative(Instant now)
        {
            var today = calendar.DayOf(now);
            var amount = span!.Amount;
            if (span.Calendar == true)
            {
                var unit = ZoneCalendar.StartOfUnit(today, span.Unit);
                var first = ZoneCalendar.Add(unit, 1 - amount, span.Unit);
                var next = ZoneCalendar.Add(unit, amount, span.Unit);
                var last = next == DateOnly.MaxValue ? next : next.AddDays(-1);
                var ago = ZoneCalendar.Add(today, -amount, span.Unit);
                return op switch
                {
                    DateOperator.InLast => new(calendar.StartOf(first).Ticks, now.Ticks + 1, first.DayNumber, today.DayNumber),
                    DateOperator.InNext => new(now.Ticks + 1, DateOperand.EndOf(last, calendar), today.DayNumber + 1, last.DayNumber),
                    DateOperator.MoreThanAgo => new(Stretch.Beginning, calendar.Add(now, -amount, span.Unit).Ticks + 1, DateOnly.MinValue.DayNumber, ago.DayNumber),
                    _ => throw new InvalidOperationException($"{op} is no stretch of time"),
                };
            }

            var length = ZoneCalendar.Rolling(amount, span.Unit);
            var days = (int)Math.Min(length.Ticks / TimeSpan.TicksPerDay, DateOnly.MaxValue.DayNumber);
            return op switch
            {
                DateOperator.InLast => new(Back(now, length) + 1, now.Ticks + 1, today.DayNumber - days + 1, today.DayNumber),
                DateOperator.InNext => new(now.Ticks + 1, now.Plus(length).Ticks + 1, today.DayNumber + 1, today.DayNumber + days),
                DateOperator.MoreThanAgo => new(Stretch.Beginning, Back(now, length) + 1, DateOnly.MinValue.DayNumber, today.DayNumber - days),
                _ => throw new InvalidOperationException($"{op} is no stretch of time"),
            };
        }
    }

    /// <summary>The value's month and day come round between today and some days, weeks, months … from today, both included. 29 February counts as 1 March in other years.</summary>
    public sealed class Anniversary(Span span, ZoneCalendar calendar) : DateCheck($"date anniversary {span} {calendar.Key}")
    {
        public override bool ReadsClock => true;

        public override Truth Of(TraitValue value, Instant now)
        {
            var day = value switch
            {
                TraitValue.Day date => date.Value,
                TraitValue.Moment moment => calendar.DayOf(moment.Value),
                _ => (DateOnly?)null,
            };
            if (day is not { } born)
            {
                return Truth.Unknown;
            }

            var today = calendar.DayOf(now);
            var last = ZoneCalendar.Add(today, span.Amount, span.Unit);
            var turn = TurnIn(today.Year, born) is var thisYear && thisYear >= today ? thisYear : TurnIn(Math.Min(today.Year + 1, DateOnly.MaxValue.Year), born);
            return Kleene.Of(turn >= today && turn <= last);
        }

        public override Instant NextChange(TraitValue value, Instant now) => calendar.DayTurns(now);

        private static DateOnly TurnIn(int year, DateOnly born) =>
            born is { Month: 2, Day: 29 } && !DateTime.IsLeapYear(year) ? new(year, 3, 1) : new(year, born.Month, born.Day);
    }

    /// <summary>Now less a length, before the beginning of time where that is where it lies.</summary>
    internal static long Back(Instant now, TimeSpan length) => length.Ticks > now.Ticks ? Stretch.Beginning : now.Ticks - length.Ticks;

    private static Instant Earlier(Instant left, Instant right) => left < right ? left : right;
}

/// <summary>A stretch of time: instants from (included) to (excluded), in ticks, and days from to to, both included, by day number. Either may be empty.</summary>
internal readonly record struct Stretch(long FromTicks, long ToTicks, int FromDay, int ToDay)
{
    public const long Beginning = -1;
    public const long End = long.MaxValue;

    public bool Contains(Instant instant) => instant.Ticks >= FromTicks && instant.Ticks < ToTicks;

    public bool Contains(DateOnly day) => day.DayNumber >= FromDay && day.DayNumber <= ToDay;
}

/// <summary>A fixed point a date operator compares with: an instant, or a whole day in the operator's zone.</summary>
internal sealed record DateOperand(Instant? Instant, DateOnly? Date)
{
    public string Key => Instant?.ToString() ?? Date!.Value.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    public long Start(ZoneCalendar calendar) => Instant?.Ticks ?? calendar.StartOf(Date!.Value).Ticks;

    /// <summary>The first tick after the day.</summary>
    public long End(ZoneCalendar calendar) => EndOf(Day(calendar), calendar);

    public DateOnly Day(ZoneCalendar calendar) => Date ?? calendar.DayOf(Instant!.Value);

    public static long EndOf(DateOnly day, ZoneCalendar calendar) => day == DateOnly.MaxValue ? Stretch.End : calendar.EndOf(day).Ticks;
}

/// <summary>When an event counts. Whatever the window, an event after now does not.</summary>
internal sealed record EventWindow(Span? Last, Instant? From, Instant? To, ZoneCalendar Calendar)
{
    public string Key => Last is null ? $"{From}..{To}" : $"{Last} {Calendar.Key}";

    /// <summary>Instants from (included) to (excluded), in ticks.</summary>
    public (long FromTicks, long ToTicks) At(Instant now)
    {
        if (Last is null)
        {
            return (From?.Ticks ?? Stretch.Beginning, Math.Min(To?.Ticks ?? Stretch.End, now.Ticks + 1));
        }

        var from = Last.Calendar == true
            ? Calendar.StartOf(ZoneCalendar.Add(ZoneCalendar.StartOfUnit(Calendar.DayOf(now), Last.Unit), 1 - Last.Amount, Last.Unit)).Ticks
            : DateCheck.Back(now, ZoneCalendar.Rolling(Last.Amount, Last.Unit)) + 1;
        return (from, now.Ticks + 1);
    }

    /// <summary>The stretch for an atom that may have no window: everything up to now.</summary>
    public static (long FromTicks, long ToTicks) At(EventWindow? window, Instant now) => window?.At(now) ?? (Stretch.Beginning, now.Ticks + 1);

    /// <summary>The first instant after now at which an event begins or stops to count; never later than the true one. <see cref="Instant.MaxValue"/>: never.</summary>
    public static Instant NextChange(EventWindow? window, Instant at, Instant now)
    {
        if (at > now)
        {
            return at;
        }

        if (window?.Last is not { } last)
        {
            return Instant.MaxValue;
        }

        if (last.Calendar == true)
        {
            return window.Calendar.DayTurns(now);
        }

        var leaves = at.Plus(ZoneCalendar.Rolling(last.Amount, last.Unit));
        return leaves > now ? leaves : Instant.MaxValue;
    }
}
