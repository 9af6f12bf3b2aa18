using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>Something that came in: a <see cref="ContactWrite"/> or an <see cref="EventWrite"/>.</summary>
public abstract record IngestItem
{
    private protected IngestItem()
    {
    }

    /// <summary>Of the messages of a workspace that carry the same id the first wins, and the rest are not stored; an event of an unknown user that is refused uses its id up too. Null or empty is none.</summary>
    public string? MessageId { get; init; }
}

[Flags]
public enum ContactFields
{
    None = 0,
    ExternalId = 1,
    Email = 2,
    PhoneNumber = 4,
    Name = 8,
    LastSeenAt = 16,
}

/// <summary>
/// What is said of a contact. It is found by id, external id and e-mail address, which must not point at different contacts, else by phone number, which several contacts may share.
/// If none is found it is made. Fields that are null stay as they are; data is merged by its first-level keys, where a null removes.
/// </summary>
public sealed record ContactWrite : IngestItem
{
    public ContactId? Id { get; init; }
    public string? ExternalId { get; init; }

    /// <summary>In place of id and external id: the contact's external id, or else its id. A new contact gets it as its external id.</summary>
    public string? User { get; init; }
    public string? Email { get; init; }
    public string? PhoneNumber { get; init; }
    public string? Name { get; init; }

    /// <summary>For a new contact, the time of the write if null.</summary>
    public Instant? CreatedAt { get; init; }

    /// <summary>The time of the write if null.</summary>
    public Instant? UpdatedAt { get; init; }
    public Instant? LastSeenAt { get; init; }
    public JsonElement? CustomData { get; init; }
    public JsonElement? NonVerifiedCustomData { get; init; }

    /// <summary>The static lists the contact is on, instead of those it was on; null leaves them as they are.</summary>
    public IReadOnlyCollection<string>? Lists { get; init; }

    /// <summary>The sequences the contact was enrolled in, as <see cref="Lists"/>.</summary>
    public IReadOnlyCollection<string>? Sequences { get; init; }

    /// <summary>
    /// Since when <see cref="CustomData"/> has these values, for the history of traits; <see cref="UpdatedAt"/>, or the time of the write, if null. It is taken for the time of the write where it lies after that,
    /// and for that of the contact's last update where it lies before: what came in last is what holds.
    /// </summary>
    public Instant? ChangedAt { get; init; }

    /// <summary>Fields to empty.</summary>
    public ContactFields Cleared { get; init; }

    /// <summary>Refuse instead of making a new contact, for a write to one that must exist.</summary>
    public bool MustExist { get; init; }
}

/// <summary>Something a contact did.</summary>
public sealed record EventWrite : IngestItem
{
    /// <summary>The contact's external id, or else its id.</summary>
    public required string User { get; init; }

    /// <summary>Stored NFC-normalised.</summary>
    public required string Name { get; init; }
    public required Instant At { get; init; }
    public JsonElement? Properties { get; init; }
}

public enum IngestOutcome
{
    Created,
    Updated,

    /// <summary>The message id was known; nothing was stored.</summary>
    Duplicate,

    /// <summary>Nothing of the item was stored; <see cref="IngestResult.Reason"/> says why.</summary>
    Refused,
}

/// <param name="Contact">The contact the item is about; null when refused, or a duplicate.</param>
/// <param name="CreatedContact">The item made the contact.</param>
public readonly record struct IngestResult(IngestOutcome Outcome, ContactId? Contact, bool CreatedContact = false, string? Reason = null);

/// <param name="Results">One for each item, in order.</param>
public sealed record IngestReceipt(long Revision, IReadOnlyList<IngestResult> Results);
