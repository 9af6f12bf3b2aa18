using SegmentEngine.Contacts;

namespace SegmentEngine.Evaluation;

/// <summary>Numbers the different values of several columns, so that values of one contact can be told apart without comparing them.</summary>
internal sealed class ValueNumbers
{
    public const int Missing = -1;

    /// <summary>Which values count as different from this one hangs on the order they are met in.</summary>
    public const int Inexact = -2;

    private const int NotYet = -3;

    private readonly Dictionary<TraitValue, int> numbers = new(ValueIdentity.Comparer);
    private readonly Dictionary<CodedColumn, int[]> ofCodes = [];

    public int Of(Column column, int row)
    {
        if (column is not CodedColumn coded)
        {
            return Of(column.Value(row));
        }

        if (!ofCodes.TryGetValue(coded, out var known))
        {
            ofCodes.Add(coded, known = new int[coded.Values.Count]);
            known.AsSpan().Fill(NotYet);
        }

        ref var number = ref known[coded.Code(row)];
        return number = number == NotYet ? Of(coded.Value(row)) : number;
    }

    private int Of(TraitValue? value)
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
