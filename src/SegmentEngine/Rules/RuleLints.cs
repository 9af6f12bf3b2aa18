using System.Collections.Immutable;
using System.Globalization;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>
/// Warns of rules that are taken but hardly say what their author means: parts that contradict each other or leave nothing out, parts that change nothing.
/// It goes through every combination of the values that the conditions tell apart (at, between and beyond their operands, and missing), so what it says is proven; where there are too many combinations,
/// or a condition's values cannot be listed, it takes all answers for possible and says less. An undeclared trait is taken to hold a single value.
/// </summary>
internal sealed class RuleLints
{
    /// <summary>Combinations looked through for one group of conditions.</summary>
    private const int WorldsMax = 1_024;

    /// <summary>Many is one in so many.</summary>
    private const int LackingShare = 5;

    /// <summary>Values told apart for one trait.</summary>
    private const int ValuesMax = 64;

    /// <summary>Any instant well inside of time will do: only spans counted back from one and the same now are compared.</summary>
    private static readonly Instant someNow = new(Instant.MaxValue.Ticks / 2);

    private readonly Dictionary<string, Formula> leaves;
    private readonly Dictionary<string, Variable> variables = new(StringComparer.Ordinal);
    private readonly List<RuleDiagnostic> found = [];

    private RuleLints(IEnumerable<(string Path, Condition Condition, Formula Formula)> leaves)
    {
        this.leaves = leaves.ToDictionary(static leaf => leaf.Path, static leaf => leaf.Formula, StringComparer.Ordinal);
        foreach (var group in this.leaves.Values.SelectMany(static formula => formula.Atoms).DistinctBy(static atom => atom.Key).GroupBy(static atom => KeyOf(atom)))
        {
            var atoms = group.ToList();
            if (Variable.Of(atoms) is { } shared)
            {
                atoms.ForEach(atom => variables[atom.Key] = shared);
            }
            else
            {
                atoms.ForEach(atom => variables[atom.Key] = Variable.Free(atom));
            }
        }
    }

    /// <summary>What is odd about a rule that is otherwise well.</summary>
    public static IReadOnlyList<RuleDiagnostic> Of(Condition rule, IReadOnlyCollection<(string Path, Condition Condition, Formula Formula)> leaves, RuleContext context)
    {
        var lints = new RuleLints(leaves);
        lints.found.AddRange(leaves.Where(static leaf => leaf.Formula.Atoms.OfType<Atom.OfValue>().Any(static atom => atom.Source.Any)).Select(static leaf => new RuleDiagnostic(
            leaf.Path, "unverified", DiagnosticSeverity.Warning, "this also reads data that came from a browser, which anybody can make up; restrict nothing to this segment")));
        lints.found.AddRange(leaves.Select(leaf => Lacking(leaf.Path, leaf.Condition, leaf.Formula, context)).OfType<RuleDiagnostic>());
        _ = lints.Walk(rule, "$", isNegated: false);
        return lints.found;
    }

    /// <summary>What one question may be answered with: a trait's values, a count, or the answers themselves. Each of its worlds gives every atom that asks it an answer.</summary>
    private sealed class Variable(ImmutableArray<Dictionary<string, Truth>> worlds)
    {
        public int Count => worlds.Length;

        public Truth Of(Atom atom, int world) => worlds[world][atom.Key];

        /// <summary>An atom of which nothing is known but that it has some answer.</summary>
        public static Variable Free(Atom atom) => new(atom is Atom.Constant constant
            ? [new() { [atom.Key] = constant.Value }]
            : [.. new[] { Truth.True, Truth.False, Truth.Unknown }.Select(truth => new Dictionary<string, Truth> { [atom.Key] = truth })]);

        /// <summary>Null where the values cannot be listed.</summary>
        public static Variable? Of(List<Atom> atoms)
        {
            if (atoms.TrueForAll(static atom => atom is Atom.OfValue))
            {
                var asked = atoms.ConvertAll(static atom => (Atom.OfValue)atom);
                return Values(asked) is { Count: <= ValuesMax } values
                    ? new([.. values.Select(value => asked.ToDictionary(static atom => atom.Key, atom => atom.Of(value, someNow)))])
                    : null;
            }

            if (atoms.TrueForAll(static atom => atom is Atom.EventCount))
            {
                var counts = atoms.ConvertAll(static atom => (Atom.EventCount)atom);
                var numbers = counts.SelectMany(static atom => new[] { atom.Count.N - 1, atom.Count.N, atom.Count.N + 1 }).Append(0).Where(static n => n >= 0).Distinct().ToList();
                return numbers.Count <= ValuesMax ? new([.. numbers.Select(n => counts.ToDictionary(static atom => atom.Key, atom => Kleene.Of(atom.Count.Holds(n))))]) : null;
            }

            return null;
        }

