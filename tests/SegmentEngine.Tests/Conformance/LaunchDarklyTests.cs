using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;
using SegmentEngine.Segments;

namespace SegmentEngine.Tests.Conformance;

/// <summary>
/// LaunchDarkly's own cases. One tells about several rules at once: that a flag's rule matched says that it holds and none before it does, that none matched that none holds.
/// What is malformed there is refused here.
/// </summary>
public sealed class LaunchDarklyTests
{
    /// <summary>Not about rules: targets, rollouts, prerequisites, types of variations, errors of the client.</summary>
    private static readonly string[] otherFiles = ["errors", "errors-wrong-type", "json-variations", "prerequisites", "rollout-or-experiment", "target-match", "variation-value-types"];

    private static readonly Lazy<Dictionary<string, (string File, JsonElement Data, JsonElement Evaluation)>> all = new(static () => Suite.Named(
            from file in Directory.EnumerateFiles(Path.Combine(Suite.Folder, "launchdarkly", "expanded"), "*.json").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
            from test in Suite.Read($"launchdarkly/expanded/{file}.json").EnumerateArray()
            from evaluation in test.GetProperty("evaluations").EnumerateArray()
            select ($"{file}: {(evaluation.TryGetProperty("name", out var name) ? name : test.GetProperty("name")).GetString()}", (file, test.GetProperty("sdkData"), evaluation)))
        .ToDictionary(static pair => pair.Name, static pair => pair.Case));

    public static TheoryData<string> Names => Suite.Names(all.Value.Select(static pair => (pair.Key, pair.Value)));

    [SuiteTheory, MemberData(nameof(Names))]
    public void Every_case_agrees_or_is_listed(string name)
    {
        var (file, data, evaluation) = all.Value[name];
        if (otherFiles.Contains(file))
        {
            Suite.LaunchDarkly.Judge(name, canBeSaid: false, agrees: false, () => "not about rules");
            return;
        }

        var flag = data.GetProperty("flags").GetProperty(evaluation.GetProperty("flagKey").GetString()!);
        var asked = new Question(data);
        var contact = Suite.Contact(DataOf(evaluation.GetProperty("context")));
        var answers = flag.GetProperty("rules").EnumerateArray().Select(rule => asked.Ask(rule, contact)).ToList();
        var reason = evaluation.GetProperty("expect").GetProperty("reason");
        var agrees = reason.GetProperty("kind").GetString() switch
        {
            "RULE_MATCH" => answers.IndexOf(Truth.True) == reason.GetProperty("ruleIndex").GetInt32(),
            "FALLTHROUGH" => !answers.Contains(Truth.True),
            "ERROR" => asked.IsRefused,
            _ => false,
        };
        var isAboutRules = flag.GetProperty("on").GetBoolean() && !asked.CannotBeSaid;
        Suite.LaunchDarkly.Judge(name, isAboutRules, agrees, () => $"{reason} there, here {string.Join(", ", answers)} of {contact.CustomData}. {string.Join("; ", asked.Found)}");
    }

    [SuiteFact]
    public void The_lists_are_of_its_cases() => Suite.LaunchDarkly.IsListed(all.Value.Keys, cases: 728, notSayable: 142, deviating: 3);

    /// <summary>A context as a contact's data: the user's attributes as they are, those of other kinds under their kind.</summary>
    private static JsonElement DataOf(JsonElement context)
    {
        var data = new Dictionary<string, object>();
        var kind = context.TryGetProperty("kind", out var written) ? written.GetString()! : "user";
        var kinds = kind == "multi" ? context.EnumerateObject().Where(static of => of.Name != "kind").ToDictionary(static of => of.Name, static of => of.Value) : new() { [kind] = context };
        foreach (var (name, of) in kinds)
        {
            var attributes = of.EnumerateObject().Where(static field => field.Name is not ("kind" or "custom"))
                .Concat(of.TryGetProperty("custom", out var custom) ? custom.EnumerateObject() : []).ToDictionary(static field => field.Name, static field => (object)field.Value);
            if (name != "user")
            {
                data[name] = attributes;
                continue;
            }

            foreach (var (attribute, value) in attributes)
            {
                data[attribute] = value;
            }
        }

        data["kind"] = kinds.Keys;
        return JsonSerializer.SerializeToElement(data);
    }

    /// <summary>A flag's rules and the segments they refer to, as ours.</summary>
    private sealed class Question(JsonElement data)
    {
        private readonly ImmutableArray<string> segments = data.TryGetProperty("segments", out var all) ? [.. all.EnumerateObject().Select(static segment => segment.Name)] : [];

        public bool IsRefused { get; private set; }

        public bool CannotBeSaid => Found.Exists(static found => found.Code is "unsupported" or "bad_reference");

        public List<RuleDiagnostic> Found { get; } = [];

        public Truth Ask(JsonElement rule, Contact contact)
        {
            var reading = Noted(LaunchDarklySegments.ReadRule(rule, Find));
            return Suite.Answer(reading, contact, FindId, id => IsMember(id, contact));
        }

        /// <summary>Null where the segment cannot be read, or is part of a circle: then it has no members.</summary>
        private bool? IsMember(SegmentId id, Contact contact)
        {
            if (SegmentCatalog.FindCycle(id, Reads) is not null)
            {
                IsRefused = true;
                return null;
            }

            return Suite.Answer(Segment(id), contact, FindId, other => IsMember(other, contact)) == Truth.True;
        }

        private IEnumerable<SegmentId> Reads(SegmentId id) => References(Segment(id).Condition!).Select(key => FindId(key)!.Value);

        private RuleReading Segment(SegmentId id) => Noted(LaunchDarklySegments.Read(data.GetProperty("segments").GetProperty(segments[id.Value.ToByteArray()[0]]), Find));

        private RuleReading Noted(RuleReading reading)
        {
            Found.AddRange(reading.Diagnostics);
            IsRefused |= reading.HasErrors;
            return reading;
        }

        private string? Find(string key) => segments.Contains(key) ? key : null;

        private SegmentId? FindId(string key) => new(new Guid(segments.IndexOf(key), 0, 0, new byte[8]));

        private static IEnumerable<string> References(Condition condition) => condition switch
        {
            Condition.AllOf all => all.Of.SelectMany(References),
            Condition.AnyOf any => any.Of.SelectMany(References),
            Condition.Negation not => References(not.Of),
            Condition.InSegment segment => [segment.SegmentId],
            _ => [],
        };
    }
}
