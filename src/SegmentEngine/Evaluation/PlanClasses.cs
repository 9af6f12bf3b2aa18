using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The sets of a run that are read off classes of rows. Where many atoms ask one column, its rows are classed once a block and each atom looks at bytes, instead
/// of every atom comparing every value.
/// </summary>
internal sealed class PlanClasses
{
    /// <summary>From so many atoms on it takes less time to class a column of numbers than to compare it with each.</summary>
    public const int RankedMin = 6;

    private readonly Dictionary<(CodedColumn Column, int Lot), List<CodeClasses>> coded = [];
    private ClassedSet?[] sets = [];

    /// <summary>The set for which an atom has an answer, where there are classes for it.</summary>
    public ClassedSet? Of(int slot) => sets[slot];

    /// <summary>Before a lot of rules, after the atoms have gathered. What the lot's atoms do not ask is not classed, so that a column is classed once a block while the lot has few enough of them.</summary>
    /// <param name="lot">Which lot of the run.</param>
    /// <param name="atoms">The atoms that are asked, with their numbers.</param>
    /// <param name="slots">The sets that are asked for.</param>
    /// <param name="rankedMin">From how many atoms on a column of numbers is classed.</param>
    /// <param name="keep">Whether a lot of this number and of the same atoms will come again: only then is it worth while to class codes.</param>
    public void Begin(int lot, IEnumerable<(int Number, AtomTest Test)> atoms, IReadOnlySet<int> slots, int rankedMin, bool keep)
    {
        sets = new ClassedSet?[slots.DefaultIfEmpty(-1).Max() + 1];
        var byColumn = atoms.GroupBy(static atom => atom.Test switch { ScalarTest scalar => scalar.Column, CodedTest of => (Column?)of.Column, _ => null });
        foreach (var column in byColumn)
        {
            switch (column.Key)
            {
                case ScalarColumn scalar:
                    Rank(scalar, [.. column.Select(static atom => (atom.Number, (ScalarTest)atom.Test))], slots, rankedMin);
                    break;
                case CodedColumn { IsNarrow: true } narrow:
                    var rows = new NarrowRows(narrow);
                    foreach (var (number, test) in column)
                    {
                        Add(number, test, slots, rows, ((CodedTest)test).NarrowCodes);
                    }

                    break;
                case CodedColumn wide when keep:
                    Class((wide, lot), column.Where(static atom => !((CodedTest)atom.Test).ReadsClock).ToDictionary(static atom => (CodedTest)atom.Test, static atom => atom.Number), slots);
                    break;
            }
        }
    }

    private void Rank(ScalarColumn column, List<(int Number, ScalarTest Test)> atoms, IReadOnlySet<int> slots, int rankedMin)
    {
        var ranked = atoms.ConvertAll(atom => (atom.Number, atom.Test, Stretches: atom.Test.Stretches()));
        ranked.RemoveAll(static atom => atom.Stretches is null);
        for (var next = 0; ranked.Count - next >= rankedMin;)
        {
            var borders = new SortedSet<long>();
            var from = next;
            for (; next < ranked.Count; next++)
            {
                var own = ranked[next].Stretches!.SelectMany(Borders).Where(border => !borders.Contains(border)).Distinct().ToList();
                if (borders.Count + own.Count > RankedRows.BordersMax)
                {
                    break;
                }

                borders.UnionWith(own);
            }

            if (from == next)
            {
                // More borders than there can be classes: it goes its own way.
                next++;
                continue;
            }

            long[] sorted = [.. borders];
            if (column.Undecided(sorted) is not { } apart)
            {
                return;
            }

            var rows = new RankedRows(column, sorted, apart);
            for (; from < next; from++)
            {
                var (number, test, own) = ranked[from];
                Add(number, test, slots, rows, truth => test.Classes(own!, rows, truth));
            }
        }
    }

    private void Class((CodedColumn Column, int Lot) part, Dictionary<CodedTest, int> atoms, IReadOnlySet<int> slots)
    {
        if (!coded.TryGetValue(part, out var classes) || !classes.TrueForAll(static each => each.TryExtend()))
        {
            classes = [];
            var open = atoms.Keys.ToList();
            while (open.Count > 0)
            {
                classes.Add(CodeClasses.Of(part.Column, open));
            }

            coded[part] = classes;
        }

        foreach (var each in classes)
        {
            each.Forget();
            foreach (var test in each.Tests)
            {
                Add(atoms[test], test, slots, each, truth => each.Where(test, truth));
            }
        }
    }

    private void Add(int atom, AtomTest test, IReadOnlySet<int> slots, RowClasses rows, Func<Truth, ulong[]> where)
    {
        foreach (var (slot, truth) in new[] { (Clause.TrueSlot(atom), Truth.True), (Clause.FalseSlot(atom), Truth.False) })
        {
            if (slots.Contains(slot))
            {
                sets[slot] = new(rows, where(truth), test, truth);
            }
        }
    }

    private static IEnumerable<long> Borders((long From, long To) stretch)
    {
        if (stretch.From > long.MinValue)
        {
            yield return stretch.From;
        }

        if (stretch.To < long.MaxValue)
        {
            yield return stretch.To + 1;
        }
    }
}
