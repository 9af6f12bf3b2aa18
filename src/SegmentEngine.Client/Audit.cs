namespace SegmentEngine.Client;

/// <summary>A page of who changed what, newest first; <c>next</c> is the cursor of the page after it, null on the last.</summary>
public sealed record AuditPage
{
    public required IReadOnlyList<AuditLine> Items { get; init; }
    public string? Next { get; init; }
}

/// <summary>Somebody changed something. Ids only: what it was changed to is told by revisions and by what there is.</summary>
public sealed record AuditLine
{
    /// <summary>Only grows.</summary>
    public required long Number { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>The public id of the key.</summary>
    public required string Actor { get; init; }

    /// <summary>The operation, as it is named in the API's description.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to, as a path.</summary>
    public required string Target { get; init; }

    /// <summary>The workspace's revision after it.</summary>
    public long? Revision { get; init; }

    /// <summary>SHA-256 over the hash of the entry before it and this one, in hexadecimal digits.</summary>
    public required string Hash { get; init; }
}

/// <summary>Whether no entry was changed or taken out. The last ones can be cut off unseen, unless a later hash was kept elsewhere.</summary>
public sealed record AuditVerdict
{
    public required bool Intact { get; init; }
    public required long Entries { get; init; }

    /// <summary>The number of the first entry that does not follow from the one before it.</summary>
    public long? FirstBroken { get; init; }
}
