using System.Collections.Immutable;
using SegmentEngine.Contacts;

namespace SegmentEngine.Evaluation;

/// <summary>Keys that tell the values of some columns apart, a column for each event name. One column, or several of one type, has keys of its own; values of several are numbered as they are met.</summary>
internal sealed class ValueKeys(ImmutableArray<Column> columns)
{
    public const long Missing = long.MinValue;

    /// <summary>Whether this value equals another is not for a key to say.</summary>
    public const long Inexact = long.MinValue + 1;

    /// <summary>So many values are remembered from one contact to the next.</summary>
    private const int NumberedMax = 65_536;

    private readonly bool isNumbered = columns.Length > 1 && (columns[0] is CodedColumn || columns.Any(column => column.GetType() != columns[0].GetType()));
    private readonly Dictionary<TraitValue, int> numbers = new(ValueIdentity.Comparer);

    /// <summary>Whether every value has a key that says all.</summary>
    public bool AreExact => !isNumbered && columns[0] is not CodedColumn { HasInexact: true } && !columns.Any(static column => column is NumberColumn { HasFine: true });

    /// <summary>Before another contact is looked at: keys are of one contact.</summary>
    public void Begin()
    {
        if (numbers.Count > NumberedMax)
        {
            Forget();
        }
    }

    public void Forget() => numbers.Clear();

    public long Of(int place, int row) => columns[place] switch
    {
        var column when isNumbered => Numbered(column.Value(row)),
        NumberColumn column => OfNumber(column, row),
        CodedColumn column => OfCode(column, column.Code(row)),
        ScalarColumn column => column.Has(row) ? column.Key(row) : Missing,
        var other => throw new InvalidOperationException($"no keys of {other.GetType().Name}"),
    };

    private static long OfNumber(NumberColumn column, int row)
    {
        if (column.IsFine(row))
        {
            return Inexact;
        }

        var value = column.Values[row];
        return double.IsNaN(value) ? Missing : value == 0 ? 0 : BitConverter.DoubleToInt64Bits(value);
    }

    private static long OfCode(CodedColumn column, int code) =>
        code == 0 ? Missing : column.HasInexact && ValueIdentity.IsInexact(column.Values[code]!) ? Inexact : code;

    private long Numbered(TraitValue? value)
    {
        if (value is null)
        {
            return Missing;
        }

        if (ValueIdentity.IsInexact(value))
        {
            return Inexact;
        }

        if (!numbers.TryGetValue(value, out var number))
        {
            numbers.Add(value, number = numbers.Count);
        }

        return number;
    }
}

/// <summary>A set of keys, looked through while they are few.</summary>
internal sealed class KeySet
{
    private const int FewMax = 16;

    private readonly long[] few = new long[FewMax];
    private readonly HashSet<long> many = [];

    public int Count { get; private set; }

    public void Clear()
    {
        if (Count > FewMax)
        {
            many.Clear();
        }

        Count = 0;
    }

    /// <summary>False where it was there.</summary>
    public bool Add(long key)
    {
        if (Count <= FewMax)
        {
            if (few.AsSpan(0, Count).Contains(key))
            {
                return false;
            }

            if (Count < FewMax)
            {
                few[Count++] = key;
                return true;
            }

            many.UnionWith(few);
        }

        var isNew = many.Add(key);
        Count = many.Count;
        return isNew;
    }
}
