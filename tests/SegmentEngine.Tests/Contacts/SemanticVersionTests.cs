using SegmentEngine.Contacts;

namespace SegmentEngine.Tests.Contacts;

public sealed class SemanticVersionTests
{
    [Fact]
    public void R12_orders_as_semver_does()
    {
        // The order of semver.org, section 11, with neighbours added.
        string[] order =
        [
            "0.0.0-0", "0.0.0", "0.0.1", "0.1", "1.0.0--", "1.0.0-0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-99999999999999999999999", "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1",
            "1.0.0-alpha.1.0", "1.0.0-alpha.2", "1.0.0-alpha.beta", "1.0.0-alpha-1", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0-beta", "1.2", "1.10", "2-rc", "2",
            "2.1.0", "2.1.1", "9999999999999999999999.0.0", "10000000000000000000000.0.0",
        ];
        var versions = order.Where(static text => text != "1.0.0--").Select(Parse).ToArray();
        for (var i = 0; i < versions.Length; i++)
        {
            for (var j = 0; j < versions.Length; j++)
            {
                Assert.True(Math.Sign(versions[i].CompareTo(versions[j])) == Math.Sign(i.CompareTo(j)), $"{versions[i]} against {versions[j]}");
            }
        }
    }

    [Theory]
    [InlineData("v1.2.3", "1.2.3")]
    [InlineData("1", "1.0.0")]
    [InlineData("1.2", "1.2.0")]
    [InlineData("2-rc", "2.0.0-rc")]
    [InlineData("1.2-beta", "1.2.0-beta")]
    [InlineData("v2-rc.1", "2.0.0-rc.1")]
    [InlineData("1.2.3-beta+exp.sha.5114f85", "1.2.3-beta")]
    [InlineData("1.2.3+001", "1.2.3")]
    [InlineData("1+b-x", "1.0.0")]
    [InlineData("1.0.0-0a", "1.0.0-0a")]
    [InlineData("1.0.0-x-y-z.--", "1.0.0-x-y-z.--")]
    public void R12_A19g_pads_short_versions_and_drops_build_metadata(string text, string padded) => Assert.Equal(padded, Parse(text).ToString());

    [Fact]
    public void A19g_build_metadata_has_no_part_in_equality()
    {
        Assert.Equal(Parse("1.2.3+a"), Parse("1.2.3+b"));
        Assert.Equal(Parse("1.2.3+a").GetHashCode(), Parse("1.2.3").GetHashCode());
        Assert.Equal(Parse("v1"), Parse("1.0.0"));
        Assert.NotEqual(Parse("1.0.0-rc"), Parse("1.0.0-RC"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("v")]
    [InlineData("V1.2")]
    [InlineData("01.2.3")]
    [InlineData("1.02.3")]
    [InlineData("1.2.3.4")]
    [InlineData(" 1.2.3")]
    [InlineData("1.2.3 ")]
    [InlineData("1..3")]
    [InlineData("1.")]
    [InlineData(".1")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3+")]
    [InlineData("1.2.3+a+b")]
    [InlineData("1.2.3-ä")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("vv1")]
    [InlineData("latest")]
    [InlineData("1.x")]
    [InlineData("١.٢.٣")]
    public void R12_A19g_takes_nothing_else(string? text) => Assert.False(SemanticVersion.TryParse(text, out _));

    private static SemanticVersion Parse(string text) => SemanticVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
}
