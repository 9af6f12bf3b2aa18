using SegmentEngine.Client;

namespace SegmentEngine.Server.Segments;

/// <summary>What is wrong with the words around a rule.</summary>
internal static class SegmentFaults
{
    private const int NameLengthMax = 200;
    private const int DescriptionLengthMax = 4_000;
    private const int NoteLengthMax = 4_000;
    private const int TagsMax = 50;
    private const int TagLengthMax = 100;

    public static List<Diagnostic> Of(string name, string? description = null, IReadOnlyList<string>? tags = null)
    {
        var faults = new List<Diagnostic>();
        if (name.Trim().Length is 0 or > NameLengthMax)
        {
            faults.Add(new() { Path = "$.name", Code = "wrong_value", Message = $"a name has 1 to {NameLengthMax} characters" });
        }

        if (description?.Length > DescriptionLengthMax)
        {
            faults.Add(new() { Path = "$.description", Code = "too_long", Message = $"a description has at most {DescriptionLengthMax} characters" });
        }

        if (tags?.Count > TagsMax)
        {
            faults.Add(new() { Path = "$.tags", Code = "too_many", Message = $"a segment has at most {TagsMax} tags" });
        }

        faults.AddRange((tags ?? []).Index().Where(static tag => tag.Item is null || tag.Item.Trim().Length is 0 or > TagLengthMax)
            .Select(static tag => new Diagnostic { Path = $"$.tags[{tag.Index}]", Code = "wrong_value", Message = $"a tag has 1 to {TagLengthMax} characters" }));
        return faults;
    }

    public static Diagnostic? OfNote(string? note) =>
        note?.Length > NoteLengthMax ? new() { Path = "$.note", Code = "too_long", Message = $"a note has at most {NoteLengthMax} characters" } : null;
}
