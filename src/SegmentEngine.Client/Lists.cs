using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>What becomes of a list's contacts.</summary>
public enum ListMode
{
    /// <summary>Those named are put on the list; who is on it already stays.</summary>
    Append,

    /// <summary>Those named are on the list afterwards, and nobody else.</summary>
    Replace,

    /// <summary>Those named are taken off the list.</summary>
    Remove,
}

/// <summary>Which of a segment's own lists. Both go before its rule: who is excluded is no member, who is included and not excluded is one.</summary>
public enum SegmentListKind
{
    Include,
    Exclude,
}

/// <summary>The static lists of a workspace, by id.</summary>
public sealed record ContactListList
{
    public required IReadOnlyList<ContactListInfo> Data { get; init; }
}

/// <param name="Id">What rules call it: <c>{"type": "list", "list_id": …}</c>.</param>
/// <param name="Contacts">How many contacts are on it.</param>
public sealed record ContactListInfo(string Id, long Contacts);

/// <summary>Contacts to put on a list or to take off.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ListInput
{
    /// <summary>Each by its UUID, or <c>external_id:…</c>, or <c>email:…</c>.</summary>
    public required IReadOnlyList<string> Contacts { get; init; }
}

/// <summary>What became of a list.</summary>
public sealed record ListWritten
{
    /// <summary>Contacts that were named, each once; without the unknown ones.</summary>
    public required long Named { get; init; }

    /// <summary>Contacts that were not on the list before.</summary>
    public required long Added { get; init; }

    /// <summary>Contacts that are on the list no more.</summary>
    public required long Removed { get; init; }

    /// <summary>All who were named and are no contacts of the workspace. Nothing was stored of them.</summary>
    public required IReadOnlyList<UnknownContact> Unknown { get; init; }
    public required long Revision { get; init; }
}

/// <param name="Row">The line of a CSV file, its head being line 1, or the place in a JSON list, from 1.</param>
/// <param name="Name">As it was given.</param>
public sealed record UnknownContact(long Row, string Name);
