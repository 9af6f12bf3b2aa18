using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;

namespace SegmentEngine.Tests.Evaluation;

public sealed class NumberColumnTests
{
    [Fact]
    public void A_double_says_all_of_a_number_where_it_gives_the_decimal_back()
    {
        var random = new Random(3);
        for (var i = 0; i < 50_000; i++)
        {
            var coefficient = random.NextInt64(1L << random.Next(1, 52)) * (random.Next(3) == 0 ? 1_000 : 1);
            var value = new decimal(unchecked((int)coefficient), unchecked((int)(coefficient >> 32)), random.Next(8) == 0 ? random.Next() : 0, random.Next(2) == 0, (byte)random.Next(29));
            var number = new Numeric(value);
            var shortest = value / 1.0000000000000000000000000000m;
            Assert.True((Math.Abs(number.Approximate) < 1e28 && (double)shortest == number.Approximate && (decimal)number.Approximate == shortest) == NumberColumn.IsPlain(number), $"{value}");
        }
    }
}
