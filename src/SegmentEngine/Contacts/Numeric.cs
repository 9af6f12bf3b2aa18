using System.Globalization;
using System.Numerics;

namespace SegmentEngine.Contacts;

/// <summary>
/// A finite number: a decimal where the text it came from can be written exactly as <see cref="decimal"/>
/// (coefficient below 2^96, scale 0 to 28), a double otherwise. Two numbers compare as decimals when both are exact, as doubles when one is not.
/// </summary>
public readonly struct Numeric : IEquatable<Numeric>, IComparable<Numeric>
{
    private static readonly BigInteger CoefficientEnd = BigInteger.One << 96;

    /// <summary>Fifteen digits and the point.</summary>
    private const int ShortMax = 16;

    /// <summary>Up to here each whole number is a double without error.</summary>
    private const long DigitsMax = 999_999_999_999_999;

    private static readonly double[] powersOfTen = [.. Enumerable.Range(0, ShortMax).Select(static power => Math.Pow(10, power))];

    private readonly decimal exact;
    private readonly double approximate;

    public Numeric(decimal value)
    {
        exact = value;
        approximate = (double)value;
        IsExact = true;
    }

    private Numeric(double value) => approximate = value;

    private Numeric(decimal exact, double approximate) => (this.exact, this.approximate, IsExact) = (exact, approximate, true);

    /// <summary>Whether the number is held as a decimal.</summary>
    public bool IsExact { get; }

    /// <summary>The exact value; meaningful only when <see cref="IsExact"/>.</summary>
    public decimal Exact => exact;

    /// <summary>The nearest double, always there.</summary>
    public double Approximate => approximate;

    /// <summary>A number from a double, as a decimal when its shortest text fits one. NaN and infinities are refused.</summary>
    public static bool TryFrom(double value, out Numeric number)
    {
        number = default;
        return double.IsFinite(value) && TryParse(value.ToString("R", CultureInfo.InvariantCulture), out number);
    }

    /// <summary>Reads one sign, digits, point, exponent, with ASCII blanks around it (.NET's <see cref="NumberStyles.Float"/>, invariant). No thousands separators; text beyond double is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Numeric number)
    {
        if (TryShort(text, out number))
        {
            return true;
        }

        text = text.Trim("\t\n\v\f\r ");
        if (!IsNumber(text, out var hasExponent, out var digits))
        {
            return false;
        }

        if (!hasExponent && digits <= 28)
        {
            number = new(decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
            return true;
        }

        if (TryExact(text, out var exact))
        {
            number = new(exact);
            return true;
        }

        var approximate = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        number = new(approximate);
        return double.IsFinite(approximate);
    }

    public int CompareTo(Numeric other) =>
        IsExact && other.IsExact ? decimal.Compare(exact, other.exact) : approximate.CompareTo(other.approximate);

    public bool Equals(Numeric other) => CompareTo(other) == 0;
    public override bool Equals(object? obj) => obj is Numeric other && Equals(other);
    public override int GetHashCode() => approximate.GetHashCode();
    public override string ToString() => IsExact ? exact.ToString(CultureInfo.InvariantCulture) : approximate.ToString("R", CultureInfo.InvariantCulture);

    public static bool operator ==(Numeric left, Numeric right) => left.Equals(right);
    public static bool operator !=(Numeric left, Numeric right) => !left.Equals(right);
    public static bool operator <(Numeric left, Numeric right) => left.CompareTo(right) < 0;
    public static bool operator <=(Numeric left, Numeric right) => left.CompareTo(right) <= 0;
    public static bool operator >(Numeric left, Numeric right) => left.CompareTo(right) > 0;
    public static bool operator >=(Numeric left, Numeric right) => left.CompareTo(right) >= 0;

    /// <summary>Digits with perhaps a minus before and a point among them, as nearly all numbers are written: the same answer in a fraction of the time.</summary>
    private static bool TryShort(ReadOnlySpan<char> text, out Numeric number)
    {
        number = default;
        var isNegative = text.Length > 0 && text[0] == '-';
        var written = isNegative ? text[1..] : text;
        if (written.Length is 0 or > ShortMax)
        {
            return false;
        }

        var (coefficient, point) = (0L, -1);
        for (var i = 0; i < written.Length; i++)
        {
            if (char.IsAsciiDigit(written[i]))
            {
                coefficient = (coefficient * 10) + (written[i] - '0');
            }
            else if (written[i] == '.' && point < 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        if (coefficient is 0 or > DigitsMax)
        {
            // Zeros, with their signs and points, are in no hurry.
            return false;
        }

        var scale = point < 0 ? 0 : written.Length - point - 1;

        // Both are doubles without error, so their quotient is the nearest to the number.
        var approximate = coefficient / powersOfTen[scale];
        number = new(new decimal(unchecked((int)coefficient), (int)(coefficient >> 32), 0, isNegative, (byte)scale), isNegative ? -approximate : approximate);
        return true;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, out bool hasExponent, out int digits)
    {
        hasExponent = false;
        digits = 0;
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        at = SkipDigits(text, at, ref digits);
        if (at < text.Length && text[at] == '.')
        {
            at = SkipDigits(text, at + 1, ref digits);
        }

        if (digits == 0)
        {
            return false;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            hasExponent = true;
            at++;
            at += at < text.Length && text[at] is '+' or '-' ? 1 : 0;
            var exponentDigits = 0;
            at = SkipDigits(text, at, ref exponentDigits);
            if (exponentDigits == 0)
            {
                return false;
            }
        }

        return at == text.Length;
    }

    private static int SkipDigits(ReadOnlySpan<char> text, int at, ref int digits)
    {
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            digits++;
        }

        return at;
    }

    /// <summary>Decimal's own parser rounds 30 digits in silence, so the coefficient and the scale are worked out here.</summary>
    private static bool TryExact(ReadOnlySpan<char> text, out decimal value)
    {
        value = 0;
        var split = text.IndexOfAny('e', 'E');
        var mantissa = split < 0 ? text : text[..split];
        var written = mantissa.ToString().TrimStart('+', '-').Replace(".", "", StringComparison.Ordinal);
        var significant = written.TrimEnd('0');
        if (significant.Length == 0)
        {
            return true;
        }

        var exponent = 0;
        if (split >= 0 && !int.TryParse(text[(split + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        var negative = mantissa[0] == '-';
        var point = mantissa.IndexOf('.');
        var scale = (point < 0 ? 0 : mantissa.Length - point - 1) - (long)exponent - (written.Length - significant.Length);
        significant = significant.TrimStart('0');
        if (significant.Length > 29 || scale > 28 || scale < -28)
        {
            return false;
        }

        var coefficient = BigInteger.Parse(significant, CultureInfo.InvariantCulture);
        if (scale < 0)
        {
            coefficient *= BigInteger.Pow(10, (int)-scale);
            scale = 0;
        }

        if (coefficient >= CoefficientEnd)
        {
            return false;
        }

        value = (decimal)coefficient;
        var bits = decimal.GetBits(value);
        value = new decimal(bits[0], bits[1], bits[2], negative, (byte)scale);
        return true;
    }
}
