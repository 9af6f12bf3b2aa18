using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>What somebody may do in the dashboard of a workspace. Each role may do what those before it may.</summary>
public enum PersonRole
{
    /// <summary>Sees everything but secrets; changes nothing.</summary>
    Viewer,

    /// <summary>Changes segments, contacts, actions and instructions.</summary>
    Editor,

    /// <summary>Manages keys, webhooks, settings and people as well.</summary>
    Admin,
}

/// <summary>Somebody who signs in to the dashboard: not a contact, and not a key. It belongs to one workspace.</summary>
public sealed record Person
{
    internal long Number { get; set; }
    internal long WorkspaceNumber { get; set; }
    public Guid Id { get; init; } = Guid.NewGuid();
    public WorkspaceId Workspace { get; set; }
    public required string Email { get; set; }

    /// <summary>The address in the form in which it is unique.</summary>
    public string EmailKey { get; set; } = "";
    public required string Name { get; set; }
    public required PersonRole Role { get; set; }

    /// <summary>Null until the invitation is taken.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>A new one ends every sign-in made with the one before.</summary>
    public string SecurityStamp { get; set; } = Guid.NewGuid().ToString("N");
    public int FailedTries { get; set; }
    public Instant? LockedUntil { get; set; }

    /// <summary>SHA-256 of the invitation's secret; null where none is open.</summary>
    public byte[]? InvitationHash { get; set; }
    public Instant? InvitationEnds { get; set; }
    public required Instant CreatedAt { get; init; }
    public Instant? LastSeenAt { get; set; }
}
