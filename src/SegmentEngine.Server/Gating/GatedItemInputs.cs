using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>What actions and instructions have in common on the way in.</summary>
public static class GatedItemInputs
{
    private const int SegmentsMax = 100;

    /// <summary>OpenCX's channels.</summary>
    private static readonly string[] channels = ["web", "email", "phone_voice", "slack", "sms", "whatsapp", "instagram", "messenger", "api", "web_voice"];

    /// <param name="texts">Each text with its name, and whether it must be there.</param>
    /// <param name="isRestricted">Whether it is to be restricted at all.</param>
    /// <param name="segments">The segments it is to be restricted to.</param>
    /// <param name="restrictedToChannels">The channels it is to be restricted to.</param>
    public static List<Diagnostic> Faults(
        bool? isRestricted, IReadOnlyList<Guid>? segments, IReadOnlyList<string>? restrictedToChannels, params ReadOnlySpan<(string Name, string? Text, bool Needed)> texts)
    {
        var faults = new List<Diagnostic>();
        foreach (var (name, text, needed) in texts)
        {
            if (needed && text is null)
            {
                faults.Add(new() { Path = $"$.{name}", Code = "required", Message = $"\"{name}\" is required" });
            }
            else if (name is "name" or "title" && ContactInputs.TextFault(text, $"$.{name}") is { } fault)
            {
                faults.Add(fault);
            }
        }

        if (segments?.Count > SegmentsMax)
        {
            faults.Add(new() { Path = "$.restricted_to_segments", Code = "wrong_count", Message = $"at most {SegmentsMax} segments can be named" });
        }

        if (isRestricted == false && segments?.Count > 0)
        {
            faults.Add(new() { Path = "$.is_restricted", Code = "wrong_value", Message = "is_restricted is false, which opens the item to everyone, but restricted_to_segments names segments; leave one of them out" });
        }

        faults.AddRange((restrictedToChannels ?? []).Index().Where(static channel => !channels.Contains(channel.Item)).Select(static channel => new Diagnostic
        {
            Path = $"$.restricted_to_channels[{channel.Index}]",
            Code = "unknown_channel",
            Message = $"there is no channel \"{channel.Item}\"; there are {string.Join(", ", channels)}",
        }));
        return faults;
    }

    public static IReadOnlyList<SegmentId> Segments(IReadOnlyList<Guid>? segments) => [.. (segments ?? []).Distinct().Select(static segment => new SegmentId(segment))];

    public static RestrictionChange Change(bool? isRestricted, IReadOnlyList<Guid>? segments) => new(isRestricted, segments is null ? null : Segments(segments));
}
