using System.Diagnostics.CodeAnalysis;

namespace SegmentEngine.Contacts;

public enum TraitKind
{
    Text,
    Number,
    Boolean,
    /// <summary>A calendar day, without a zone.</summary>
    Date,
    /// <summary>An instant.</summary>
    DateTime,
    Version,
}

/// <summary>What a schema declares of a trait or an event's property: a kind, or a list of that kind.</summary>
public readonly record struct TraitType(TraitKind Kind, bool IsList = false)
{
    public static readonly IReadOnlyList<string> Names =
        [.. Enum.GetValues<TraitKind>().Select(static kind => new TraitType(kind).ToString()), .. Enum.GetValues<TraitKind>().Select(static kind => new TraitType(kind, IsList: true).ToString())];

    /// <summary>Reads <c>string</c>, <c>number</c>, <c>boolean</c>, <c>date</c>, <c>datetime</c>, <c>version</c>, or <c>list&lt;…&gt;</c> of those.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TraitType type)
    {
        type = default;
        if (text is null)
        {
            return false;
        }

        var isList = text.StartsWith("list<", StringComparison.Ordinal) && text.EndsWith('>');
        TraitKind? kind = (isList ? text[5..^1] : text) switch
        {
            "string" => TraitKind.Text,
            "number" => TraitKind.Number,
            "boolean" => TraitKind.Boolean,
            "date" => TraitKind.Date,
            "datetime" => TraitKind.DateTime,
            "version" => TraitKind.Version,
            _ => null,
        };
        type = new(kind ?? default, isList);
        return kind is not null;
    }

    public override string ToString()
    {
        var name = Kind switch
        {
            TraitKind.Text => "string",
            TraitKind.Number => "number",
            TraitKind.Boolean => "boolean",
            TraitKind.Date => "date",
            TraitKind.DateTime => "datetime",
            TraitKind.Version => "version",
            _ => throw new InvalidOperationException($"no name for the trait kind {Kind}"),
        };
        return IsList ? $"list<{name}>" : name;
    }
}
