using System.Collections;
using System.CommandLine;
using System.Text;
using SegmentEngine.Cli.Evaluating;
using SegmentEngine.Cli.Files;
using SegmentEngine.Scripting;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment evaluate</c>: the members of rules over files, with no database and no server.</summary>
internal sealed class EvaluateVerb(Terminal terminal)
{
    private const int IdListBytesMax = 1 << 16;

    /// <summary>How many of those who are on both lists are named.</summary>
    private const int SharedShown = 5;

    private readonly Option<string> contacts = new("--contacts") { HelpName = "C.jsonl", Description = "contacts, one JSON object a line; required, but for --show-csharp" };
    private readonly Option<string> events = new("--events") { HelpName = "E.jsonl", Description = "events (Segment Spec), one JSON object a line" };
    private readonly Option<string> rule = new("--rule") { HelpName = "R.json", Description = "one rule: JSON, or text where the name ends with .rule" };
    private readonly Option<string> text = new("--text") { HelpName = "R.rule", Description = "one rule in the text form, whatever the file is called" };
    private readonly Option<string> rules = new("--rules") { HelpName = "DIR", Description = "every .json and .rule file of a folder; a segment condition names another by its file's name without that" };
    private readonly Option<string> now = new("--now") { HelpName = "INSTANT", Description = "the time at which to ask, such as 2024-05-01T12:00:00Z; required, but for --show-csharp" };
    private readonly Option<string> engine = new("--engine") { HelpName = "set|contact|reference", Description = "how to run the rules; the answer is the same" };
    private readonly Option<string> into = new("--out") { HelpName = "DIR", Description = "write one file a rule, NAME.txt, instead of standard output" };
    private readonly Option<bool> count = new("--count") { Description = "print how many members there are instead of who they are" };
    private readonly Option<bool> showCSharp = new("--show-csharp") { Description = "print the rules as C# methods over the answers of their conditions, and evaluate nothing" };
    private readonly Option<string> include = new("--include") { HelpName = "FILE", Description = "ids that are members whatever the rule says, one a line" };
    private readonly Option<string> exclude = new("--exclude") { HelpName = "FILE", Description = "ids that are no members whatever the rule and --include say, one a line" };

    private readonly Option<string> schema = Given.Schema();
    private readonly Option<string> zone = Given.Zone();

    public static Command Create(Terminal terminal) => new EvaluateVerb(terminal).Command();

    private Command Command()
    {
        var verb = new Command("evaluate", "Print the members of rules over contacts and events in files. Files may be packed with gzip; - is standard input.")
        {
            contacts, events, schema, rule, text, rules, now, zone, engine, into, count, showCSharp, include, exclude,
        };
        verb.SetAction(Run);
        return verb;
    }

    private int Run(ParseResult parsed)
    {
        Refuse(parsed);
        var (rulePath, textPath, folder, schemaPath) = (parsed.GetValue(rule), parsed.GetValue(text), parsed.GetValue(rules), parsed.GetValue(schema));
        Given.RefuseTwoStandardInputs(parsed.GetValue(contacts), parsed.GetValue(events), schemaPath, rulePath, textPath, parsed.GetValue(include), parsed.GetValue(exclude));
        var shown = parsed.GetValue(showCSharp);
        var at = shown ? default : Given.ReadInstant("--now", parsed.GetRequiredValue(now));
        var with = ReadEngine(parsed.GetValue(engine));
        var zoneInfo = Given.ReadZone(parsed.GetRequiredValue(zone));
        var declared = Given.ReadSchema(schemaPath, terminal);
        var population = new Lazy<Population>(() => ReadContacts(parsed.GetRequiredValue(contacts)));
        var read = folder is not null ? RuleFile.ReadFolder(folder, terminal) : [RuleFile.Read(rulePath ?? textPath!, terminal, isText: textPath is not null)];
        var set = new RuleSet(read, declared, zoneInfo, id => shown || population.Value.Lists.Contains(id), id => shown || population.Value.Sequences.Contains(id));
        foreach (var file in set.Files)
        {
            foreach (var diagnostic in set.DiagnosticsOf(file))
            {
                terminal.Error.WriteLine(Given.Line(file.File, file.Source, diagnostic));
            }
        }

        if (shown)
        {
            terminal.Output.Write(RuleCSharp.Write(from file in set.Files let rule = set.RuleOf(file) where rule is not null select (file.Name, rule)));
        }
        else if (!set.InOrder.IsEmpty)
        {
            using var happened = parsed.GetValue(events) is { } path ? InputFile.Open(path, terminal.OpenInput) : null;
            var members = with.Run(set.InOrder, population.Value.Contacts, happened is null ? [] : population.Value.ReadEvents(happened, set.EventsRead, terminal), at);
            Write(parsed, set, population.Value, members);
        }

        return set.HasRefused ? ExitCode.Refused : ExitCode.Fine;
    }

