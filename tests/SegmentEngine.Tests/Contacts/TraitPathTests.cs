using SegmentEngine.Contacts;

namespace SegmentEngine.Tests.Contacts;

public sealed class TraitPathTests
{
    [Fact]
    public void A_short_name_and_a_full_one_are_one_trait()
    {
        Assert.Equal(TraitPath.Of("custom_data.plan"), TraitPath.Of("plan"));
        Assert.Equal("custom_data.plan", TraitPath.Of("plan").ToString());
        Assert.Equal(TraitPath.Of("plan").GetHashCode(), TraitPath.Of("custom_data.plan").GetHashCode());
        Assert.NotEqual(TraitPath.Of("plan"), TraitPath.Of("Plan"));
    }

    [Fact]
    public void Built_in_names_are_traits_of_their_own()
    {
        Assert.Equal(8, TraitPath.BuiltInNames.Count);
        Assert.Equal(BuiltInTrait.Email, TraitPath.Of("email").BuiltIn);
        Assert.Null(TraitPath.Of("custom_data.email").BuiltIn);
        Assert.NotEqual(TraitPath.Of("email"), TraitPath.Of("custom_data.email"));
        Assert.Null(TraitPath.OfProperty("email").BuiltIn);
        Assert.Equal(["custom_data", "x"], TraitPath.OfProperty("custom_data.x").Keys.AsEnumerable());
    }

    [Theory]
    [InlineData("a.b", """{"a":{"b":1}}""", "1")]
    [InlineData("a.b", """{"a.b":1}""", null)]
    [InlineData("a\\.b", """{"a.b":1}""", "1")]
    [InlineData("a\\.b", """{"a":{"b":1}}""", null)]
    [InlineData("a\\.b.c", """{"a.b":{"c":2}}""", "2")]
    [InlineData("a.0", """{"a":[7]}""", null)]
    [InlineData("a.b", """{"a":[{"b":1}]}""", null)]
    [InlineData("a.b", """{"a":"text"}""", null)]
    [InlineData("a.b", """{"a":null}""", null)]
    [InlineData("a", """{"a":null}""", "null")]
    [InlineData("a", """{"A":1}""", null)]
    [InlineData("a..b", """{"a":{"":{"b":1}}}""", "1")]
    [InlineData("a", """{"\ud800":1,"a":2}""", "2")]
    [InlineData("abc", """{"a\ud800c":1}""", null)]
    [InlineData("abc", """{"abc":1,"a\ud800c":2,"abc":3}""", "3")]
    [InlineData("a.b", """{"a":{"\udc00":1,"b":3}}""", "3")]
    [InlineData("a\\b", """{"a\\b":1}""", "1")]
    public void A19k_a_dot_nests_and_an_escaped_dot_does_not(string name, string data, string? found)
    {
        Assert.Equal(found, TraitPath.Of(name).Find(Some.Json(data))?.GetRawText());
        Assert.Equal(found, TraitPath.OfProperty(name).Find(Some.Json(data))?.GetRawText());
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a\\.b")]
    [InlineData("custom_data.a\\.b.c")]
    [InlineData("custom_data.custom_data.x")]
    public void What_is_printed_is_the_same_trait(string name) => Assert.Equal(TraitPath.Of(name), TraitPath.Of(TraitPath.Of(name).ToString()));

    [Fact]
    public void Different_keys_never_print_the_same()
    {
        string[] names = ["a.b", "a\\.b", "a\\\\.b", "a\\", "a\\.", "a.", ".a", "a\\b", "custom_data.a", "custom_data\\.a"];
        foreach (var (left, right) in from left in names from right in names where !TraitPath.Of(left).Keys.SequenceEqual(TraitPath.Of(right).Keys) select (left, right))
        {
            Assert.True(TraitPath.Of(left).ToString() != TraitPath.Of(right).ToString(), $"{left} and {right} print the same");
        }
    }
}
