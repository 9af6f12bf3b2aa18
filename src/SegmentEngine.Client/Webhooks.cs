using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>Whom to tell when contacts enter and leave.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WebhookInput
{
    /// <summary>Where to: an absolute http or https address.</summary>
    public string? Url { get; init; }

    /// <summary>Of which segment; null for every segment of the workspace. It cannot be changed.</summary>
    public Guid? SegmentId { get; init; }

    /// <summary>Whether it is told. What happens while it is not is not told later.</summary>
    public bool? IsActive { get; init; }
}

/// <summary>A webhook, and how it stands.</summary>
public sealed record Webhook
{
    public required Guid Id { get; init; }
    public required string Url { get; init; }
    public Guid? SegmentId { get; init; }
    public required bool IsActive { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Events that wait to be told.</summary>
    public required long Waiting { get; init; }

    /// <summary>Events that were given up after a day.</summary>
    public required long Dead { get; init; }

    /// <summary>What deliveries are signed with: in the answer that made it and in no other.</summary>
    public string? Secret { get; init; }
}

public sealed record WebhookList
{
    public required IReadOnlyList<Webhook> Data { get; init; }
}

/// <summary>The body of a delivery. It comes at least once, and for a contact and a segment in order.</summary>
public sealed record WebhookDelivery
{
    public required Guid WebhookId { get; init; }

    /// <summary>Ascending by sequence. Empty in a delivery that only tries the way.</summary>
    public required IReadOnlyList<WebhookEvent> Events { get; init; }
}

/// <summary>A contact entered or left a segment.</summary>
public sealed record WebhookEvent
{
    /// <summary><c>segment:contact:sequence</c>, the same each time this event is delivered: what has been seen can be passed over.</summary>
    public required string Id { get; init; }

    /// <summary>Only grows; a gap means nothing.</summary>
    public required long Sequence { get; init; }

    /// <summary><c>entered</c> or <c>left</c>.</summary>
    public required string Type { get; init; }
    public required Guid SegmentId { get; init; }
    public required Guid ContactId { get; init; }
    public string? ExternalId { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary><c>data</c>, <c>rule</c>, <c>time</c> or <c>list</c>.</summary>
    public required string Cause { get; init; }
    public required long Revision { get; init; }
}

/// <summary>A page of events that were given up, oldest first; <c>next</c> is the cursor of the page after it, null on the last.</summary>
public sealed record WebhookEventPage
{
    public required IReadOnlyList<WebhookEvent> Items { get; init; }
    public string? Next { get; init; }
}

/// <summary>A page of tries, newest first; <c>next</c> is the cursor of the page after it, null on the last.</summary>
public sealed record WebhookTryPage
{
    public required IReadOnlyList<WebhookTry> Items { get; init; }
    public string? Next { get; init; }
}

/// <summary>One try to deliver.</summary>
public sealed record WebhookTry
{
    public required DateTimeOffset At { get; init; }
    public required int Events { get; init; }
    public required long FirstSequence { get; init; }
    public required long LastSequence { get; init; }

    /// <summary>What the receiver answered; null where it did not.</summary>
    public int? Status { get; init; }

    /// <summary>What went wrong; null where it was taken.</summary>
    public string? Error { get; init; }
    public required long Milliseconds { get; init; }
}

/// <param name="Events">How many events wait again.</param>
public sealed record WebhookReplayed(long Events);
