using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Composes formulas into delegates that answer for one row: built once, run with nothing left to decide.</summary>
internal static class Predicates
{
    /// <summary>A formula as a delegate over rows.</summary>
    /// <param name="formula">What to ask.</param>
    /// <param name="leaf">The delegate of an atom.</param>
    public static Func<int, Truth> Compile(Formula formula, Func<Atom, Func<int, Truth>> leaf) => formula switch
    {
        Formula.Leaf of => leaf(of.Atom),
        Formula.Negation not => Negate(Compile(not.Of, leaf)),
        Formula.All all => All([.. all.Of.Select(of => Compile(of, leaf))]),
        Formula.Any any => Any([.. any.Of.Select(of => Compile(of, leaf))]),
        _ => throw new InvalidOperationException($"no predicate for {formula.GetType().Name}"),
    };

    private static Func<int, Truth> Negate(Func<int, Truth> of) => row => Kleene.Not(of(row));

    private static Func<int, Truth> All(Func<int, Truth>[] of) => of switch
    {
        [] => static _ => Truth.Unknown,
        [var only] => only,
        [var left, var right] => row => left(row) is var truth && truth == Truth.False ? Truth.False : Kleene.And(truth, right(row)),
        _ => row =>
        {
            var all = Truth.True;
            foreach (var each in of)
            {
                all = Kleene.And(all, each(row));
                if (all == Truth.False)
                {
                    break;
                }
            }

            return all;
        },
    };

    private static Func<int, Truth> Any(Func<int, Truth>[] of) => of switch
    {
        [] => static _ => Truth.Unknown,
        [var only] => only,
        [var left, var right] => row => left(row) is var truth && truth == Truth.True ? Truth.True : Kleene.Or(truth, right(row)),
        _ => row =>
        {
            var any = Truth.False;
            foreach (var each in of)
            {
                any = Kleene.Or(any, each(row));
                if (any == Truth.True)
                {
                    break;
                }
            }

            return any;
        },
    };
}
