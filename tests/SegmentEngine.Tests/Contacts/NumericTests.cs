using System.Globalization;
using SegmentEngine.Contacts;

namespace SegmentEngine.Tests.Contacts;

public sealed class NumericTests
{
    [Theory]
    [InlineData(" 7 ", "7")]
    [InlineData("\t\n\v\f\r7", "7")]
    [InlineData("+5", "5")]
    [InlineData("-5", "-5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("1e2", "100")]
    [InlineData("1E+2", "100")]
    [InlineData("125e-2", "1.25")]
    [InlineData("007", "7")]
    [InlineData("0", "0")]
    [InlineData("0e999999999999", "0")]
    public void A05_takes_what_dotnet_calls_a_float(string text, string value)
    {
        Assert.True(Numeric.TryParse(text, out var number));
        Assert.True(number.IsExact);
        Assert.Equal(decimal.Parse(value, CultureInfo.InvariantCulture), number.Exact);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("+")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1,000")]
    [InlineData("1 000")]
    [InlineData("1_000")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-∞")]
    [InlineData("0x10")]
    [InlineData("--5")]
    [InlineData("5-")]
    [InlineData("$5")]
    [InlineData("(5)")]
    [InlineData("1.2.3")]
    [InlineData("true")]
    [InlineData("\u00A07")]
    [InlineData("٧")]
    [InlineData("1e309")]
    [InlineData("-1e309")]
    [InlineData("1e99999999999")]
    public void A05_takes_nothing_else(string text) => Assert.False(Numeric.TryParse(text, out _));

    [Theory]
    [InlineData("79228162514264337593543950335", true)]
    [InlineData("-79228162514264337593543950335", true)]
    [InlineData("79228162514264337593543950336", false)]
    [InlineData("7.9228162514264337593543950335", true)]
    [InlineData("7.9228162514264337593543950336", false)]
    [InlineData("123456789012345678901234567890", false)]
    [InlineData("100000000000000000000000000000", false)]
    [InlineData("10000000000000000000000000000", true)]
    [InlineData("1e28", true)]
    [InlineData("1e29", false)]
    [InlineData("7e28", true)]
    [InlineData("8e28", false)]
    [InlineData("1e-28", true)]
    [InlineData("1e-29", false)]
    [InlineData("10e-29", true)]
    [InlineData("0.00000000000000000000000000010", true)]
    [InlineData("0.00000000000000000000000000011", false)]
    [InlineData("1.00000000000000000000000000000000000000000000", true)]
    [InlineData("0000000000000000000000000000000000000000000001", true)]
    [InlineData("1e300", false)]
    public void A16_a_number_is_exact_where_decimal_can_write_it(string text, bool exact)
    {
        Assert.True(Numeric.TryParse(text, out var number));
        Assert.Equal(exact, number.IsExact);
    }

    [Fact]
    public void R5_two_exact_numbers_compare_as_decimals()
    {
        Assert.True(Number("0.1") + Number("0.2") == 0.3m);
        Assert.Equal(Parse("1"), Parse("1.0"));
        Assert.Equal(Parse("1").GetHashCode(), Parse("1.0").GetHashCode());
        Assert.True(Parse("9007199254740993") > Parse("9007199254740992"));
        Assert.True(Parse("79228162514264337593543950335") > Parse("79228162514264337593543950334"));
        Assert.Equal(Parse("-0"), Parse("0"));
    }

    [Fact]
    public void R5_where_one_does_not_fit_both_compare_as_doubles()
    {
        Assert.Equal(Parse("79228162514264337593543950336"), Parse("79228162514264337593543950335"));
        Assert.Equal(Parse("123456789012345678901234567890"), Parse("123456789012345678901234567891"));
        Assert.True(Parse("1e300") > Parse("1"));
        Assert.True(Parse("-1e300") < Parse("-79228162514264337593543950335"));
        Assert.Equal(Parse("0.1"), Parse("0.1000000000000000000000000000000001"));
    }

    [Fact]
    public void R5_NaN_and_infinities_are_refused()
    {
        Assert.False(Numeric.TryFrom(double.NaN, out _));
        Assert.False(Numeric.TryFrom(double.PositiveInfinity, out _));
        Assert.False(Numeric.TryFrom(double.NegativeInfinity, out _));
        Assert.True(Numeric.TryFrom(0.1, out var tenth));
        Assert.Equal(0.1m, tenth.Exact);
        Assert.True(Numeric.TryFrom(double.MaxValue, out var most));
        Assert.Equal(double.MaxValue, most.Approximate);
        Assert.False(most.IsExact);
    }

    [Fact]
    public void A_number_prints_as_it_would_be_written()
    {
        Assert.Equal("1.50", Parse("1.50").ToString());
        Assert.Equal("1E+300", Parse("1e300").ToString());
    }

    [Fact]
    public void Random_decimals_read_back_exactly()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var value = new decimal(random.Next(), random.Next(), random.Next(3) == 0 ? random.Next() : 0, random.Next(2) == 0, (byte)random.Next(29));
            Assert.Equal(value, Number(value.ToString(CultureInfo.InvariantCulture)));
            Assert.Equal(value, Number(value.ToString(CultureInfo.InvariantCulture) + "000000000000000e0".Replace("000000000000000", value.Scale > 0 ? "000000000000000" : "", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Short_numbers_are_read_as_decimal_reads_them()
    {
        var random = new Random(2);
        for (var i = 0; i < 20_000; i++)
        {
            var digits = new char[random.Next(1, 18)];
            Array.ForEach([.. Enumerable.Range(0, digits.Length)], at => digits[at] = (char)('0' + (random.Next(4) == 0 ? 0 : random.Next(10))));
            var text = new string(digits);
            text = random.Next(3) > 0 ? text.Insert(random.Next(text.Length + 1), ".") : text;
            text = (random.Next(3) == 0 ? "-" : "") + text;
            var (expected, number) = (decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), Parse(text));
            Assert.Equal(decimal.GetBits(expected), decimal.GetBits(number.Exact));
            Assert.Equal(BitConverter.DoubleToInt64Bits((double)expected), BitConverter.DoubleToInt64Bits(number.Approximate));
        }
    }

    private static Numeric Parse(string text) => Numeric.TryParse(text, out var number) ? number : throw new FormatException(text);

    private static decimal Number(string text) => Parse(text) is { IsExact: true } number ? number.Exact : throw new FormatException(text);
}
