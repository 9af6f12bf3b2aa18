using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>A positive operator that waits for its operand: the value that an earlier step's event had.</summary>
internal abstract record StepComparison
{
    private StepComparison()
    {
    }

    public abstract string Key { get; }

    /// <summary>The check against an operand; null where values of its type are not compared so.</summary>
    public abstract ValueCheck? With(TraitValue operand);

    public sealed record OfValue(TraitOperator Operator, TextFolding Folding) : StepComparison
    {
        public override string Key => $"{Operator} {Folding}";

        public override ValueCheck? With(TraitValue operand) => (Operator, operand) switch
        {
            (TraitOperator.Eq, TraitValue.Text text) => new ValueCheck.OfText(ValueCheck.TextMatch.Equals, [text.Value], Folding),
            (TraitOperator.Contains, TraitValue.Text text) => new ValueCheck.OfText(ValueCheck.TextMatch.Contains, [text.Value], Folding),
            (TraitOperator.StartsWith, TraitValue.Text text) => new ValueCheck.OfText(ValueCheck.TextMatch.StartsWith, [text.Value], Folding),
            (TraitOperator.EndsWith, TraitValue.Text text) => new ValueCheck.OfText(ValueCheck.TextMatch.EndsWith, [text.Value], Folding),
            (TraitOperator.Eq, TraitValue.Flag flag) => new ValueCheck.OfFlag(flag.Value),
            (_, TraitValue.Number number) when RuleReader.IsComparison(Operator) => new ValueCheck.OfNumber(Operator, number.Value),
            (_, TraitValue.Version version) when RuleReader.IsComparison(Operator) => new ValueCheck.OfVersion(Operator, version.Value),
            _ => null,
        };
    }

    public sealed record OfDate(DateOperator Operator, ZoneCalendar Calendar) : StepComparison
    {
        public override string Key => $"date {Operator} {Calendar.Key}";

        public override ValueCheck? With(TraitValue operand) => operand switch
        {
            TraitValue.Moment moment => new DateCheck.InStretch(Operator, new(moment.Value, null), null, null, Calendar),
            TraitValue.Day day => new DateCheck.InStretch(Operator, new(null, day.Value), null, null, Calendar),
            _ => null,
        };
    }
}
