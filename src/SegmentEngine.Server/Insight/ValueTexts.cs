using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Insight;

/// <summary>How many have a value.</summary>
/// <param name="Value">As text; not escaped for any page.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Count">How many contacts, or events, have it, alone or in a list.</param>
/// <param name="IsExact">False where there were too many different values to count each: then it is this many at least.</param>
public sealed record ValueCount(string Value, TraitKind Kind, long Count, bool IsExact);

/// <summary>Values as people read them.</summary>
internal static class ValueTexts
{
    /// <summary>Adding zeros and taking them away again leaves a decimal without any at its end.</summary>
    private const decimal One = 1.0000000000000000000000000000m;

    /// <summary>Null for what is no single value.</summary>
    public static (string Text, TraitKind Kind)? Of(TraitValue value) => value switch
    {
        TraitValue.Text text => (text.Value, TraitKind.Text),
        TraitValue.Number number => (number.Value.IsExact ? (number.Value.Exact / One).ToString(CultureInfo.InvariantCulture) : number.Value.ToString(), TraitKind.Number),
        TraitValue.Flag flag => (flag.Value ? "true" : "false", TraitKind.Boolean),
        TraitValue.Day day => (day.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), TraitKind.Date),
        TraitValue.Moment moment => (moment.Value.ToString(), TraitKind.DateTime),
        TraitValue.Version version => (version.Value.ToString(), TraitKind.Version),
        _ => null,
    };

    /// <summary>Of an example: text as it is, anything else as JSON, shortened.</summary>
    public static string Example(JsonElement value) => Short(TraitSchema.TryText(value, out var text) ? text : value.GetRawText());

    public static string Short(string text)
    {
        if (text.Length <= InsightLimits.ExampleLengthMax)
        {
            return text;
        }

        var end = InsightLimits.ExampleLengthMax - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }

    /// <summary>The name of what a JSON value looks like, in the words of a schema; <c>object</c>, and <c>list</c> for an empty or mixed one, besides. Text that reads as a day or an instant is called that.</summary>
    public static string TypeOf(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                return "number";
            case JsonValueKind.True or JsonValueKind.False:
                return "boolean";
            case JsonValueKind.Object:
                return "object";
            case JsonValueKind.Array:
                var types = value.EnumerateArray().Where(static element => element.ValueKind != JsonValueKind.Null)
                    .Select(static element => element.ValueKind == JsonValueKind.Array ? "list" : TypeOf(element)).Distinct(StringComparer.Ordinal).Take(2).ToList();
                return types is [var one] and not ["list"] ? $"list<{one}>" : "list";
            default:
                return !TraitSchema.TryText(value, out var text) ? "string"
                    : text.Length == 10 && TraitSchema.TryDay(text, out _) ? "date"
                    : text.Length >= 20 && Instant.TryParse(text, out _) ? "datetime"
                    : "string";
        }
    }
}