    private void Refuse(ParseResult parsed)
    {
        if (new[] { rule, text, rules }.Count(option => parsed.GetValue(option) is not null) != 1)
        {
            throw new RefusedException("name the rules with exactly one of --rule, --text and --rules");
        }

        if (!parsed.GetValue(showCSharp))
        {
            RefuseWithout(parsed, contacts);
            RefuseWithout(parsed, now);
        }
        else if (parsed.GetValue(into) is not null || parsed.GetValue(count))
        {
            throw new RefusedException("--show-csharp evaluates nothing: it goes neither with --out nor with --count");
        }

        if (parsed.GetValue(into) is not null && parsed.GetValue(count))
        {
            throw new RefusedException("--out and --count exclude each other");
        }

        if (parsed.GetValue(rules) is not null && (parsed.GetValue(include) ?? parsed.GetValue(exclude)) is not null)
        {
            throw new RefusedException("--include and --exclude are lists of one segment: they go with --rule or --text, not with --rules");
        }

        if (parsed.GetValue(into) is { } folder && File.Exists(folder))
        {
            throw new RefusedException($"'{folder}' is a file; --out takes a folder");
        }
    }

    private static void RefuseWithout(ParseResult parsed, Option<string> option)
    {
        if (parsed.GetValue(option) is null)
        {
            throw new RefusedException($"{option.Name} is required");
        }
    }

    private static Engine ReadEngine(string? name) => name switch
    {
        null or "set" => Engine.Set,
        "contact" => Engine.Contact,
        "reference" => Engine.Reference,
        _ => throw new RefusedException($"there is no engine \"{name}\"; there are set, contact and reference"),
    };

    private Population ReadContacts(string path)
    {
        using var file = InputFile.Open(path, terminal.OpenInput);
        return Population.Read(file, terminal);
    }

    private void Write(ParseResult parsed, RuleSet set, Population population, IReadOnlyDictionary<SegmentId, BitArray> members)
    {
        if (parsed.GetValue(into) is { } created)
        {
            _ = Directory.CreateDirectory(created);
        }

        foreach (var file in set.Files.Where(file => members.ContainsKey(set.IdOf(file))))
        {
            var seats = members[set.IdOf(file)];
            var included = Listed(parsed.GetValue(include), population);
            var excluded = Listed(parsed.GetValue(exclude), population);
            included.ForEach(seat => seats[seat] = true);
            excluded.ForEach(seat => seats[seat] = false);
            WarnOfShared([.. included.Intersect(excluded).Select(seat => population.Names[seat])]);
            var names = population.Names.Where((_, seat) => seats[seat]).ToList();
            names.Sort(string.CompareOrdinal);
            if (parsed.GetValue(into) is { } folder)
            {
                using var written = new StreamWriter(Path.Combine(folder, file.Name + ".txt"));
                WriteLines(written, names);
            }
            else if (parsed.GetValue(count))
            {
                terminal.Output.Write(parsed.GetValue(rules) is null ? $"{names.Count}\n" : $"{file.Name} {names.Count}\n");
            }
            else
            {
                if (parsed.GetValue(rules) is not null)
                {
                    terminal.Output.Write($"# {file.Name}\n");
                }

                WriteLines(terminal.Output, names);
            }
        }
    }

    private static void WriteLines(TextWriter output, List<string> names)
    {
        foreach (var name in names)
        {
            output.Write(name);
            output.Write('\n');
        }
    }

    /// <summary>Who is on both lists is no member, which whoever wrote one of them may not know.</summary>
    private void WarnOfShared(List<string> names)
    {
        if (names.Count > 0)
        {
            var few = string.Join(", ", names.Take(SharedShown).Select(static name => $"\"{name}\""));
            terminal.Error.WriteLine($"warning: {Counted.Of(names.Count, "contact")} {(names.Count == 1 ? "is" : "are")} in both --include and --exclude, and left out: {few}{(names.Count > SharedShown ? ", …" : "")}");
        }
    }

    /// <summary>The seats of the contacts of a list. An id that is nobody's is noted: nothing is known of it, not even that it exists.</summary>
    private List<int> Listed(string? path, Population population)
    {
        var listed = new List<int>();
        if (path is null)
        {
            return listed;
        }

        using var file = InputFile.Open(path, terminal.OpenInput);
        var notes = new Notes(terminal.Error, file.Name);
        var lines = new LineReader(file, IdListBytesMax);
        while (lines.TryRead(out var line))
        {
            if (lines.Fault is { } fault)
            {
                throw new RefusedException($"{file.Name}, line {lines.Number}: the line {fault}");
            }

            var id = Encoding.UTF8.GetString(line.Span);
            if (population.Find(id) is { } seat)
            {
                listed.Add(seat);
            }
            else
            {
                notes.LeftOut(lines.Number, $"no contact is called \"{id}\"");
            }
        }

        notes.Done();
        return listed;
    }
}
