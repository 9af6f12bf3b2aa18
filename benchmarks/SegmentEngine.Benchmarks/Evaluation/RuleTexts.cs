using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>The rules of <see cref="ManySegments"/> in the languages of those they are compared with. SQL has our three values of itself; an expression of C# has to ask for null.</summary>
internal static class RuleTexts
{
    /// <summary>A condition in SQL; <paramref name="contains"/> names the database's function for it.</summary>
    public static string Sql(Formula formula, string contains) => formula switch
    {
        Formula.All all => $"({string.Join(" AND ", all.Of.Select(of => Sql(of, contains)))})",
        Formula.Any any => $"({string.Join(" OR ", any.Of.Select(of => Sql(of, contains)))})",
        Formula.Negation not => $"(NOT {Sql(not.Of, contains)})",
        Formula.Leaf { Atom: Atom.OfValue atom } => Sql(atom, contains),
        _ => throw new InvalidOperationException($"no SQL for {formula.GetType().Name}"),
    };

    /// <summary>An expression of C# over a contact <c>c</c>.</summary>
    public static string Expression(Formula formula, bool negated = false) => formula switch
    {
        Formula.All all => $"({string.Join(negated ? " || " : " && ", all.Of.Select(of => Expression(of, negated)))})",
        Formula.Any any => $"({string.Join(negated ? " && " : " || ", any.Of.Select(of => Expression(of, negated)))})",
        Formula.Negation not => Expression(not.Of, !negated),
        Formula.Leaf { Atom: Atom.OfValue atom } => $"({Column(atom, capital: true)} != null && {(negated ? "!" : "")}({Expression(atom)}))",
        _ => throw new InvalidOperationException($"no expression for {formula.GetType().Name}"),
    };

    private static string Sql(Atom.OfValue atom, string contains)
    {
        var column = Column(atom, capital: false);
        return atom.Check switch
        {
            // The texts looked for inside others are digits, so that case does not matter.
            ValueCheck.OfText { Match: ValueCheck.TextMatch.Contains } text => $"{contains}({column}, '{text.Folded.Single()}'){(contains == "instr" ? " > 0" : "")}",
            ValueCheck.OfText { Match: ValueCheck.TextMatch.Equals, Folded.Count: 1 } text => $"{column} = '{text.Folded.Single()}'",
            ValueCheck.OfText { Match: ValueCheck.TextMatch.Equals } text => $"{column} IN ({string.Join(", ", text.Folded.Select(static value => $"'{value}'"))})",
            ValueCheck.OfNumber number => $"{column} {Sign(number.Operator, "=")} {Number(column, number.Operand)}",
            ValueCheck.BetweenNumbers between => $"{column} BETWEEN {Number(column, between.Low)} AND {Number(column, between.High)}",
            ValueCheck.OfFlag flag => $"{column} = {(flag.Operand ? "TRUE" : "FALSE")}",
            DateCheck.InStretch => $"({Stretch(atom, " AND ", column)})",
            _ => throw new InvalidOperationException($"no SQL for {atom.Check.GetType().Name}"),
        };

        static string Number(string column, Contacts.Numeric operand) =>
            ContactRow.Columns.Single(each => each.Name == column).Type == "double" ? $"CAST({operand} AS DOUBLE)" : $"{operand}";
    }

    private static string Expression(Atom.OfValue atom)
    {
        var column = Column(atom, capital: true);
        return atom.Check switch
        {
            ValueCheck.OfText { Match: ValueCheck.TextMatch.Contains } text => $"{column}.Contains(\"{text.Folded.Single()}\")",
            ValueCheck.OfText { Match: ValueCheck.TextMatch.Equals } text => string.Join(" || ", text.Folded.Select(value => $"{column} == \"{value}\"")),
            ValueCheck.OfNumber number => $"{column} {Sign(number.Operator, "==")} {number.Operand}",
            ValueCheck.BetweenNumbers between => $"{column} >= {between.Low} && {column} <= {between.High}",
            ValueCheck.OfFlag flag => $"{column} == {(flag.Operand ? "true" : "false")}",
            DateCheck.InStretch => Stretch(atom, " && ", column),
            _ => throw new InvalidOperationException($"no expression for {atom.Check.GetType().Name}"),
        };
    }

    private static string Stretch(Atom.OfValue atom, string and, string column)
    {
        var stretch = ((DateCheck.InStretch)atom.Check).At(ManySegments.Now);
        var (from, to) = column.Contains("day", StringComparison.OrdinalIgnoreCase) ? (stretch.FromDay, stretch.ToDay) : (stretch.FromTicks, stretch.ToTicks - 1);
        List<string> ends = [];
        if (from > 0)
        {
            ends.Add($"{column} >= {from}");
        }

        if (to < (column.Contains("day", StringComparison.OrdinalIgnoreCase) ? DateOnly.MaxValue.DayNumber : long.MaxValue - 1))
        {
            ends.Add($"{column} <= {to}");
        }

        return string.Join(and, ends);
    }

    private static string Sign(TraitOperator op, string equal) => op switch
    {
        TraitOperator.Eq => equal,
        TraitOperator.Lt => "<",
        TraitOperator.Lte => "<=",
        TraitOperator.Gt => ">",
        TraitOperator.Gte => ">=",
        _ => throw new InvalidOperationException($"no sign for {op}"),
    };

    private static string Column(Atom.OfValue atom, bool capital)
    {
        var name = atom.Source.Path.ToString().Split('.')[^1];
        return capital ? $"c.{char.ToUpperInvariant(name[0])}{name[1..]}" : name;
    }
}
