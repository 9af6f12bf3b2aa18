using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

public sealed record Health
{
    /// <summary><c>live</c>; <c>ready</c>, <c>stale</c> (ready, but behind), <c>degraded</c> (ready, but for some workspaces) or <c>loading</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The age of the oldest change that no membership reflects yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DirtyAgeSeconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? WorkspacesLoaded { get; init; }

    /// <summary>How many workspaces could not be brought up to date when that was tried last; the log says why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? WorkspacesFailed { get; init; }
}
