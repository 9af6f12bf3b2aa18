namespace SegmentEngine;

/// <summary>A tenant: contacts, segments, actions and keys of one workspace are never visible to another.</summary>
public readonly record struct WorkspaceId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A contact's outer name. It never changes and says nothing about where the contact is kept.</summary>
public readonly record struct ContactId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A segment's outer name.</summary>
public readonly record struct SegmentId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A contact's dense seat in the columns and sets of one shard, from 0. Not a name: it means nothing outside that shard and that run of the program.</summary>
public readonly record struct ContactIndex(int Value);
