using System.Collections.Frozen;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>Says what may be written next in the text of a rule, finished or not: names from the schema, and the words that fit what stands before.</summary>
public sealed class RuleCompletion
{
    private static readonly string[] equality = ["==", "!=", "is"];
    private static readonly string[] order = ["<", "<=", ">", ">="];
    private static readonly string[] measures = ["Count", "Sum", "Avg", "Min", "Max", "CountDistinct", "Size", "HasBeen"];
    private static readonly string[] untyped = ["IsSet", "IsNotSet", "IsEmpty", "IsNotEmpty"];
    private static readonly string[] ofText = ["In", "NotIn", "Contains", "NotContains", "StartsWith", "NotStartsWith", "EndsWith", "NotEndsWith", "Matches", "NotMatches", "InCidr", "NotInCidr"];
    private static readonly string[] ofNumber = ["In", "NotIn", "Between", "NotBetween"];
    private static readonly string[] ofDate = ["Before", "After", "On", "Between", "InLast", "NotInLast", "InNext", "NotInNext", "MoreThanAgo", "AnniversaryInNext"];
    private static readonly string[] ofSpans = ["Last", "InLast", "NotInLast", "InNext", "NotInNext", "MoreThanAgo", "AnniversaryInNext", "Within", "period", "active", "quiet"];
    private static readonly string[] ofProperty = ["Property", "DistinctBy", "Per", "Sum", "Avg", "Min", "Max", "CountDistinct", "Step"];

    private readonly string text;
    private readonly TraitSchema schema;
    private readonly IEnumerable<string> events;
    private readonly List<Token> tokens;
    private readonly Dictionary<int, int> openOf = [];

    /// <summary>Where the brackets stand that are open at the caret, the innermost last.</summary>
    private readonly List<int> open = [];

