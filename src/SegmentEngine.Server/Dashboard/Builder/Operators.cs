using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>What an operator takes.</summary>
public enum Operand
{
    None,
    One,
    Many,
    Two,
    Day,
    TwoDays,
    Span,
    Size,
}

/// <summary>The operators of traits and properties, by the kind of value, and what each takes.</summary>
public static class Operators
{
    private static readonly string[] text =
        ["eq", "neq", "in", "not_in", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with", "matches", "not_matches", "in_cidr", "not_in_cidr"];

    private static readonly string[] number = ["eq", "neq", "gt", "gte", "lt", "lte", "between", "not_between", "in", "not_in"];
    private static readonly string[] version = ["eq", "neq", "gt", "gte", "lt", "lte"];
    private static readonly string[] boolean = ["eq", "neq"];
    private static readonly string[] date = ["in_last", "not_in_last", "more_than_ago", "in_next", "not_in_next", "before", "after", "on", "between", "anniversary_in_next"];
    private static readonly string[] any = ["is_set", "is_not_set", "is_empty", "is_not_empty"];
    private static readonly string[] spanFields = ["amount", "unit", "calendar", "zone"];
    private static readonly FrozenSet<string> dates = date.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Those that hold for whoever does not match, so that who has no value needs a word.</summary>
    private static readonly FrozenSet<string> negative = FrozenSet.Create(
        StringComparer.Ordinal, "neq", "not_in", "not_contains", "not_starts_with", "not_ends_with", "not_matches", "not_in_cidr", "not_between", "not_in_last", "not_in_next");

    public static IReadOnlyList<string> For(Known known) =>
    [
        .. known.Kind switch { "string" => text, "number" => number, "version" => version, "boolean" => boolean, "date" or "datetime" => date, _ => [.. text, .. number.Except(text)] },
        .. known.IsList ? ["size", .. any] : any,
    ];

    public static bool IsNegative(string op) => negative.Contains(op);

    /// <summary>Whether letter case and accents may matter to it.</summary>
    public static bool IsOfText(string op) => text.Contains(op) && op is not "in_cidr" and not "not_in_cidr";

    public static Operand Takes(string op, string kind) => op switch
    {
        "is_set" or "is_not_set" or "is_empty" or "is_not_empty" => Operand.None,
        "in" or "not_in" or "in_cidr" or "not_in_cidr" => Operand.Many,
        "between" or "not_between" => kind is "date" or "datetime" ? Operand.TwoDays : Operand.Two,
        "before" or "after" or "on" => Operand.Day,
        "in_last" or "not_in_last" or "in_next" or "not_in_next" or "more_than_ago" or "anniversary_in_next" => Operand.Span,
        "size" => Operand.Size,
        _ => Operand.One,
    };

    /// <summary>Puts another operator into a condition, and carries its operands over as far as they fit.</summary>
    public static void Set(JsonObject leaf, string op, string kind)
    {
        var before = (leaf.List("values") is [{ } first, ..] ? first.DeepClone() : null) ?? (leaf["value"] is JsonValue one ? one.DeepClone() : null);
        var many = leaf.List("values");
        var takes = Takes(op, kind);
        leaf["op"] = op;
        if (leaf.Text("type") is "trait" or "date")
        {
            leaf["type"] = dates.Contains(op) && !(op == "between" && kind is not ("date" or "datetime")) ? "date" : "trait";
        }

        leaf.Put("value", takes switch { Operand.One or Operand.Day => before ?? "", Operand.Size => new JsonObject { ["op"] = "gte", ["n"] = 1 }, _ => null });
        leaf.Put("values", takes switch
        {
            Operand.Many => many.Count > 0 ? JsonFields.ArrayOf(many) : before is null || before.Shown().Length == 0 ? [] : new JsonArray(before),
            Operand.Two or Operand.TwoDays => many.Count == 2 ? JsonFields.ArrayOf(many) : new JsonArray(before ?? "", ""),
            _ => null,
        });
        if (takes == Operand.Span)
        {
            leaf["amount"] ??= 30;
            leaf["unit"] ??= "day";
        }
        else
        {
            foreach (var field in spanFields)
            {
                _ = leaf.Remove(field);
            }
        }

        if (!IsNegative(op))
        {
            _ = leaf.Remove("missing");
        }

        // The builder always writes it out.
        leaf.Put("case_sensitive", IsOfText(op) && kind is "string" or "" && leaf.Text("type") != "date" && takes != Operand.None ? leaf["case_sensitive"]?.DeepClone() ?? false : null);
        if (!IsOfText(op))
        {
            _ = leaf.Remove("accent_sensitive");
        }
    }
}
