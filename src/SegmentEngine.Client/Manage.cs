using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>A segment as its author sees it: what is published, and what is drafted.</summary>
public sealed record ManagedSegment
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }

    /// <summary>What its authors sort it by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary><c>draft</c> until it is published, then as the published segment; <c>paused</c> while it is not evaluated, its members as they were; <c>archived</c> when it is out of use.</summary>
    public required string Status { get; init; }

    /// <summary>Why its rule is not run, where that is so: its last members stay, and count as stale; while it has none, its status is <c>building</c>.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The published rule; null before the first publish.</summary>
    public JsonElement? Definition { get; init; }

    /// <summary>The rule that the next publish puts in force; null where nothing is drafted.</summary>
    public JsonElement? DraftDefinition { get; init; }

    /// <summary>The number of the published rule, 0 before the first publish.</summary>
    public required int RuleRevision { get; init; }
    public required long MemberCount { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The workspace's data revision this answer reflects; after a write, the revision of the write.</summary>
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

public sealed record ManagedSegmentList
{
    public required IReadOnlyList<ManagedSegment> Data { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>A new segment; it starts as a draft.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SegmentInput
{
    public required string Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }
    public required JsonElement Definition { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Chosen by the caller where segments are to keep their ids (files that refer to one another); otherwise made up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Id { get; init; }
}

/// <summary>Changes to a segment's draft; what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SegmentPatch
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Definition { get; init; }

    /// <summary>All of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>What the author says of a publish, or of going back to an earlier revision.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PublishInput
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
}

/// <summary>The name of a copy.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DuplicateInput
{
    public required string Name { get; init; }
}

/// <summary>A definition that was published. It never changes.</summary>
public sealed record SegmentRevision
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }
    public required JsonElement Definition { get; init; }

    /// <summary>The key it was published with.</summary>
    public string? Author { get; init; }
    public string? Note { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }
}

/// <summary>The revisions of a segment, newest first.</summary>
public sealed record SegmentRevisionList
{
    public required IReadOnlyList<SegmentRevision> Data { get; init; }
}

/// <summary>What is different between two definitions of a segment, line by line of their text.</summary>
public sealed record SegmentDiff
{
    /// <summary>A revision's number, or <c>draft</c>.</summary>
    public required string From { get; init; }

    /// <summary>A revision's number, or <c>draft</c>.</summary>
    public required string To { get; init; }

    /// <summary>Whether both say the same, whatever the order and nesting.</summary>
    public required bool Same { get; init; }
    public required IReadOnlyList<DiffLine> Lines { get; init; }
}

/// <summary>A line of both texts, of the first alone, or of the second alone.</summary>
/// <param name="Change"><c>same</c>, <c>removed</c> or <c>added</c>.</param>
/// <param name="Text">The line.</param>
public sealed record DiffLine(string Change, string Text);

/// <summary>A rule to look at without storing it. With a segment id it is checked as that segment's edit, so that a cycle through it is found.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RuleQuestion
{
    public required JsonElement Definition { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? SegmentId { get; init; }
}

/// <summary>All that is wrong or doubtful with a rule. Valid means: no errors; warnings may remain.</summary>
public sealed record RuleChecked
{
    public required bool Valid { get; init; }
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }
}

/// <summary>What would be, were the rule published now: who would be in, who would enter and leave, and what else would change.</summary>
public sealed record RulePreview
{
    public required long Count { get; init; }

    /// <summary>Ten of them at most.</summary>
    public required IReadOnlyList<Contact> Sample { get; init; }

    /// <summary>Who would be in and is not now.</summary>
    public required PreviewedContacts Entering { get; init; }

    /// <summary>Who is in now and would not be.</summary>
    public required PreviewedContacts Leaving { get; init; }

    /// <summary>How many contacts each condition holds for by itself.</summary>
    public required IReadOnlyList<ConditionCount> Conditions { get; init; }

    /// <summary>How many contacts each group holds for by itself; the whole rule is among them where it is a group.</summary>
    public required IReadOnlyList<GroupCount> Groups { get; init; }

    /// <summary>The published segments built on it whose members would be others.</summary>
    public required IReadOnlyList<PreviewedSegment> Segments { get; init; }

    /// <summary>The actions that would open or close for somebody.</summary>
    public required IReadOnlyList<PreviewedItem> Actions { get; init; }

