using System.Collections.Immutable;
using System.Text.Json;

namespace SegmentEngine.Importing;

/// <summary>The fields to write, in an order that opens and closes every object once, each with the column it comes from.</summary>
internal sealed class RowPlan
{
    private RowPlan(ImmutableArray<PlannedField> fields) => Fields = fields;

    public ImmutableArray<PlannedField> Fields { get; }

    public bool Has(string field) => Fields.Any(each => each.Field == field);

    /// <summary>What to write of these columns.</summary>
    /// <param name="columns">Their names, in order; a blank one is left out.</param>
    /// <param name="mapping">What was said of some of them.</param>
    /// <param name="kind">Of what they are columns.</param>
    /// <exception cref="RefusedException">Two columns become one field, or one becomes a part of another.</exception>
    public static RowPlan Of(IReadOnlyList<string> columns, Mapping mapping, ImportKind kind)
    {
        var fields = ImportFields.Of(kind);
        var planned = new List<PlannedField>();
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, value) in mapping.Constants)
        {
            Take(field, "the constant");
            planned.Add(new(field, [.. fields.KeysOf(field)], Column: -1, new(field), value));
        }

        // What was said goes before what a name speaks of.
        foreach (var (i, column) in columns.Index().OrderBy(column => mapping.Columns.ContainsKey(column.Item) ? 0 : 1))
        {
            var target = mapping.Columns.TryGetValue(column, out var said) ? said
                : mapping.IgnoresOthers || column.Trim().Length == 0 ? new Target(Field: null)
                : new(taken.ContainsKey(fields.FieldFor(column.Trim())) ? fields.DataPrefix + column.Trim() : fields.FieldFor(column.Trim()));
            if (target.Field is { } field)
            {
                Take(field, $"column \"{column}\"");
                planned.Add(new(field, [.. fields.KeysOf(field)], i, target, Constant: default));
            }
        }

        var ordered = planned.OrderBy(static field => field.Keys, KeyOrder.Instance).ToImmutableArray();
        foreach (var (before, after) in ordered.Zip(ordered.Skip(1)))
        {
            if (after.Keys.Length > before.Keys.Length && after.Keys.AsSpan()[..before.Keys.Length].SequenceEqual(before.Keys.AsSpan()))
            {
                throw new RefusedException($"`{before.Field}` cannot be a value and an object that holds `{after.Field}`");
            }
        }

        return new(ordered);

        void Take(string field, string by)
        {
            if (!taken.TryAdd(field, by))
            {
                throw new RefusedException($"{taken[field]} and {by} both become `{field}`; name one in --map, or leave one out (null)");
            }
        }
    }

    private sealed class KeyOrder : IComparer<ImmutableArray<string>>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(ImmutableArray<string> x, ImmutableArray<string> y)
        {
            for (var i = 0; i < x.Length && i < y.Length; i++)
            {
                if (string.CompareOrdinal(x[i], y[i]) is not 0 and var order)
                {
                    return order;
                }
            }

            return x.Length.CompareTo(y.Length);
        }
    }
}

/// <summary>A field to write.</summary>
/// <param name="Field">Its name, as a message calls it.</param>
/// <param name="Keys">From the outside in.</param>
/// <param name="Column">Where it comes from; −1: the constant.</param>
/// <param name="Target">How it is read.</param>
/// <param name="Constant">The same on every line.</param>
internal sealed record PlannedField(string Field, ImmutableArray<string> Keys, int Column, Target Target, JsonElement Constant);
