using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>Days and calendar units in one time zone. Arithmetic stops at the years 1 and 9999 instead of overflowing.</summary>
internal sealed record ZoneCalendar(TimeZoneInfo Zone)
{
    /// <summary>Clocks are never put back by more than a few hours.</summary>
    private const int LateHour = 20;

    public string Key => Zone.Id;

    /// <summary>The day that has begun last. Where clocks are put back past a midnight it goes on, though they show the evening before.</summary>
    public DateOnly DayOf(Instant instant)
    {
        var local = Local(instant);
        var day = DateOnly.FromDateTime(local);
        return local.Hour >= LateHour && day != DateOnly.MaxValue && Zone.IsAmbiguousTime(local) && instant >= StartOf(day.AddDays(1)) ? day.AddDays(1) : day;
    }

    /// <summary>The first instant of a day, also where its midnight is skipped or comes twice.</summary>
    public Instant StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        var at = InstantOf(midnight);
        if (!Zone.IsInvalidTime(midnight))
        {
            return at;
        }

        // Midnight was skipped: the day begins where the gap ends, which is where the local date first is no earlier than this day.
        var (before, after) = (at.Plus(TimeSpan.FromDays(-2)), at.Plus(TimeSpan.FromDays(2)));
        while (after.Ticks - before.Ticks > 1)
        {
            var middle = new Instant(before.Ticks + ((after.Ticks - before.Ticks) / 2));
            (before, after) = DateOnly.FromDateTime(Local(middle)) < day ? (middle, after) : (before, middle);
        }

