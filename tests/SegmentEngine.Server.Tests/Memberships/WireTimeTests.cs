using System.Globalization;
using System.Text.Json;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Tests.Memberships;

public sealed class WireTimeTests
{
    [Theory]
    [InlineData("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T12:00:10Z", "2026-03-01T12:00:10Z")]
    [InlineData("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.5Z")]
    [InlineData("2026-03-01T12:00:00.0000001Z", "2026-03-01T12:00:00.0000001Z")]
    [InlineData("2026-03-01T12:00:00.1200300Z", "2026-03-01T12:00:00.12003Z")]
    [InlineData("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void An_instant_is_written_in_utc_with_the_decimals_it_needs(string instant, string written)
    {
        var check = new MembershipCheck
        {
            IsMember = true, SegmentId = Guid.Empty, ContactId = Guid.Empty, Status = "member", Revision = 1, Stale = false,
            Since = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture),
        };
        Assert.Equal(written, JsonSerializer.SerializeToElement(check, WireJson.Default.MembershipCheck).GetProperty("since").GetString());
    }
}
