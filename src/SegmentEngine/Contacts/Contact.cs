using System.Collections.Immutable;
using System.Text.Json;

namespace SegmentEngine.Contacts;

/// <summary>What is known of one person. The data is as it came in; the trait schema says how a rule reads it.</summary>
public sealed record Contact
{
    /// <summary>Null only in files, where a contact may be known by its external id alone.</summary>
    public ContactId? Id { get; init; }
    public string? ExternalId { get; init; }
    public string? Email { get; init; }
    public string? PhoneNumber { get; init; }
    public string? Name { get; init; }
    public Instant? CreatedAt { get; init; }
    public Instant? UpdatedAt { get; init; }
    public Instant? LastSeenAt { get; init; }

    /// <summary>A JSON object: data that came from a server, with a key.</summary>
    public JsonElement CustomData { get; init; } = JsonData.EmptyObject;

    /// <summary>A JSON object: data that came from a browser. Rules read it only when they ask for <c>"source": "any"</c>.</summary>
    public JsonElement NonVerifiedCustomData { get; init; } = JsonData.EmptyObject;

    /// <summary>The static lists this contact is on, by id; compared exactly.</summary>
    public ImmutableArray<string> Lists { get; init; } = [];

    /// <summary>The sequences this contact was enrolled in, by id; compared exactly.</summary>
    public ImmutableArray<string> Sequences { get; init; } = [];
}

/// <summary>Of what is known of a contact, what a reader wants.</summary>
[Flags]
public enum ContactParts
{
    None = 0,

    /// <summary>The ids, names and times that every contact has.</summary>
    BuiltIn = 1,

    CustomData = 2,
    NonVerifiedCustomData = 4,

    /// <summary>Lists and sequences.</summary>
    Belongings = 8,
}

/// <summary>Something a contact did. It never changes once it is in.</summary>
/// <param name="Name">NFC-normalised; compared exactly.</param>
/// <param name="At">When it happened, by the event's own account. It may arrive late.</param>
/// <param name="Sequence">The order of arrival, which decides between events of the same instant.</param>
/// <param name="Properties">A JSON object.</param>
public sealed record ContactEvent(string Name, Instant At, long Sequence, JsonElement Properties)
{
    /// <summary>
    /// The name of the events that are the history of a contact's traits: its properties are the traits that were set, by the first-level keys of the custom data, null where one was removed.
    /// Nothing a contact did has this name.
    /// </summary>
    public const string Traits = "$identify";
}