        return after;
    }

    /// <summary>The first instant after a day; the end of time after the last one.</summary>
    public Instant EndOf(DateOnly day) => day == DateOnly.MaxValue ? Instant.MaxValue : StartOf(day.AddDays(1));

    /// <summary>The first instant after another at which its day is another. A day does not come back, whatever the clock on the wall does.</summary>
    public Instant DayTurns(Instant now) => EndOf(DayOf(now));

    /// <summary>
    /// The first instant after another at which <see cref="Add(Instant, long, TimeUnit)"/> of it may pass a moment; never later than the true one. Where one of the two days has an hour twice or lacks one, it may pass
    /// more than once, and at other times than the moment's own.
    /// </summary>
    public Instant Passes(Instant now, long amount, TimeUnit unit, Instant moment)
    {
        var next = DayTurns(now);
        void Consider(Instant at) => next = at > now && at < next ? at : next;
        Consider(Transition(now, next) ?? next);

        // By the clock on the wall it may be yesterday still, again.
        var wall = DateOnly.FromDateTime(Local(now));
        foreach (var today in new[] { DayOf(now), wall }.Distinct())
        {
            foreach (var time in TimesOf(Add(today, amount, unit), moment))
            {
                foreach (var offset in OffsetsOf(today))
                {
                    Consider(At(today, time, offset));
                }
            }
        }

        Consider(wall == DateOnly.MaxValue ? Instant.MaxValue : At(wall.AddDays(1), TimeSpan.Zero, Zone.GetUtcOffset(Utc(now))));
        return next;
    }

    private IEnumerable<TimeSpan> TimesOf(DateOnly day, Instant moment)
    {
        var offsets = OffsetsOf(day);
        foreach (var offset in offsets)
        {
            yield return TimeOfDay(moment, offset);
            if (offsets.Length > 1 && Transition(Before(day), EndOf(day)) is { } transition)
            {
                yield return TimeOfDay(transition, offset);
            }
        }

        yield return TimeOfDay(moment, Zone.GetUtcOffset(Utc(moment)));
    }

    /// <summary>The offsets just before a day and just after it, between which all of it lies, an hour that is lacking at its beginning too.</summary>
    private TimeSpan[] OffsetsOf(DateOnly day) => [.. new[] { Zone.GetUtcOffset(Utc(Before(day))), Zone.GetUtcOffset(Utc(EndOf(day))) }.Distinct()];

    private Instant Before(DateOnly day) => new(Math.Max(0, StartOf(day).Ticks - 1));

    private bool HasTransition(Instant from, Instant to) => Zone.GetUtcOffset(Utc(from)) != Zone.GetUtcOffset(Utc(to));

    /// <summary>The instant between two from which on the zone's offset is another; null where it is the same at both.</summary>
    private Instant? Transition(Instant from, Instant to)
    {
        if (!HasTransition(from, to))
        {
            return null;
        }

        var offset = Zone.GetUtcOffset(Utc(from));
        var (before, after) = (from.Ticks, to.Ticks);
        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            (before, after) = Zone.GetUtcOffset(Utc(new(middle))) == offset ? (middle, after) : (before, middle);
        }

        return new(after);
    }

    private static TimeSpan TimeOfDay(Instant instant, TimeSpan offset) => new(((instant.Ticks + offset.Ticks) % TimeSpan.TicksPerDay + TimeSpan.TicksPerDay) % TimeSpan.TicksPerDay);

    private static Instant At(DateOnly day, TimeSpan time, TimeSpan offset) => new(Math.Max(0, day.ToDateTime(TimeOnly.MinValue).Ticks + time.Ticks - offset.Ticks));

    private static DateTime Utc(Instant instant) => new(Math.Clamp(instant.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);

    /// <summary>The first day of the calendar unit a day lies in.</summary>
    public static DateOnly StartOfUnit(DateOnly day, TimeUnit unit) => unit switch
    {
        TimeUnit.Day => day,
        TimeUnit.Week => AddDays(day, -(((int)day.DayOfWeek + 6) % 7)),
        TimeUnit.Month => new(day.Year, day.Month, 1),
        TimeUnit.Quarter => new(day.Year, (((day.Month - 1) / 3) * 3) + 1, 1),
        TimeUnit.Year => new(day.Year, 1, 1),
        _ => throw new InvalidOperationException($"{unit} is no calendar unit"),
    };

    /// <summary>Calendar arithmetic on days: 31 March − 1 month = 28 February.</summary>
    public static DateOnly Add(DateOnly day, long amount, TimeUnit unit) => unit switch
    {
        TimeUnit.Day => AddDays(day, amount),
        TimeUnit.Week => AddDays(day, Times(amount, 7)),
        TimeUnit.Month => AddMonths(day, amount),
        TimeUnit.Quarter => AddMonths(day, Times(amount, 3)),
        TimeUnit.Year => AddMonths(day, Times(amount, 12)),
        _ => throw new InvalidOperationException($"{unit} is no calendar unit"),
    };

    /// <summary>The same local time of day, some units away.</summary>
    public Instant Add(Instant instant, long amount, TimeUnit unit) => OnDay(Add(DateOnly.FromDateTime(Local(instant)), amount, unit), instant);

    /// <summary>The local time of day of an instant, on another day.</summary>
    public Instant OnDay(DateOnly day, Instant timeOfDay) => InstantOf(day.ToDateTime(TimeOnly.FromDateTime(Local(timeOfDay))));

    /// <summary>A rolling length: a day is 24 hours, a week 7 of them.</summary>
    public static TimeSpan Rolling(long amount, TimeUnit unit)
    {
        var ticks = unit switch
        {
            TimeUnit.Minute => TimeSpan.TicksPerMinute,
            TimeUnit.Hour => TimeSpan.TicksPerHour,
            TimeUnit.Day => TimeSpan.TicksPerDay,
            TimeUnit.Week => 7 * TimeSpan.TicksPerDay,
            _ => throw new InvalidOperationException($"{unit} has no fixed length"),
        };
        return new(amount > long.MaxValue / ticks ? long.MaxValue : amount * ticks);
    }

    private DateTime Local(Instant instant)
    {
        var utc = new DateTime(instant.Ticks, DateTimeKind.Utc);
        var ticks = utc.Ticks + Zone.GetUtcOffset(utc).Ticks;
        return new(Math.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks));
    }

    /// <summary>A wall-clock time's instant: the first one where it comes twice; in a gap it is read with the offset before the gap.</summary>
    private Instant InstantOf(DateTime wall)
    {
        TimeSpan offset;
        if (Zone.IsInvalidTime(wall))
        {
            // The offset before the gap is the one in force a day earlier on the wall, where no zone has another gap.
            offset = Zone.GetUtcOffset(wall.Ticks > TimeSpan.TicksPerDay ? wall.AddDays(-1) : wall);
        }
        else if (Zone.IsAmbiguousTime(wall))
        {
            offset = Zone.GetAmbiguousTimeOffsets(wall).Max();
        }
        else
        {
            offset = Zone.GetUtcOffset(wall);
        }

        return new(Math.Clamp(wall.Ticks - offset.Ticks, Instant.MinValue.Ticks, Instant.MaxValue.Ticks));
    }

    private static DateOnly AddDays(DateOnly day, long days) =>
        DateOnly.FromDayNumber((int)Math.Clamp(days > 0 ? Math.Min(days, int.MaxValue) + day.DayNumber : Math.Max(days, int.MinValue) + day.DayNumber, DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber));

    private static DateOnly AddMonths(DateOnly day, long months)
    {
        var month = Math.Clamp(months, -200_000, 200_000) + (day.Year * 12L) + day.Month - 1;
        if (month < 12)
        {
            return DateOnly.MinValue;
        }

        if (month >= 10_000 * 12)
        {
            return DateOnly.MaxValue;
        }

        var (year, index) = ((int)(month / 12), (int)(month % 12) + 1);
        return new(year, index, Math.Min(day.Day, DateTime.DaysInMonth(year, index)));
    }

    private static long Times(long amount, long factor) => Math.Abs(amount) > long.MaxValue / factor ? Math.Sign(amount) * long.MaxValue : amount * factor;
}