        /// <summary>One value for every way in which the checks can answer, missing among them; null where that cannot be listed, or would be far too long a list.</summary>
        private static List<TraitValue?>? Values(List<Atom.OfValue> atoms)
        {
            var source = atoms[0].Source;
            if (source.Origin is not (ValueOrigin.Trait or ValueOrigin.EmailDomain or ValueOrigin.Bucket) || source.Type is { IsList: true } || atoms.Exists(static atom => atom.Quantifier != Quantifier.Any))
            {
                return null;
            }

            var checks = atoms.SelectMany(static atom => atom.Check is ValueCheck.AnyOf any ? any.Checks.AsEnumerable() : [atom.Check]).ToList();
            var values = new List<TraitValue?> { null };
            List<Numeric> numbers = [.. checks.SelectMany(static check => check switch
            {
                ValueCheck.OfNumber number => [number.Operand],
                ValueCheck.BetweenNumbers between => [between.Low, between.High],
                ValueCheck.InNumbers list => list.Operands,
                _ => Enumerable.Empty<Numeric>(),
            }).Distinct().Order()];
            var texts = checks.OfType<ValueCheck.OfText>().SelectMany(static check => check.Folded).Distinct(StringComparer.Ordinal).ToList();
            var stretches = checks.OfType<DateCheck.InStretch>().ToList();
            if (numbers.Count + texts.Count > ValuesMax
                || !checks.TrueForAll(static check => check is ValueCheck.OfNumber or ValueCheck.BetweenNumbers or ValueCheck.InNumbers or ValueCheck.OfFlag or ValueCheck.OfWhole or DateCheck.InStretch or ValueCheck.OfText { Match: ValueCheck.TextMatch.Equals })
                || (stretches.Count > 0 && (source.Type is null || !CanBeCompared(stretches))))
            {
                return null;
            }

            if (numbers.Count > 0)
            {
                values.AddRange(Around(numbers).Select(static number => new TraitValue.Number(number)));
            }

            if (texts.Count > 0 || (checks.Exists(static check => check is ValueCheck.OfWhole) && source.Type is null or { Kind: TraitKind.Text }))
            {
                values.AddRange(texts.SelectMany(static text => new[] { text, text.ToLowerInvariant() }).Append("").Append(string.Concat(texts) + "?").Distinct(StringComparer.Ordinal).Select(static text => new TraitValue.Text(text)));
            }

            if (checks.Exists(static check => check is ValueCheck.OfFlag))
            {
                values.AddRange([new TraitValue.Flag(true), new TraitValue.Flag(false)]);
            }

            values.AddRange(stretches.SelectMany(stretch => Edges(stretch.At(someNow), source.Type!.Value.Kind)).Distinct());
            if (values.Count == 1)
            {
                values.Add(TraitValue.Composite.Instance);
            }

            return values;
        }

        /// <summary>Points fixed on the calendar, or spans back from now, but not both: how they lie to each other hangs on the day.</summary>
        private static bool CanBeCompared(List<DateCheck.InStretch> stretches) =>
            stretches.TrueForAll(static stretch => !stretch.ReadsClock) || stretches.TrueForAll(static stretch => stretch.RollingEdge is not null);

        private static IEnumerable<Numeric> Around(List<Numeric> numbers)
        {
            yield return Beyond(numbers[0], -1);
            for (var i = 0; i < numbers.Count; i++)
            {
                yield return numbers[i];
                if (i + 1 < numbers.Count && Between(numbers[i], numbers[i + 1]) is { } middle)
                {
                    yield return middle;
                }
            }

            yield return Beyond(numbers[^1], 1);
        }

        private static Numeric Beyond(Numeric number, int direction) =>
            number.IsExact && Math.Abs(number.Exact) < decimal.MaxValue / 2 ? new(number.Exact + direction) : Numeric.TryFrom(number.Approximate + (direction * (Math.Abs(number.Approximate) + 1)), out var beyond) ? beyond : number;

