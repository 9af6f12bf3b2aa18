using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>A tool an agent may call, and for whom.</summary>
public sealed record AgentAction
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }

    /// <summary>JSON that only the action's owner understands: how the tool is called.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>Whether anyone is kept out at all. It outlives the segments: restricted to segments that are gone admits nobody.</summary>
    public required bool IsRestricted { get; init; }
    public required IReadOnlyList<Guid> RestrictedToSegments { get; init; }

    /// <summary>Empty: on all channels.</summary>
    public required IReadOnlyList<string> RestrictedToChannels { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>After a write: its revision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

/// <summary>A new action, or changes to one; in changes what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AgentActionInput
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Payload { get; init; }

    /// <summary>
    /// False opens to everyone. True without segments shuts to everyone, and with segments says no more than they do. Needed only where the list does not say it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsRestricted { get; init; }

    /// <summary>A list that names a segment restricts. An empty one lifts the restriction, save where all of its segments are gone: that takes <c>is_restricted</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Guid>? RestrictedToSegments { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? RestrictedToChannels { get; init; }
}

/// <summary>Something an agent is told, and for whom.</summary>
public sealed record Instruction
{
    public required Guid Id { get; init; }
    public required string Title { get; init; }
    public required string Content { get; init; }

    /// <summary><c>BEHAVIORAL</c> or <c>SCENARIO_SPECIFIC</c>.</summary>
    public required string Type { get; init; }
    public required bool IsRestricted { get; init; }
    public required IReadOnlyList<Guid> RestrictedToSegments { get; init; }
    public required IReadOnlyList<string> RestrictedToChannels { get; init; }
    public required bool IsDraft { get; init; }

    /// <summary>The directory it is in. A message must pass the directory's restrictions and the instruction's own.</summary>
    public Guid? DirectoryId { get; init; }

    /// <summary>From when it holds; null: always has.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Until when it holds, exclusive; null: for good.</summary>
    public DateTimeOffset? EndTime { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>After a write: its revision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

/// <summary>A new instruction, or changes to one; in changes what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record InstructionInput
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    /// <summary>
    /// False opens to everyone. True without segments shuts to everyone, and with segments says no more than they do. Needed only where the list does not say it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsRestricted { get; init; }

    /// <summary>A list that names a segment restricts. An empty one lifts the restriction, save where all of its segments are gone: that takes <c>is_restricted</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Guid>? RestrictedToSegments { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? RestrictedToChannels { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsDraft { get; init; }

    /// <summary>The directory to put it into; null takes it out of the one it is in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(GivenConverter<Guid>))]
    public Given<Guid> DirectoryId { get; init; }

    /// <summary>From when it holds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(GivenConverter<DateTimeOffset>))]
    public Given<DateTimeOffset> StartTime { get; init; }

    /// <summary>Until when it holds, exclusive.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(GivenConverter<DateTimeOffset>))]
    public Given<DateTimeOffset> EndTime { get; init; }
}

/// <summary>Instructions that are kept together, and for whom they are. Directories are in no directory.</summary>
public sealed record InstructionDirectory
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required bool IsRestricted { get; init; }
    public required IReadOnlyList<Guid> RestrictedToSegments { get; init; }
    public required IReadOnlyList<string> RestrictedToChannels { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>After a write: its revision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

/// <summary>A new directory, or changes to one; in changes what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record InstructionDirectoryInput
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>False opens to everyone. True without segments shuts to everyone, and with segments says no more than they do. Needed only where the list does not say it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsRestricted { get; init; }

    /// <summary>A list that names a segment restricts. An empty one lifts the restriction, save where all of its segments are gone: that takes <c>is_restricted</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Guid>? RestrictedToSegments { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? RestrictedToChannels { get; init; }
}

/// <summary>A message has arrived: what may the agent see?</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GateQuestion
{
    /// <summary>A UUID, or <c>external_id:…</c>, or <c>email:…</c>; null for somebody who is nobody in particular.</summary>
    public string? ContactId { get; init; }

    /// <summary>Only these; absent: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? ActionIds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? InstructionIds { get; init; }

    /// <summary>
    /// What the message says of its contact, which is stored first (scope contacts:write): the contact is made, or the one that <c>contact_id</c> or this names is changed. The answer is that for the contact after it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContactInput? Contact { get; init; }

    /// <summary>Where the message came in. Without it, what is restricted to channels is withheld.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Channel { get; init; }
}

/// <summary>What the agent may see, what it may not and why; all from one snapshot.</summary>
public sealed record GateAnswer
{
    public required IReadOnlyList<AgentAction> Actions { get; init; }
    public required IReadOnlyList<Instruction> Instructions { get; init; }
    public required IReadOnlyList<WithheldItem> Withheld { get; init; }

    /// <summary>The segments the contact is in.</summary>
    public required IReadOnlyList<Guid> Segments { get; init; }

    /// <summary>What became of the contact that the question brought along.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContactSaved? Contact { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }

    /// <summary>True where the memberships were worked out for this answer, because they did not reflect what was asked for in time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool JudgedAtOnce { get; init; }
}

/// <param name="Id">As it was asked for.</param>
/// <param name="Kind"><c>action</c> or <c>instruction</c>.</param>
/// <param name="Reason">Why, in a word: <c>anonymous</c>, <c>not_a_member</c>, <c>segments_gone</c>, <c>building</c>, <c>stale</c>, <c>channel</c>, <c>draft</c>, <c>not_started</c>, <c>ended</c>, <c>not_found</c>.</param>
/// <param name="DirectoryId">The directory whose restriction withholds it, where it is not its own.</param>
public sealed record WithheldItem(string Id, string Kind, string Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? DirectoryId = null);

/// <summary>A tool is about to run: may it, for this contact?</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AuthorizeQuestion
{
    public string? ContactId { get; init; }
    public required string ActionId { get; init; }

    /// <summary>Where the message came in. Without it, what is restricted to channels is withheld.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Channel { get; init; }
}

public sealed record AuthorizeAnswer
{
    public required bool Allowed { get; init; }

    /// <summary><c>unrestricted</c> or <c>member</c> where it may; else the reason of a withheld item.</summary>
    public required string Reason { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }

    /// <summary>As in the answer for a whole message.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool JudgedAtOnce { get; init; }
}
