using System.Globalization;
using System.Text.Json;

namespace SegmentEngine.Tests.Exchange;

/// <summary>JsonLogic as its own page defines it, as far as our writer uses it: an oracle for what it writes.</summary>
internal static class NaiveJsonLogic
{
    /// <summary>The names of the segments that whoever the data is of is in.</summary>
    public const string Segments = "in_segments";

    private static readonly JsonElement none = Some.Json("null");

    public static bool IsTruthy(JsonElement rule, JsonElement data) => IsTruthy(Value(rule, data));

    private static bool IsTruthy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Number => value.GetDouble() != 0,
        JsonValueKind.String => value.GetString()!.Length > 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => true,
    };

    private static JsonElement Value(JsonElement rule, JsonElement data)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            return rule;
        }

        var operation = rule.EnumerateObject().Single();
        var of = operation.Value.ValueKind == JsonValueKind.Array ? operation.Value.EnumerateArray().ToList() : [operation.Value];
        JsonElement At(int i) => Value(of[i], data);
        bool Elements(Func<IEnumerable<JsonElement>, Func<JsonElement, bool>, bool> quantify, bool ifNone) =>
            At(0) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? quantify(list.EnumerateArray(), element => IsTruthy(of[1], element)) : ifNone;
        return operation.Name switch
        {
            "var" => of[0].GetString() is not { Length: > 0 } name ? data : data.TryGetProperty(name, out var value) ? value : none,
            "and" => Of(of.TrueForAll(part => IsTruthy(part, data))),
            "or" => Of(of.Exists(part => IsTruthy(part, data))),
            "!" => Of(!IsTruthy(At(0))),
            "!!" => Of(IsTruthy(At(0))),
            "===" or "==" => Of(IsSame(At(0), At(1))),
            "!==" or "!=" => Of(!IsSame(At(0), At(1))),
            "<" => Of(Number(At(0)) < Number(At(1))),
            "<=" => Of(Number(At(0)) <= Number(At(1)) && (of.Count < 3 || Number(At(1)) <= Number(At(2)))),
            ">" => Of(Number(At(0)) > Number(At(1))),
            ">=" => Of(Number(At(0)) >= Number(At(1))),
            "in" => Of(At(1) switch
            {
                { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Any(element => IsSame(element, At(0))),
                { ValueKind: JsonValueKind.String } text => text.GetString()!.Contains(At(0).ToString(), StringComparison.Ordinal),
                _ => false,
            }),
            "in_segment" => Of(data.GetProperty(Segments).EnumerateArray().Any(segment => segment.GetString() == of[0].GetString())),
            "some" => Of(Elements(static (list, test) => list.Any(test), ifNone: false)),
            "all" => Of(Elements(static (list, test) => list.All(test), ifNone: false)),
            "none" => Of(Elements(static (list, test) => !list.Any(test), ifNone: true)),
            _ => throw new NotSupportedException(operation.Name),
        };
    }

    /// <summary>Strictly equal; a list is no other list.</summary>
    private static bool IsSame(JsonElement left, JsonElement right) => left.ValueKind == right.ValueKind && left.ValueKind switch
    {
        JsonValueKind.Array or JsonValueKind.Object => false,
        JsonValueKind.Number => left.GetDouble() == right.GetDouble(),
        _ => left.ToString() == right.ToString(),
    };

    private static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.Null or JsonValueKind.False => 0,
        JsonValueKind.True => 1,
        JsonValueKind.String => double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN,
        _ => double.NaN,
    };

    private static JsonElement Of(bool truth) => Some.Json(truth ? "true" : "false");
}
