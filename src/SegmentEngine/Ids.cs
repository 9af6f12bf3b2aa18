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
    /// <summary>Reads an id as rules and stores write it, 36 characters with hyphens, in either case: in one form only, so that whoever looks for a name by its text finds it.</summary>
    public static bool TryParse(string text, out SegmentId id)
    {
        var read = Guid.TryParseExact(text, "D", out var value) && text.Length == 36;
        id = new(value);
        return read;
    }

    public override string ToString() => Value.ToString();
}

/// <summary>A contact's dense seat in the columns and sets of one shard, from 0. Not a name: it means nothing outside that shard and that run of the program.</summary>
public readonly record struct ContactIndex(int Value);
