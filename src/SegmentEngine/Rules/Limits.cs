namespace SegmentEngine.Rules;

/// <summary>How large a rule may be. A limit broken is a diagnostic, never an exception.</summary>
public static class Limits
{
    /// <summary>Nested all / any / none groups; a person can no longer read more. The root is level 1, a <c>group</c> adds nothing.</summary>
    public const int DepthMax = 10;

    /// <summary>Conditions in one rule, those inside <c>where</c> and <c>is</c> included: keeps explanations and the evaluation of one contact short.</summary>
    public const int LeavesMax = 250;

    /// <summary>Values written into one condition; longer lists belong in a static list.</summary>
    public const int ValuesMax = 1_000;

    /// <summary>Steps of one sequence: a story longer than that is no condition on a person any more, and every step multiplies what a search for it may meet.</summary>
    public const int StepsMax = 20;

    /// <summary>References to other segments in one rule: bounds what a change ripples through.</summary>
    public const int ReferencesMax = 20;

    /// <summary>A definition's JSON in UTF-8 bytes: 250 conditions with room to spare.</summary>
    public const int JsonBytesMax = 256 * 1024;

    /// <summary>JSON brackets inside one another. Twice the depth of a rule within a rule's <c>where</c>, with room for groups, and far from the end of the stack.</summary>
    public const int JsonNestingMax = 200;

    /// <summary>A rule in another product's form, in UTF-8 bytes: the wordiest of them takes less than three times what ours takes.</summary>
    public const int ForeignBytesMax = 3 * JsonBytesMax;

    /// <summary>Brackets of a rule in another product's form: where ours opens one, react-querybuilder opens two.</summary>
    public const int ForeignNestingMax = 2 * JsonNestingMax + 10;

    /// <summary>One text value in UTF-8 bytes, so that comparing stays cheap.</summary>
    public const int TextBytesMax = 1_024;

    /// <summary>A regular expression in UTF-16 units: its automaton grows with it.</summary>
    public const int PatternLengthMax = 256;

    /// <summary>A value a regular expression is asked of, in UTF-8 bytes of its normal form; a longer one is UNKNOWN.</summary>
    public const int MatchedBytesMax = 4_096;

    /// <summary>A belt beside the braces of <c>NonBacktracking</c>: no single match takes longer. One that does is UNKNOWN.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);
}
