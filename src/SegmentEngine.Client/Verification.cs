using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

[JsonConverter(typeof(JsonStringEnumConverter<VerificationState>))]
public enum VerificationState
{
    /// <summary>Not since the server started.</summary>
    [JsonStringEnumMemberName("never")]
    Never,

    [JsonStringEnumMemberName("running")]
    Running,

    [JsonStringEnumMemberName("finished")]
    Finished,

    /// <summary>It broke off; the server's log says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>A judgement of every contact of a workspace by the plain interpreter, against what reads answer and what the tables hold.</summary>
public sealed record Verification
{
    public required VerificationState State { get; init; }

    /// <summary>How many there were when it began.</summary>
    public long Contacts { get; init; }

    /// <summary>Contacts that were judged so far.</summary>
    public long Judged { get; init; }

    /// <summary>Contacts that could not be judged: they are gone, or changed each time they were looked at.</summary>
    public long Unsure { get; init; }

    /// <summary>Memberships and non-memberships that were judged.</summary>
    public long Pairs { get; init; }

    /// <summary>Those that were wrong; the latest are listed in the workspace's <c>self_audit</c>.</summary>
    public long Mismatches { get; init; }

    /// <summary>Those of them that are mended; the others changed each time, and are found again where they are still wrong.</summary>
    public long Mended { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}
