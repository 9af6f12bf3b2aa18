using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>A message of the Segment Spec: <c>track</c> (an event) or <c>identify</c> (traits). Its names are the Spec's, in camel case; fields we do not know are let pass.</summary>
public sealed record EventMessage
{
    /// <summary><c>track</c> or <c>identify</c>; needed in a batch only.</summary>
    [JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    /// <summary>The contact's external id. An unknown one creates the contact.</summary>
    [JsonPropertyName("userId")]
    public string? UserId { get; init; }

    /// <summary>The event's name, for <c>track</c>.</summary>
    [JsonPropertyName("event"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Event { get; init; }

    [JsonPropertyName("properties"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Properties { get; init; }

    /// <summary>For <c>identify</c>: merged into <c>custom_data</c>; <c>email</c>, <c>phone</c> and <c>name</c> become the contact's own.</summary>
    [JsonPropertyName("traits"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Traits { get; init; }

    /// <summary>When it happened; the time of arrival where it is absent.</summary>
    [JsonPropertyName("timestamp"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Counts once in a workspace. Without one the same call sent twice counts twice.</summary>
    [JsonPropertyName("messageId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MessageId { get; init; }
}

/// <summary>Up to 2,500 messages and 4 MiB in one call, 32 KiB each.</summary>
public sealed record EventBatch
{
    public required IReadOnlyList<EventMessage> Batch { get; init; }
}