    private RuleCompletion(string text, List<Token> tokens, TraitSchema schema, IEnumerable<string> events)
    {
        (this.text, this.tokens, this.schema, this.events) = (text, tokens, schema, events);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (Is(i, "(", "["))
            {
                open.Add(i);
            }
            else if (Is(i, ")", "]") && open.Count > 0)
            {
                openOf[i] = open[^1];
                open.RemoveAt(open.Count - 1);
            }
        }
    }

    /// <summary>What may be written at a place. Never throws on what the text holds.</summary>
    /// <param name="text">The text of a rule, finished or not.</param>
    /// <param name="caret">The place, from 0 to the text's length.</param>
    /// <param name="schema">The declared traits and events.</param>
    /// <param name="events">Events that are known beside those.</param>
    public static Completions At(string text, int caret, TraitSchema schema, IEnumerable<string>? events = null)
    {
        caret = Math.Clamp(caret, 0, text.Length);
        var nothing = new Completions(caret, 0, []);
        if (text.Length > TextLimits.BytesMax)
        {
            return nothing;
        }

        var head = text[..caret];
        var cut = Tokens.Of(head);
        var list = cut.List.ToList();
        var start = caret;
        if (cut.OpenText is { } quote)
        {
            start = quote + (head[quote] == '@' ? 2 : 1);
        }
        else if (cut.EndsInComment || (cut.Fault is { } fault && !(fault.Span.End == caret && Tokens.IsWord(head, fault.Span.Start))))
        {
            return nothing;
        }
        else if (cut.Fault is { } reserved)
        {
            start = reserved.Span.Start;
        }
        else if (list is [.., { Kind: TokenKind.Name } word] && word.End == caret)
        {
            start = word.Start;
            list.RemoveAt(list.Count - 1);
        }

        var end = caret;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        var completion = new RuleCompletion(head, list, schema, [.. schema.Events.Concat(events ?? [])]);
        var items = cut.OpenText is null ? completion.Words() : completion.InQuotes();
        return new(start, end - start,
        [
            .. items.Where(item => item.Text.StartsWith(head[start..], StringComparison.OrdinalIgnoreCase)).DistinctBy(static item => item.Text)
                .OrderBy(static item => item.Kind).ThenBy(static item => item.Text, StringComparer.Ordinal),
        ]);
    }

    private string Word(int i) => i >= 0 && i < tokens.Count ? text.Substring(tokens[i].Start, tokens[i].Length) : "";

    private bool Is(int i, params ReadOnlySpan<string> signs) => i >= 0 && i < tokens.Count && tokens[i].Kind is TokenKind.Sign or TokenKind.Name && signs.Contains(Word(i));

    private bool IsName(int i) => i >= 0 && i < tokens.Count && tokens[i].Kind == TokenKind.Name;

    /// <summary>What is called at an opening bracket; empty where it only groups.</summary>
    private string Called(int bracket) => IsName(bracket - 1) && !Is(bracket - 1, "is", "not", "or", "and") ? Word(bracket - 1) : "";

    /// <summary>The call around the caret, brackets of a list left aside; empty where there is none.</summary>
    private string Around => open.Count == 0 ? "" : Is(open[^1], "[") && open.Count > 1 ? Called(open[^2]) : Called(open[^1]);

    private string? OptionBefore => Is(tokens.Count - 1, ":") ? Word(tokens.Count - 2) : null;

    /// <summary>What a row of names and calls that ends at a token begins with, and the calls in it.</summary>
    private (string Function, string Path, bool IsNumber, int Root, List<string> Calls) ChainTo(int last)
    {
        var (calls, names, i) = (new List<string>(), new List<string>(), last);
        while (i >= 0)
        {
            if (Is(i, ")") && openOf.TryGetValue(i, out var bracket))
            {
                if (Called(bracket).Length == 0)
                {
                    return ("(", "", false, i, calls);
                }

                if (!Is(bracket - 2, "."))
                {
                    return (Called(bracket), "", false, bracket - 1, calls);
                }

                calls.Add(Called(bracket));
                i = bracket - 3;
            }
            else if (IsName(i) && !Is(i, "is", "or", "not", "true", "false", "null"))
            {
                names.Add(Word(i));
                if (!Is(i - 1, "."))
                {
                    names.Reverse();
                    return ("", string.Join('.', names), false, i, calls);
                }

                i -= 2;
            }
            else
            {
                return ("", "", tokens[i].Kind == TokenKind.Number, i, calls);
            }
        }

        return ("", "", false, -1, calls);
    }

    /// <summary>The bracket of the nearest <c>Where</c> or <c>Is</c> around the caret, inside of which names are properties.</summary>
    private int? OfEvent => open.Select(static bracket => (int?)bracket).LastOrDefault(bracket => Called(bracket!.Value) is "Where" or "Is" && Is(bracket.Value - 2, "."));

    /// <summary>The names of the events that a row of calls begins with.</summary>
    private List<string> EventsOf(int root)
    {
        var names = new List<string>();
        for (var i = root + 1; i < tokens.Count && !Is(i, ")"); i++)
        {
            if (tokens[i].Kind == TokenKind.Text)
            {
                names.Add(Word(i).Trim('@', '"'));
            }
        }

        return names;
    }

    private IEnumerable<(TraitPath Path, TraitType Type)> Properties(int? bracket)
    {
        var names = bracket is { } at ? EventsOf(ChainTo(at - 3).Root) : [];
        return (names.Count == 0 ? schema.Events : names).SelectMany(name => schema.Properties(name)).Select(static property => (property.Key, property.Value));
    }

    private TraitType? TypeOf(string path, int? ofEvent) => ofEvent is null
        ? schema.TypeOf(TraitPath.Of(path))
        : Properties(ofEvent).Where(property => property.Path.Equals(TraitPath.OfProperty(path))).Select(static property => (TraitType?)property.Type).FirstOrDefault();

    /// <summary>The names that may stand here, as they are written, each with what is declared of it.</summary>
    private IEnumerable<(string Name, string Says)> Names(int? ofEvent)
    {
        if (ofEvent is not null)
        {
            return Properties(ofEvent).Select(static property => (property.Path.ToString(), $"a property: {property.Type}"));
        }

        var custom = schema.Traits.Select(static trait => (Short(trait.Key), $"a trait: {trait.Value}"));
        return TraitPath.BuiltInNames.Select(name => (name, $"a trait: {schema.TypeOf(TraitPath.Of(name))}")).Concat(custom);

        static string Short(TraitPath path)
        {
            var name = path.ToString()["custom_data.".Length..];
            return TraitPath.Of(name).Equals(path) ? name : path.ToString();
        }
    }

    private IEnumerable<Completion> InQuotes()
    {
        if (OptionBefore is { } option)
        {
            return WordsOf(option).Select(static word => new Completion(word, CompletionKind.Value, "a word of this option"));
        }

        return Around switch
        {
            "Event" or "FirstEvent" or "LastEvent" => events.Select(static name => new Completion(name, CompletionKind.Event, "an event")),
            "Trait" => Names(null).Select(static name => new Completion(name.Name, CompletionKind.Trait, name.Says)),
            "Lifecycle" => RuleNames.All<LifecycleState>().Select(static word => new Completion(word, CompletionKind.Value, "a state of a habit")),
            var call when ofProperty.Contains(call) => (call is "Property" or "Step" ? Properties(call == "Step" ? null : OfEvent) : Properties(open[^1]))
                .Select(static property => new Completion(property.Path.ToString(), CompletionKind.Property, $"a property: {property.Type}")),
            _ => [],
        };
    }

    private static IEnumerable<string> WordsOf(string option) => option switch
    {
        "missing" => RuleNames.All<MissingAs>(),
        "quantifier" => RuleNames.All<Quantifier>(),
        "source" => RuleNames.All<DataSource>(),
        "type" => TraitType.Names,
        _ => [],
    };

    private IEnumerable<Completion> Words()
    {
        var last = tokens.Count - 1;
        if (Is(last, "."))
        {
            return AfterDot(ChainTo(last - 1));
        }

        if (OptionBefore is { } option)
        {
            return option is "caseSensitive" or "accentSensitive" or "calendar" ? Values("true", "false")
                : ofSpans.Contains(option) ? ALength
                : WordsOf(option).Select(static word => new Completion($"\"{word}\"", CompletionKind.Value, "a word of this option"));
        }

        if (last < 0)
        {
            return Conditions().Concat(Of(CompletionKind.Function, [Vocabulary.Tree]));
        }

        if (Is(last, "&&", "||", "!"))
        {
            return Conditions();
        }

        if (Is(last, "(", ",", "["))
        {
            return Arguments();
        }

        if (Is(last, "==", "!=", "<", "<=", ">", ">=", "is", "or", "not"))
        {
            return Operands(last);
        }

        return After(last);
    }

    private static IEnumerable<Completion> ALength => [new("30.Days()", CompletionKind.Value, "a length of time")];

    private static IEnumerable<Completion> Values(params string[] values) => values.Select(static value => new Completion(value, CompletionKind.Value, "a value"));

    private static IEnumerable<Completion> Of(CompletionKind kind, IEnumerable<Word> words) => words.Select(word => new Completion(word.Form, kind, word.Says));

    private IEnumerable<Completion> Conditions()
    {
        var inEvent = OfEvent;
        var names = Names(inEvent).Select(name => name.Name.Split('.').All(Tokens.IsPlainName)
            ? new Completion(name.Name, inEvent is null ? CompletionKind.Trait : CompletionKind.Property, name.Says)
            : new Completion($"{(inEvent is null ? "Trait" : "Property")}(\"{name.Name.Replace("\\", "\\\\", StringComparison.Ordinal)}\")", inEvent is null ? CompletionKind.Trait : CompletionKind.Property, name.Says));
        return inEvent is null
            ? names.Concat(Of(CompletionKind.Function, [.. Vocabulary.Functions.Values, .. Vocabulary.Events.Values, Vocabulary.Trait]))
            : names.Concat(Of(CompletionKind.Function, [Vocabulary.Functions["All"], Vocabulary.Functions["Any"], Vocabulary.Functions["Group"], Vocabulary.Property]));
    }

    private IEnumerable<Completion> Arguments()
    {
        switch (Around)
        {
            case "" or "Tree" or "Group" or "All" or "Any" or "Where" or "Is":
                return Conditions();
            case "With":
                return Of(CompletionKind.Option, Vocabulary.Options.Values.Select(static option => option.Word).Where(static word => word.Name is not ("value" or "values")));
            case "Event" or "FirstEvent" or "LastEvent":
                return events.Select(static name => new Completion($"\"{name}\"", CompletionKind.Event, "an event"));
            case "Sequence":
                return Of(CompletionKind.Function, [Vocabulary.Events["Event"]]);
            case "Frequency":
                return Of(CompletionKind.Option, [new("atLeast", "atLeast: 3", "in at least so many periods"), new("outOf", "outOf: 4", "of the last so many"), new("period", "period: 1.Weeks()", "each so long")]);
            case "Lifecycle":
                return Is(tokens.Count - 1, ",")
                    ? Of(CompletionKind.Option, [new("active", "active: 30.Days()", "the time up to now"), new("quiet", "quiet: 60.Days()", "the time before that")])
                    : RuleNames.All<LifecycleState>().Select(static word => new Completion($"\"{word}\"", CompletionKind.Value, "a state of a habit"));
            case var unit when Vocabulary.UnitOf(unit) is not null && Is(open[^1] - 2, "."):
                return Of(CompletionKind.Option, [new("calendar", "calendar: true", "aligned to the calendar"), new("zone", "zone: \"Europe/Paris\"", "in this time zone")]);
            case var call when ofSpans.Contains(call):
                return ALength;
            case var call when Vocabulary.Operators.ContainsKey(call):
                return OperandsOf(ChainTo(open[^1] - 3));
            default:
                return [];
        }
    }

    private IEnumerable<Completion> Operands(int sign)
    {
        var left = sign - 1;
        while (left >= 0 && !Is(left, "&&", "||") && (Is(left, "is", "or", "not", "(") || tokens[left].Kind is TokenKind.Text or TokenKind.Number || Is(left, "true", "false", "null", "-")))
        {
            left--;
        }

        var chain = ChainTo(left);
        return chain.Calls is ["HasBeen"] ? ALength
            : chain.Calls.Count > 0 ? []
            : Is(sign, "is") ? OperandsOf(chain).Append(new("not", CompletionKind.Operator, "none of the values that follow")) : OperandsOf(chain);
    }

    private IEnumerable<Completion> OperandsOf((string Function, string Path, bool IsNumber, int Root, List<string> Calls) chain)
    {
        var inEvent = OfEvent;
        var type = PathOf(chain) is { Length: > 0 } path ? TypeOf(path, inEvent) : null;
        var values = type is null or { Kind: TraitKind.Boolean } ? Values("true", "false") : [];
        return inEvent is not null && open.Exists(bracket => Called(bracket) == "Sequence") ? values.Concat(Of(CompletionKind.Function, [Vocabulary.Step])) : values;
    }

    /// <summary>The name that a row begins with, be it in quotes; empty where it begins with something else.</summary>
    private string PathOf((string Function, string Path, bool IsNumber, int Root, List<string> Calls) chain) =>
        chain.Function is "Trait" or "Property" && EventsOf(chain.Root) is [var name] ? name.Replace("\\\\", "\\", StringComparison.Ordinal) : chain.Path;

    private IEnumerable<Completion> AfterDot((string Function, string Path, bool IsNumber, int Root, List<string> Calls) chain)
    {
        if (chain.IsNumber)
        {
            return Of(CompletionKind.Operator, Vocabulary.Units.Values);
        }

        if (chain.Function is "Event" or "FirstEvent" or "LastEvent" or "Sequence")
        {
            var isStep = open.Count > 0 && Called(open[^1]) == "Sequence";
            var words = isStep ? Vocabulary.OfStep : chain.Function switch { "Event" => Vocabulary.OfEvent, "Sequence" => Vocabulary.OfSequence, _ => Vocabulary.OfEdge };
            return Unused(words, chain.Calls).Concat(isStep ? [] : Of(CompletionKind.Operator, [Vocabulary.With]));
        }

        var path = PathOf(chain);
        if (chain.Calls.Count > 0 || path.Length == 0)
        {
            return chain.Root < 0 ? [] : Of(CompletionKind.Operator, [Vocabulary.With]);
        }

        var inEvent = OfEvent;
        var deeper = Names(inEvent).Where(name => name.Name.StartsWith($"{path}.", StringComparison.Ordinal)).Select(name => (Name: name.Name[(path.Length + 1)..], name.Says))
            .Where(static name => name.Name.Split('.').All(Tokens.IsPlainName));
        return deeper.Select(name => new Completion(name.Name, inEvent is null ? CompletionKind.Trait : CompletionKind.Property, name.Says))
            .Concat(Of(CompletionKind.Operator, OperatorsOf(TypeOf(path, inEvent), isTrait: inEvent is null).Select(static name => Vocabulary.Operators[name])));
    }

    private static IEnumerable<Completion> Unused(FrozenDictionary<string, Word> words, List<string> used) =>
        used.Exists(static call => measures.Contains(call) || call is "Frequency" or "Lifecycle") ? [] : Of(CompletionKind.Operator, words.Values.Where(word => !used.Contains(word.Name)));

    private static IEnumerable<string> OperatorsOf(TraitType? type, bool isTrait)
    {
        IEnumerable<string> ofKind = type?.Kind switch
        {
            TraitKind.Text => ofText,
            TraitKind.Number => ofNumber,
            TraitKind.Boolean => ["In", "NotIn"],
            TraitKind.Date or TraitKind.DateTime => ofDate,
            TraitKind.Version => [],
            _ => [.. ofText, .. ofNumber, .. ofDate],
        };
        return untyped.Concat(ofKind).Concat(type is null or { IsList: true } ? ["Size"] : []).Concat(isTrait && type?.Kind is not (TraitKind.Date or TraitKind.DateTime) ? ["HasBeen"] : []).Distinct();
    }

    /// <summary>After something that stands for itself: a sign that compares it, or one that joins the next condition.</summary>
    private IEnumerable<Completion> After(int last)
    {
        var chain = ChainTo(last);
        var isName = chain.Calls.Count == 0 && PathOf(chain).Length > 0;
        var compared = isName || chain.Calls.FirstOrDefault() is { } call && measures.Contains(call);
        if (!compared || Is(chain.Root - 1, "==", "!=", "<", "<=", ">", ">="))
        {
            var joins = new Completion[] { new("&&", CompletionKind.Connective, "and"), new("||", CompletionKind.Connective, "or") };
            return IsInPattern(last) ? joins.Append(new("or", CompletionKind.Operator, "or this value")) : joins;
        }

        var type = isName ? TypeOf(PathOf(chain), OfEvent) : null;
        var signs = !isName ? [.. equality[..2], .. order] : type?.Kind switch
        {
            TraitKind.Text or TraitKind.Boolean => equality,
            TraitKind.Version => [.. equality[..2], .. order],
            TraitKind.Date or TraitKind.DateTime => [],
            _ => equality.Concat(order),
        };
        return signs.Select(static sign => new Completion(sign, CompletionKind.Operator, "compares with a value"));
    }

    private bool IsInPattern(int last)
    {
        var i = last;
        while (i >= 0 && (tokens[i].Kind is TokenKind.Text or TokenKind.Number || Is(i, "or", "not", "true", "false", "null", "-", "(", ")")))
        {
            i--;
        }

        return i < last && Is(i, "is");
    }
}
