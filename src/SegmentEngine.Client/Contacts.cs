using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>A contact as it is stored.</summary>
public sealed record Contact
{
    public required Guid Id { get; init; }
    public string? ExternalId { get; init; }
    public string? Email { get; init; }
    public string? PhoneNumber { get; init; }
    public string? Name { get; init; }
    public JsonElement? CustomData { get; init; }
    public JsonElement? NonVerifiedCustomData { get; init; }

    /// <summary>The ids of the static lists the contact is on.</summary>
    public IReadOnlyList<string> Lists { get; init; } = [];

    /// <summary>The ids of the sequences the contact was enrolled in.</summary>
    public IReadOnlyList<string> Sequences { get; init; } = [];
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }
    public DateTimeOffset? LastSeenAt { get; init; }
}

/// <summary>What is to be known of a contact. A field that is null here is not sent and stays as it is stored; in <c>custom_data</c> a key with null is removed.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ContactInput
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExternalId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PhoneNumber { get; init; }

    /// <summary>OpenCX's name for the phone number on the way in; <c>phone_number</c> goes before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Phone { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>A JSON object, merged into what is stored by its first-level keys.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? CustomData { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? NonVerifiedCustomData { get; init; }

    /// <summary>The ids of all static lists the contact is on, instead of those it was on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>The ids of all sequences the contact was enrolled in, as <c>lists</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Sequences { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When the contact last changed where it comes from; the time of this call where it is null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? UpdatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastSeenAt { get; init; }
}

/// <summary>A contact was created or updated.</summary>
public sealed record ContactSaved
{
    public required Guid Id { get; init; }
    public required bool Created { get; init; }
    public required long Revision { get; init; }
}

/// <summary>Up to 2,500 contacts and 4 MiB in one call.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ContactBatch
{
    public required IReadOnlyList<ContactInput> Contacts { get; init; }
}

/// <summary>What became of a batch: those that were accepted are stored together, those that were refused are named with their place.</summary>
public sealed record BatchAccepted
{
    /// <summary>Always true, as Segment answers; where nothing could be stored the whole call is an error.</summary>
    public bool Success { get; init; } = true;
    public required int Accepted { get; init; }

    /// <summary>Events whose message id was stored already; they changed nothing.</summary>
    public required int Duplicates { get; init; }
    public required IReadOnlyList<RefusedItem> Refused { get; init; }
    public required long Revision { get; init; }
}

/// <summary>An item of a batch that was not stored.</summary>
public sealed record RefusedItem
{
    /// <summary>The item's place in the batch, from 0.</summary>
    public required int Index { get; init; }
    public required string Path { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }
}

/// <summary>A page of contacts; <c>next</c> is the cursor of the page after it, null on the last.</summary>
public sealed record ContactPage
{
    public required IReadOnlyList<Contact> Items { get; init; }
    public string? Next { get; init; }
    public required long Revision { get; init; }
}

/// <summary>Something was written; a read with <c>at_least</c> this revision will reflect it.</summary>
public sealed record Written
{
    public required long Revision { get; init; }
}

/// <param name="Count">How many names of deleted contacts are suppressed.</param>
public sealed record SuppressionCount(long Count);