        private static Numeric? Between(Numeric low, Numeric high)
        {
            var middle = low.IsExact && high.IsExact ? new Numeric(low.Exact + ((high.Exact / 2) - (low.Exact / 2)))
                : Numeric.TryFrom(low.Approximate + ((high.Approximate / 2) - (low.Approximate / 2)), out var rounded) ? rounded : low;
            return middle > low && middle < high ? middle : null;
        }

        private static IEnumerable<TraitValue> Edges(Stretch stretch, TraitKind kind) => kind == TraitKind.Date
            ? new long[] { stretch.FromDay - 1L, stretch.FromDay, stretch.ToDay, stretch.ToDay + 1L }
                .Where(static day => day >= DateOnly.MinValue.DayNumber && day <= DateOnly.MaxValue.DayNumber)
                .Select(static day => new TraitValue.Day(DateOnly.FromDayNumber((int)day)))
            : new[] { stretch.FromTicks - 1, stretch.FromTicks, stretch.ToTicks - 1, stretch.ToTicks }
                .Where(static ticks => ticks >= Instant.MinValue.Ticks && ticks <= Instant.MaxValue.Ticks)
                .Select(static ticks => new TraitValue.Moment(new(ticks)));
    }

    /// <summary>Those who lack a trait are let in by no negative operator, which is rarely what "not in the US" means.</summary>
    private static RuleDiagnostic? Lacking(string path, Condition condition, Formula formula, RuleContext context) =>
        condition is Condition.ValueTest { Missing: null, Operator: TraitOperator.Neq or TraitOperator.NotIn or TraitOperator.NotContains or TraitOperator.NotStartsWith or TraitOperator.NotEndsWith or TraitOperator.NotMatches or TraitOperator.NotInCidr or TraitOperator.NotBetween }
            or Condition.DateTest { Missing: null, Operator: DateOperator.NotInLast or DateOperator.NotInNext }
        && formula.Atoms.OfType<Atom.OfValue>().First().Source.Path is var trait
        && context.CoverageOf(trait) is { } coverage && coverage.Missing * LackingShare >= coverage.Of && coverage.Of > 0
            ? new(path, "many_lack_it", DiagnosticSeverity.Warning, string.Create(CultureInfo.InvariantCulture, $"{coverage.Missing:N0} of {coverage.Of:N0} contacts have no `{trait}` and are left out"), "`\"missing\": \"match\"`")
            : null;

    private static string KeyOf(Atom atom) => atom switch
    {
        Atom.OfValue value => $"value {value.Source.Key}",
        Atom.EventCount count => $"count {count.Events.Key}",
        _ => atom.Key,
    };

    /// <summary>Looks into a node and all below it; answers with what the node says.</summary>
    private Formula Walk(Condition condition, string path, bool isNegated)
    {
        switch (condition)
        {
            case Condition.AllOf all:
                var needed = all.Of.Select((part, i) => Walk(part, $"{path}.and[{i}]", isNegated)).ToImmutableArray();
                Look(needed, Truth.True, path, "and", isNegated);
                return new Formula.All(needed);
            case Condition.AnyOf any:
                var choices = any.Of.Select((part, i) => Walk(part, $"{path}.or[{i}]", isNegated)).ToImmutableArray();
                Look(choices, Truth.False, path, "or", isNegated);
                return new Formula.Any(choices);
            case Condition.Negation not:
                return new Formula.Negation(Walk(not.Of, $"{path}.not", isNegated: true));
            case Condition.Group group:
                return Walk(group.Node, $"{path}.node", isNegated);
            default:
                return leaves[path];
        }
    }

