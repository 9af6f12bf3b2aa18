using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SegmentEngine.Contacts;

/// <summary>A point in time, counted in ticks of 100 nanoseconds since 0001-01-01T00:00:00Z. It has no zone and no offset; it is not a calendar day (<see cref="DateOnly"/>).</summary>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    public static readonly Instant MinValue = new(DateTime.MinValue.Ticks);
    public static readonly Instant MaxValue = new(DateTime.MaxValue.Ticks);

    private const long EpochMsMin = -62_135_596_800_000;
    private const long EpochMsMax = 253_402_300_799_999;

    public static Instant From(DateTimeOffset time) => new(time.UtcTicks);

    /// <summary>Reads RFC 3339 with seconds and an offset (<c>2024-05-01T12:00:00.5+02:00</c>, <c>Z</c> and <c>T</c> in either case). More than seven decimals are cut. A day alone, a missing offset, a blank for the T and second 60 are no instant.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Instant instant)
    {
        instant = default;
        if (text is null || text.Length < 20 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':'
            || !Digits(text, 0, 4, out var year) || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day)
            || !Digits(text, 11, 2, out var hour) || !Digits(text, 14, 2, out var minute) || !Digits(text, 17, 2, out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var at = 19;
        if (!Fraction(text, ref at, out var fraction) || !Offset(text, at, out var offset))
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks + fraction - offset;
        if (ticks < MinValue.Ticks || ticks > MaxValue.Ticks)
        {
            return false;
        }

        instant = new(ticks);
        return true;
    }

    /// <summary>An instant from milliseconds since 1970-01-01T00:00:00Z; false outside the years 1 to 9999.</summary>
    public static bool TryFromEpochMs(long milliseconds, out Instant instant)
    {
        var fits = milliseconds is >= EpochMsMin and <= EpochMsMax;
        instant = fits ? new(DateTime.UnixEpoch.Ticks + (milliseconds * TimeSpan.TicksPerMillisecond)) : default;
        return fits;
    }

    /// <summary>This instant moved by a span; it stops at the ends of the years 1 to 9999 instead of overflowing.</summary>
    public Instant Plus(TimeSpan span) =>
        span.Ticks > 0
            ? new(span.Ticks > MaxValue.Ticks - Ticks ? MaxValue.Ticks : Ticks + span.Ticks)
            : new(span.Ticks < MinValue.Ticks - Ticks ? MinValue.Ticks : Ticks + span.Ticks);

    public DateTimeOffset ToDateTimeOffset() => new(Ticks, TimeSpan.Zero);

    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;
    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;
    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;
    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    /// <summary>RFC 3339 in UTC, with as many decimals as are needed and none otherwise.</summary>
    public override string ToString() => new DateTime(Ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static bool Digits(string text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                return false;
            }

            value = (value * 10) + (text[i] - '0');
        }

        return true;
    }

    private static bool Fraction(string text, ref int at, out long ticks)
    {
        ticks = 0;
        if (text[at] != '.')
        {
            return true;
        }

        var first = ++at;
        var unit = TimeSpan.TicksPerSecond / 10;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++, unit /= 10)
        {
            ticks += (text[at] - '0') * unit;
        }

        return at > first && at < text.Length;
    }

    private static bool Offset(string text, int at, out long ticks)
    {
        ticks = 0;
        if (text[at] is 'Z' or 'z')
        {
            return text.Length == at + 1;
        }

        if (text[at] is not ('+' or '-') || text.Length != at + 6 || text[at + 3] != ':'
            || !Digits(text, at + 1, 2, out var hours) || !Digits(text, at + 4, 2, out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        ticks = ((hours * 60L) + minutes) * TimeSpan.TicksPerMinute * (text[at] == '-' ? -1 : 1);
        return true;
    }
}
