using System.Text.Json.Serialization;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Flags;

/// <summary>One flag for one contact, as OpenFeature's remote evaluation protocol has it (github.com/open-feature/protocol, version 0.3).</summary>
/// <param name="Key">As it was asked for.</param>
/// <param name="Value">Whether the contact is known to be a member, freshly enough.</param>
/// <param name="Reason"><c>TARGETING_MATCH</c> where it is, <c>STALE</c> where it was by what is too old to rely on, else <c>DEFAULT</c>.</param>
/// <param name="Variant"><c>member</c>, <c>not_member</c>, <c>unknown</c> or <c>stale</c>.</param>
/// <param name="Metadata">What OpenFeature's clients hand on to whoever asks for details.</param>
public sealed record FlagAnswer(string Key, bool Value, string Reason, string Variant, FlagMetadata Metadata);

public sealed record FlagMetadata(
    [property: JsonPropertyName("segmentId")] Guid SegmentId, [property: JsonPropertyName("segmentName")] string SegmentName, [property: JsonPropertyName("revision")] long Revision,
    [property: JsonPropertyName("evaluatedAt")] string? EvaluatedAt, [property: JsonPropertyName("stale")] bool Stale);

/// <summary>All flags for one contact.</summary>
public sealed record FlagList(IReadOnlyList<FlagAnswer> Flags);

/// <summary>Why a flag was not evaluated.</summary>
/// <param name="Key">As it was asked for; null where all were.</param>
/// <param name="ErrorCode">One of OpenFeature's.</param>
/// <param name="ErrorDetails">For whoever reads logs.</param>
public sealed record FlagFault(string? Key, [property: JsonPropertyName("errorCode")] string ErrorCode, [property: JsonPropertyName("errorDetails")] string ErrorDetails);

/// <summary>The protocol's own spelling.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FlagAnswer))]
[JsonSerializable(typeof(FlagList))]
[JsonSerializable(typeof(FlagFault))]
[JsonSerializable(typeof(FlagQuestion))]
internal sealed partial class FlagJson : JsonSerializerContext;

/// <summary>A published segment as a boolean flag: true for its members. What is not known, or not freshly enough, is false.</summary>
public static class FlagAnswers
{
    /// <param name="key">What the flag is called in the answer.</param>
    /// <param name="segment">Whose members it is true for.</param>
    /// <param name="contact">Null: nobody known.</param>
    /// <param name="snapshot">Answers.</param>
    /// <param name="freshness">Says how old that may be.</param>
    public static FlagAnswer Of(string key, SegmentState segment, FoundContact? contact, WorkspaceSnapshot snapshot, Freshness freshness)
    {
        var isKnown = contact?.Seat is not null && segment.Readiness != Readiness.Building;
        var isMember = isKnown && snapshot.IsMember(segment, contact!.Value.Seat!.Value);
        var isOpen = isMember && !freshness.IsTooOld(snapshot, segment);
        return new(
            key, isOpen,
            isOpen ? "TARGETING_MATCH" : isMember ? "STALE" : "DEFAULT",
            isOpen ? "member" : isMember ? "stale" : isKnown ? "not_member" : "unknown",
            new(segment.Id.Value, segment.Name, snapshot.Revision, snapshot.EvaluatedAt?.ToString(), freshness.IsStale(snapshot, segment)));
    }
}
