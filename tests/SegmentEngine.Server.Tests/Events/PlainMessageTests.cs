using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Events;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Events;

/// <summary>Items in the plainest form are read a quicker way. A backslash anywhere sends an item the careful way, and both must read the same in it.</summary>
public sealed class PlainMessageTests
{
    private static readonly Instant now = new(638_000_000_000_000_000);

    [Theory]
    [InlineData("""{"type":"track","userId":"u1","event":"login"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-05-01T12:00:00Z","messageId":"m1","properties":{"value":12.50,"list":[{"a":null}]}}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-05-01T12:00:00.1234567Z"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-05-01T12:00:00.12345678Z"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-05-01T12:00:00+02:00"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":1714564800000}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-05-01T12:00Z"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-02-30T12:00:00Z"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":"2024-05-01t12:00:00z"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","timestamp":null,"messageId":null,"properties":null}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","messageId":"","anonymousId":"x","context":{"ip":"1.2.3.4"}}""")]
    [InlineData("""{"type":"track","userId":"","event":"login"}""")]
    [InlineData("""{"type":"track","userId":7,"event":"login"}""")]
    [InlineData("""{"type":"track","userId":"u1","event":"login","properties":[1]}""")]
    [InlineData("""{"type":7,"userId":"u1","event":"login"}""")]
    [InlineData("""{"type":"page","userId":"u1","event":"login"}""")]
    [InlineData("""{"userId":"u1","event":"login"}""")]
    [InlineData("""{"type":"identify","userId":"u1","traits":{"plan":"pro"}}""")]
    public void A_message_is_read_the_same_both_ways(string json)
    {
        foreach (var type in new[] { null, EventMessages.Track, EventMessages.Identify })
        {
            Assert.Equal(Shown(Read(json)), Shown(Read(json.Replace("{\"", "{\"\\u0068ost\":\"a\",\"", StringComparison.Ordinal))));

            object? Read(string text) => EventMessages.Read(JsonElement.Parse(text), "$", type, now, out var faults) ?? (object)string.Join("; ", faults);
        }
    }

    [Fact]
    public void The_name_of_the_history_of_traits_is_reserved() =>
        Assert.Null(EventMessages.Read(JsonElement.Parse($$"""{"type":"track","userId":"u1","event":"{{ContactEvent.Traits}}"}"""), "$", null, now, out _));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"external_id":"a","email":"a@x.com","phone_number":"+1","name":"Ana","custom_data":{"plan":"pro"}}""")]
    [InlineData("""{"external_id":"a","name":"","custom_data":null}""")]
    [InlineData("""{"external_id":"","email":7}""")]
    [InlineData("""{"external_id":"a","plan":"pro"}""")]
    [InlineData("""{"external_id":"a","phone":"+2","created_at":"2024-05-01T12:00:00Z","lists":["l"]}""")]
    [InlineData("""{"id":"0190a5a0-0000-7000-8000-000000000001","custom_data":[1]}""")]
    public void A_contact_is_read_the_same_both_ways(string json)
    {
        // The name of a field with an escape in it is still that name.
        Assert.Equal(Shown(Read(json)), Shown(Read(json.Replace("\"external_id\"", "\"\\u0065xternal_id\"", StringComparison.Ordinal).Replace("\"id\"", "\"\\u0069d\"", StringComparison.Ordinal))));

        static object? Read(string text) => ContactInputs.Read(JsonElement.Parse(text), "$", nullClears: false, out var faults) ?? (object)string.Join("; ", faults);
    }

    private static string Shown(object? read) => read switch
    {
        EventWrite item => $"{item.User} {item.Name} {item.At} {item.MessageId} {item.Properties?.GetRawText()}".Replace("\"\\u0068ost\":\"a\",", "", StringComparison.Ordinal),
        ContactWrite item => string.Join(' ', item.Id, item.User, item.ExternalId, item.Email, item.PhoneNumber, item.Name, item.CreatedAt, item.ChangedAt, item.MessageId, item.CustomData?.GetRawText(), string.Join(',', item.Lists ?? []), item.Cleared).Replace("\"host\":\"a\",", "", StringComparison.Ordinal),
        _ => read?.ToString() ?? "",
    };
}