    /// <summary>Compares the parts of one node that ask about the same things.</summary>
    /// <param name="parts">Of an <c>and</c> or an <c>or</c>.</param>
    /// <param name="neutral">What a part adds nothing by: TRUE in an <c>and</c>.</param>
    /// <param name="path">Of the node.</param>
    /// <param name="word"><c>and</c> or <c>or</c>.</param>
    /// <param name="isNegated">The node lies under a <c>not</c>, where it matters whether it is FALSE or UNKNOWN.</param>
    private void Look(ImmutableArray<Formula> parts, Truth neutral, string path, string word, bool isNegated)
    {
        foreach (var group in Groups(parts))
        {
            if (group.Count < 2 || Answers([.. group.Select(part => parts[part])]) is not { } worlds)
            {
                continue;
            }

            var isAnd = word == "and";
            Truth Whole(Truth[] answers, int without = -1)
            {
                var whole = neutral;
                for (var i = 0; i < answers.Length; i++)
                {
                    whole = i == without ? whole : isAnd ? Kleene.And(whole, answers[i]) : Kleene.Or(whole, answers[i]);
                }

                return whole;
            }

            bool IsSame(Truth one, Truth other) => isNegated ? one == other : one == Truth.True == (other == Truth.True);
            bool Ever(int part, Truth truth) => worlds.Exists(answers => answers[part] == truth);
            var names = string.Join(", ", group.Select(part => $"{word}[{part}]"));
            if (isAnd && !worlds.Exists(answers => Whole(answers) == Truth.True))
            {
                if (Enumerable.Range(0, group.Count).All(part => Ever(part, Truth.True)))
                {
                    Warn(path, "never_true", $"nobody can satisfy all of {names} at once");
                }

                continue;
            }

            if (!isAnd && !worlds.Exists(answers => Whole(answers) == Truth.False))
            {
                if (Enumerable.Range(0, group.Count).All(part => Ever(part, Truth.False)))
                {
                    Warn(path, "always_true", $"everybody of whom it is known satisfies one of {names}, so this leaves nobody out; say all_contacts if that is meant");
                }

                continue;
            }

            // One at a time: of two that say the same only one is too many.
            var redundant = Enumerable.Range(0, group.Count).Where(part => Ever(part, Truth.True) && worlds.TrueForAll(answers => IsSame(Whole(answers), Whole(answers, part)))).Select(static part => (int?)part).LastOrDefault();
            if (redundant is { } last)
            {
                Warn($"{path}.{word}[{group[last]}]", "redundant", isAnd
                    ? "this leaves nobody out: whoever satisfies the conditions beside it satisfies it too"
                    : "this adds nobody: whoever satisfies it satisfies one of the conditions beside it too");
            }
        }
    }

    /// <summary>Parts that ask about the same things, directly or by way of others.</summary>
    private List<List<int>> Groups(ImmutableArray<Formula> parts)
    {
        var groups = new List<(HashSet<Variable> Asked, List<int> Parts)>();
        for (var i = 0; i < parts.Length; i++)
        {
            HashSet<Variable> asked = [.. parts[i].Atoms.Select(atom => variables[atom.Key])];
            List<int> members = [i];
            foreach (var touched in groups.Where(group => group.Asked.Overlaps(asked)).ToList())
            {
                asked.UnionWith(touched.Asked);
                members.AddRange(touched.Parts);
                groups.Remove(touched);
            }

            groups.Add((asked, members));
        }

        return [.. groups.Select(static group => group.Parts.Order().ToList())];
    }

    /// <summary>In each possible world the answer of each part; null where there are too many worlds.</summary>
    private List<Truth[]>? Answers(List<Formula> parts)
    {
        var asked = parts.SelectMany(static part => part.Atoms).Select(atom => variables[atom.Key]).Distinct().ToList();
        if (asked.Aggregate(1L, static (worlds, variable) => Math.Min(worlds * variable.Count, long.MaxValue >> 8)) is var count && count > WorldsMax)
        {
            return null;
        }

        var worlds = new List<Truth[]>((int)count);
        var chosen = new Dictionary<Variable, int>();
        for (var world = 0; world < count; world++)
        {
            var rest = world;
            foreach (var variable in asked)
            {
                (rest, chosen[variable]) = Math.DivRem(rest, variable.Count);
            }

            worlds.Add([.. parts.Select(part => Answer(part, chosen))]);
        }

        return worlds;
    }

    private Truth Answer(Formula formula, Dictionary<Variable, int> chosen) => formula switch
    {
        Formula.Leaf leaf => variables[leaf.Atom.Key] is var variable ? variable.Of(leaf.Atom, chosen[variable]) : default,
        Formula.Negation not => Kleene.Not(Answer(not.Of, chosen)),
        Formula.All all => all.Of.Aggregate(all.Of.IsEmpty ? Truth.Unknown : Truth.True, (truth, part) => Kleene.And(truth, Answer(part, chosen))),
        Formula.Any any => any.Of.Aggregate(any.Of.IsEmpty ? Truth.Unknown : Truth.False, (truth, part) => Kleene.Or(truth, Answer(part, chosen))),
        _ => throw new InvalidOperationException($"no answer for {formula.GetType().Name}"),
    };

    private void Warn(string path, string code, string message) => found.Add(new(path, code, DiagnosticSeverity.Warning, message));
}
