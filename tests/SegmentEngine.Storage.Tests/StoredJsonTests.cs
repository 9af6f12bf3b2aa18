using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage.Tests;

public sealed class StoredJsonTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("{}", """{"plan":"pro","spend":12.50}""")]
    [InlineData("""{"plan":"pro","seats":3}""", """{"seats":4.0}""")]
    [InlineData("""{"plan":"pro","seats":3}""", """{"plan":null,"vip":true}""")]
    [InlineData("""{"plan":"pro"}""", """{"plan":null,"gone":null}""")]
    [InlineData("""{"stra\u00dfe":"a","x":{"y":[1, 2]}}""", """{"straße":"\ud83d\ude00","x":{"z":null}}""")]
    public void Merging_text_gives_what_merging_objects_gives(string stored, string update)
    {
        var merged = StoredJson.Merge(JsonElement.Parse(stored), JsonElement.Parse(update));
        Assert.True(JsonElement.DeepEquals(JsonData.Merge(JsonElement.Parse(stored), JsonElement.Parse(update)), JsonElement.Parse(merged)), Encoding.UTF8.GetString(merged));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", null)]
    [InlineData("""{"a":1}""", """{"b":null}""", null)]
    [InlineData("{}", "{}", null)]
    [InlineData("""{"a":1,"b":2}""", """{"a":1.50,"b":null,"c":"x"}""", """{"a":1.50,"b":null,"c":"x"}""")]
    [InlineData("""{"a":1,"b":[2]}""", """{"b":[2],"a":2}""", """{"a":2}""")]
    public void Changes_are_what_an_update_makes_different(string stored, string update, string? changes) =>
        Assert.Equal(changes, StoredJson.Changes(JsonElement.Parse(stored), JsonElement.Parse(update)) is { } changed ? Encoding.UTF8.GetString(changed) : null);
}
