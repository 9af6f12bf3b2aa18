using SegmentEngine.Contacts;

namespace SegmentEngine.Tests.Contacts;

public sealed class InstantTests
{
    [Theory]
    [InlineData("2024-05-01T12:00:00Z", "2024-05-01T12:00:00Z")]
    [InlineData("2024-05-01t12:00:00z", "2024-05-01T12:00:00Z")]
    [InlineData("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01T12:00:00-00:00", "2024-05-01T12:00:00Z")]
    [InlineData("2024-05-01T12:00:00+23:59", "2024-04-30T12:01:00Z")]
    [InlineData("2024-05-01T12:00:00-23:59", "2024-05-02T11:59:00Z")]
    [InlineData("2024-05-01T12:00:00.5Z", "2024-05-01T12:00:00.5Z")]
    [InlineData("2024-05-01T12:00:00.1234567Z", "2024-05-01T12:00:00.1234567Z")]
    [InlineData("2024-05-01T12:00:00.123456789Z", "2024-05-01T12:00:00.1234567Z")]
    [InlineData("2024-05-01T12:00:00.99999999999999999999Z", "2024-05-01T12:00:00.9999999Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void R7_A29_takes_RFC_3339_with_seconds_and_an_offset(string text, string utc)
    {
        Assert.True(Instant.TryParse(text, out var instant));
        Assert.Equal(utc, instant.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2024-05-01")]
    [InlineData("2024-05-01T12:00:00")]
    [InlineData("2024-05-01T12:00Z")]
    [InlineData("2024-05-01 12:00:00Z")]
    [InlineData("2024-05-01T12:00:60Z")]
    [InlineData("2024-05-01T24:00:00Z")]
    [InlineData("2024-05-01T12:60:00Z")]
    [InlineData("2024-05-01T12:00:00.Z")]
    [InlineData("2024-05-01T12:00:00,5Z")]
    [InlineData("2024-05-01T12:00:00.5")]
    [InlineData("2024-05-01T12:00:00+24:00")]
    [InlineData("2024-05-01T12:00:00+01:60")]
    [InlineData("2024-05-01T12:00:00+0100")]
    [InlineData("2024-05-01T12:00:00+01")]
    [InlineData("2024-05-01T12:00:00ZZ")]
    [InlineData("2024-05-01T12:00:00Z ")]
    [InlineData(" 2024-05-01T12:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2024-00-01T00:00:00Z")]
    [InlineData("2024-05-00T00:00:00Z")]
    [InlineData("0000-05-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("٢٠٢٤-05-01T12:00:00Z")]
    [InlineData("1714564800000")]
    public void R7_A29_takes_nothing_else(string? text) => Assert.False(Instant.TryParse(text, out _));

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999Z")]
    [InlineData(1_714_564_800_000, "2024-05-01T12:00:00Z")]
    [InlineData(-62_135_596_800_000, "0001-01-01T00:00:00Z")]
    [InlineData(253_402_300_799_999, "9999-12-31T23:59:59.999Z")]
    public void Epoch_milliseconds_count_from_1970(long milliseconds, string utc)
    {
        Assert.True(Instant.TryFromEpochMs(milliseconds, out var instant));
        Assert.Equal(utc, instant.ToString());
    }

    [Theory]
    [InlineData(-62_135_596_800_001)]
    [InlineData(253_402_300_800_000)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Epoch_milliseconds_outside_the_years_1_to_9999_are_no_instant(long milliseconds) => Assert.False(Instant.TryFromEpochMs(milliseconds, out _));

    [Fact]
    public void Moving_stops_at_the_ends_of_time()
    {
        Assert.Equal(Instant.MaxValue, Instant.MaxValue.Plus(TimeSpan.FromTicks(1)));
        Assert.Equal(Instant.MaxValue, Instant.MinValue.Plus(TimeSpan.MaxValue));
        Assert.Equal(Instant.MinValue, Instant.MinValue.Plus(TimeSpan.FromTicks(-1)));
        Assert.Equal(Instant.MinValue, Instant.MaxValue.Plus(TimeSpan.MinValue));
        Assert.Equal(new Instant(5), new Instant(3).Plus(TimeSpan.FromTicks(2)));
    }

    [Fact]
    public void What_is_printed_reads_back()
    {
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++)
        {
            var instant = new Instant(random.NextInt64(Instant.MaxValue.Ticks + 1));
            Assert.True(Instant.TryParse(instant.ToString(), out var back));
            Assert.Equal(instant, back);
        }
    }
}
