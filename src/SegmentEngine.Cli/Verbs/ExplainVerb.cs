using System.CommandLine;
using SegmentEngine.Cli.Evaluating;
using SegmentEngine.Cli.Files;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Scripting;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment explain</c>: why a contact of a file is, or is not, a member by a rule, as a tree to read.</summary>
internal sealed class ExplainVerb(Terminal terminal)
{
    private const int SeenLengthMax = 120;

    private readonly Option<string> contact = new("--contact") { HelpName = "ID", Description = "whom it is about: an external id, or an id", Required = true };
    private readonly Option<string> contacts = new("--contacts") { HelpName = "C.jsonl", Description = "contacts, one JSON object a line", Required = true };
    private readonly Option<string> events = new("--events") { HelpName = "E.jsonl", Description = "events (Segment Spec), one JSON object a line" };
    private readonly Option<string> rule = new("--rule") { HelpName = "R.json", Description = "the rule: JSON, or text where the name ends with .rule", Required = true };
    private readonly Option<string> rules = new("--rules") { HelpName = "DIR", Description = "a folder with the rules it refers to; a segment condition names another by its file's name without .json or .rule" };
    private readonly Option<string> now = new("--now") { HelpName = "INSTANT", Description = "the time at which to ask, such as 2024-05-01T12:00:00Z", Required = true };

    private readonly Option<string> schema = Given.Schema();
    private readonly Option<string> zone = Given.Zone();

    public static Command Create(Terminal terminal) => new ExplainVerb(terminal).Command();

    private Command Command()
    {
        var verb = new Command("explain", "Print why a contact is, or is not, a member by a rule: each condition with its answer, the value it saw, and when it changes by itself.")
        {
            contact, contacts, events, schema, rule, rules, now, zone,
        };
        verb.SetAction(Run);
        return verb;
    }

    private int Run(ParseResult parsed)
    {
        Given.RefuseTwoStandardInputs(parsed.GetValue(contacts), parsed.GetValue(events), parsed.GetValue(schema), parsed.GetValue(rule));
        var at = Given.ReadInstant("--now", parsed.GetRequiredValue(now));
        var zoneInfo = Given.ReadZone(parsed.GetRequiredValue(zone));
        var declared = Given.ReadSchema(parsed.GetValue(schema), terminal);
        var population = ReadContacts(parsed.GetRequiredValue(contacts));
        var name = parsed.GetRequiredValue(contact);
        var seat = population.Find(name) ?? throw new RefusedException($"no contact is called \"{name}\"");
        var asked = RuleFile.Read(parsed.GetRequiredValue(rule), terminal);
        var beside = parsed.GetValue(rules) is { } folder ? RuleFile.ReadFolder(folder, terminal).Where(file => file.Name != asked.Name) : [];
        var set = new RuleSet([asked, .. beside], declared, zoneInfo, population.Lists.Contains, population.Sequences.Contains);
        foreach (var diagnostic in set.DiagnosticsOf(asked))
        {
            terminal.Error.WriteLine(Given.Line(asked.File, asked.Source, diagnostic));
        }

        if (set.InOrder.FirstOrDefault(each => each.Id == set.IdOf(asked)) is not { } taken)
        {
            return ExitCode.Refused;
        }

        using var happened = parsed.GetValue(events) is { } path ? InputFile.Open(path, terminal.OpenInput) : null;
        List<ContactEvent> history = happened is null ? [] : [.. population.ReadEvents(happened, set.EventsRead, terminal).Where(each => each.Seat.Value == seat).Select(static each => each.Happened)];
        var members = new Dictionary<SegmentId, bool>();
        bool? Member(SegmentId segment) => members.TryGetValue(segment, out var member) ? member : null;
        foreach (var each in set.InOrder)
        {
            members.Add(each.Id, Interpreter.Evaluate(each.Rule, population.Contacts[seat], history, at, Member) == Truth.True);
        }

        Write(Explainer.Explain(taken.Rule, population.Contacts[seat], history, at, Member), population.Names[seat], asked.Name, at);
        return ExitCode.Fine;
    }

    private Population ReadContacts(string path)
    {
        using var file = InputFile.Open(path, terminal.OpenInput);
        return Population.Read(file, terminal);
    }

    private void Write(Explanation explained, string name, string rule, Instant at)
    {
        var not = explained.Truth == Truth.True ? "" : "not ";
        var because = explained.Truth == Truth.Unknown ? ", for it is not known whether the rule holds" : "";
        var plain = Plain(explained);
        terminal.Output.Write($"{name} is {not}a member of {rule} at {at}{because}\n{Line(plain)}\n");
        WriteParts(plain, "");
    }

    /// <summary>A group, and a list of one, say nothing of their own: what they carry stands in their place.</summary>
    private static Explanation Plain(Explanation explained) => explained is { Condition: Condition.Group or Condition.AllOf or Condition.AnyOf, Parts: [var carried] } ? Plain(carried) : explained;

    private void WriteParts(Explanation explained, string indent)
    {
        for (var i = 0; i < explained.Parts.Length; i++)
        {
            var isLast = i == explained.Parts.Length - 1;

            var part = Plain(explained.Parts[i]);
            terminal.Output.Write($"{indent}{(isLast ? "└─ " : "├─ ")}{Line(part)}\n");
            WriteParts(part, indent + (isLast ? "   " : "│  "));
        }
    }

    private static string Line(Explanation explained) =>
        $"{Mark(explained.Truth)} {Words(explained.Condition)}{Because(explained)}{Next(explained)}";

    private static string Mark(Truth truth) => truth switch
    {
        Truth.True => "✓",
        Truth.False => "✗",
        _ => "?",
    };

    private static string Words(Condition condition) => condition switch
    {
        Condition.AllOf => "all of",
        Condition.AnyOf => "at least one of",
        Condition.Negation => "not",
        _ => string.Join(' ', RuleText.PrintPart(condition).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
    };

    private static string Because(Explanation explained)
    {
        var seen = explained.Seen?.GetRawText() is { } json ? json.Length > SeenLengthMax ? json[..SeenLengthMax] + "…" : json : null;
        var counted = explained.Condition is Condition.Leaf { Missing: { } missing } && explained.Reason is Reason.Missing or Reason.NotConvertible ? $", which counts as {(missing == MissingAs.Match ? "a match" : "no match")}" : "";
        return explained.Reason switch
        {
            Reason.None => seen is null ? "" : $"   saw {seen}",
            Reason.Missing => $"   there is no value{counted}",
            Reason.NotConvertible => $"   saw {seen}, which is not of the declared type{counted}",
            Reason.OtherType => $"   saw {seen}, which is of another type",
            Reason.EmptyList => "   the list is empty",
            Reason.UnusableElement => $"   saw {seen}, of which an element cannot be compared",
            Reason.TooLong => "   the text is too long for a pattern",
            Reason.SegmentNotReady => "   the members of that segment are not known",
            Reason.NotKnown => "   there is no such list or sequence",
            Reason.NoHistory => $"   saw {seen}, and since when is not known",
            _ => throw new InvalidOperationException($"no words for {explained.Reason}"),
        };
    }

    private static string Next(Explanation explained) =>
        explained.NextChange is { } change ? $"   ({Mark(explained.NextTruth!.Value)} from {change})"
        : explained.ForeseenUntil is { } until && explained.Parts.IsEmpty ? $"   (the same until {until} at least)"
        : "";
}