    /// <summary>The instructions that would open or close for somebody.</summary>
    public required IReadOnlyList<PreviewedItem> Instructions { get; init; }
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <param name="Count">How many.</param>
/// <param name="Sample">Ten of them at most.</param>
public sealed record PreviewedContacts(long Count, IReadOnlyList<Contact> Sample);

/// <param name="Id">Which segment.</param>
/// <param name="Name">Its name.</param>
/// <param name="Entering">How many contacts would enter it.</param>
/// <param name="Leaving">How many contacts would leave it.</param>
public sealed record PreviewedSegment(Guid Id, string Name, long Entering, long Leaving);

/// <param name="Id">Which action or instruction.</param>
/// <param name="Name">Its name or title.</param>
/// <param name="Opens">For how many contacts it would be open and is not now.</param>
/// <param name="Closes">For how many contacts it is open now and would not be.</param>
public sealed record PreviewedItem(Guid Id, string Name, long Opens, long Closes);

/// <summary>How many contacts a condition holds for. Its path is its place in the definition, such as <c>$.or[0].and[1]</c>; missing is how many contacts lack the trait it asks for, null where it does not ask for one.</summary>
public sealed record ConditionCount(string Path, long Count, long? Missing = null);

/// <summary>How many contacts a group (and, or, not) holds for. Its path is its place in the definition.</summary>
public sealed record GroupCount(string Path, long Count);

/// <summary>How much some segments have in common.</summary>
public sealed record SegmentOverlap
{
    /// <summary>In the order in which they were asked for.</summary>
    public required IReadOnlyList<OverlappingSegment> Segments { get; init; }

    /// <summary>Of each two, and of all three.</summary>
    public required IReadOnlyList<SharedMembers> Overlaps { get; init; }

    /// <summary>Contacts in at least one of them.</summary>
    public required long Union { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <param name="Id">Which segment.</param>
/// <param name="Name">Its name.</param>
/// <param name="MemberCount">How many are in it.</param>
public sealed record OverlappingSegment(Guid Id, string Name, long MemberCount);

/// <param name="SegmentIds">Which segments.</param>
/// <param name="Count">Contacts in all of them.</param>
/// <param name="Jaccard">Those, for each contact in at least one of them: from 0, nothing in common, to 1, the same members. 0 where nobody is in any.</param>
public sealed record SharedMembers(IReadOnlyList<Guid> SegmentIds, long Count, double Jaccard);

/// <summary>What traits and event properties hold. The types are <c>string</c>, <c>number</c>, <c>boolean</c>, <c>date</c>, <c>datetime</c>, <c>version</c> and <c>list&lt;…&gt;</c> of those.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Schema
{
    public IReadOnlyDictionary<string, string>? Traits { get; init; }
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? Events { get; init; }

    /// <summary>Only in answers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

/// <summary>The workspace a key belongs to.</summary>
public sealed record WorkspaceInfo
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required string TimeZone { get; init; }
    public required int Shards { get; init; }
    public required long Contacts { get; init; }
    public required long Segments { get; init; }

    /// <summary>The last revision that was written.</summary>
    public required long Revision { get; init; }

    /// <summary>The revision that reads reflect.</summary>
    public required long ReflectedRevision { get; init; }

    /// <summary>How many contacts wait to be evaluated again.</summary>
    public required long DirtyContacts { get; init; }

    /// <summary>What judging contacts at random found since the server started.</summary>
    public SelfAudit? SelfAudit { get; init; }

    /// <summary>What the columns that rules read, and the memberships, take of the server's memory.</summary>
    public long MemoryBytes { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }

    /// <summary>For how many days it is kept who entered and left, and how large segments were.</summary>
    public int HistoryDays { get; init; }
}

/// <summary>Changes of a workspace's settings; what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WorkspacePatch
{
    /// <summary>For how many days it is kept who entered and left, and how large segments were: 1 to 3,650.</summary>
    public int? HistoryDays { get; init; }
}

/// <summary>What came of judging contacts at random by the plain interpreter, and comparing that with what reads answer and what the tables hold.</summary>
public sealed record SelfAudit
{
    /// <summary>Pairs of a contact and a segment.</summary>
    public required long Judged { get; init; }

    /// <summary>Pairs that were wrong. It should be 0; each was mended, and is a bug to be reported.</summary>
    public required long Mismatches { get; init; }

    /// <summary>The latest of them, newest first.</summary>
    public required IReadOnlyList<MembershipMismatch> Latest { get; init; }
}

/// <summary>A membership that was not what the rule says.</summary>
public sealed record MembershipMismatch
{
    public required Guid SegmentId { get; init; }
    public required Guid ContactId { get; init; }

    /// <summary>What the rule says.</summary>
    public required bool Expected { get; init; }

    /// <summary>What reads answered.</summary>
    public required bool Answered { get; init; }

    /// <summary>What the tables held.</summary>
    public required bool Stored { get; init; }
    public required DateTimeOffset FoundAt { get; init; }
}
