using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Segments;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Tests.Spec;

/// <summary>A case of <c>spec/*.json</c>, read as <c>spec/README.md</c> says.</summary>
internal sealed record SpecCase(string Theme, JsonElement Json)
{
    public const string Folder = "spec";

    /// <summary>What other rules of a case call its own.</summary>
    private const string OwnRule = "rule";

    private static readonly Dictionary<string, SpecCase> all = Files.SelectMany(static file => CasesOf(file)).ToDictionary(static each => each.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Files => Tree.Files(Folder, "*.json");

    public static IReadOnlyCollection<SpecCase> All => all.Values;

    /// <summary>The theme and the case's own name.</summary>
    public string Name => $"{Theme}: {Text(Json, "name")}";

    public IEnumerable<string> Pins => Texts("pins");

    public bool IsRefused => Json.TryGetProperty("refused", out var refused) && refused.GetBoolean();

    /// <summary>The case as it was first asked, and each later time.</summary>
    public IEnumerable<JsonElement> Moments => Json.TryGetProperty("then", out var then) ? then.EnumerateArray().Prepend(Json) : [Json];

    public static SpecCase Find(string name) => all[name];

    /// <summary>The rules of the segments that are ready, and the case's own, each after those it refers to; empty where one is refused or refers to itself.</summary>
    public ImmutableArray<SegmentRule> Rules(World world)
    {
        var names = SegmentNames.ToList();
        var context = new RuleContext(Schema, Zone, Find, AllowUnknownSegments: true) { HasList = world.HasList, HasSequence = world.HasSequence };
        var rules = new List<SegmentRule>();
        foreach (var name in names)
        {
            var definition = name == OwnRule ? Json.GetProperty(OwnRule) : Json.GetProperty("segments").GetProperty(name);
            if (definition.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (RuleChecker.Check(definition, context).Rule is not { } rule)
            {
                return [];
            }

            rules.Add(new(Find(name)!.Value, 1, rule));
        }

        var isCircle = rules.Exists(each => SegmentCatalog.FindCycle(each.Id, segment => rules.Find(other => other.Id == segment)?.Rule.Reads.Segments ?? []) is not null);
        return isCircle ? [] : new SegmentCatalog(rules).InOrder;

        SegmentId? Find(string name) => names.IndexOf(name) is var i and >= 0 ? new(new Guid(i + 1, 0, 0, new byte[8])) : null;
    }

    /// <summary>The case's own rule is the first of the names.</summary>
    public static SegmentId Own { get; } = new(new Guid(1, 0, 0, new byte[8]));

    public IEnumerable<string> Texts(string field) => Texts(Json, field);

    public static IEnumerable<string> Texts(JsonElement json, string field) => json.TryGetProperty(field, out var texts) ? texts.EnumerateArray().Select(static text => text.GetString()!) : [];

    public static IEnumerable<JsonElement> Lines(JsonElement moment, string field) => moment.TryGetProperty(field, out var lines) ? lines.EnumerateArray() : [];

    private IEnumerable<string> SegmentNames => (Json.TryGetProperty("segments", out var segments) ? segments.EnumerateObject().Select(static segment => segment.Name) : []).Prepend(OwnRule);

    private TraitSchema Schema => Json.TryGetProperty("schema", out var schema) ? Some.Schema(schema.GetRawText()) : TraitSchema.Empty;

    private TimeZoneInfo Zone => Text(Json, "zone") is { } zone ? Some.Zone(zone) : TimeZoneInfo.Utc;

    private static IEnumerable<SpecCase> CasesOf(string file)
    {
        var json = JsonElement.Parse(File.ReadAllText(file));
        return json.GetProperty("cases").EnumerateArray().Select(each => new SpecCase(Text(json, "theme")!, each));
    }

    private static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The contacts and events of a case, as far as their lines have arrived.</summary>
    internal sealed class World
    {
        private readonly List<(Contact Contact, List<ContactEvent> Events, string Name)> people = [];
        private readonly HashSet<string> messages = new(StringComparer.Ordinal);
        private readonly HashSet<string> changes = new(StringComparer.Ordinal);

        /// <summary>What each is called: the external id, else the id as it came.</summary>
        public ImmutableArray<string> Names => [.. people.Select(static person => person.Name)];

        public ImmutableArray<Person> People => [.. people.Select(static person => new Person(person.Contact, [.. person.Events]))];

        public bool HasList(string id) => people.Exists(person => person.Contact.Lists.Contains(id));

        public bool HasSequence(string id) => people.Exists(person => person.Contact.Sequences.Contains(id));

        /// <summary>The seat that a line makes or brings up to date; null for a line that names nobody.</summary>
        public int? Contact(JsonElement line)
        {
            var (id, external) = (Text(line, "id"), Text(line, "external_id"));
            if ((id ?? external) is not { } name)
            {
                return null;
            }

            var seat = people.FindIndex(person => external is not null ? person.Contact.ExternalId == external : person.Contact.Id == new ContactId(Guid.Parse(id!)));
            if (seat < 0)
            {
                seat = people.Count;
                people.Add((new(), [], external ?? name));
            }

            people[seat] = people[seat] with { Contact = Updated(people[seat].Contact, line) };
            return seat;
        }

        /// <summary>The seat and the event of a line that counts; null for one that does not.</summary>
        public (int Seat, ContactEvent Happened)? Event(JsonElement line)
        {
            var type = Text(line, "type") ?? "track";
            if (type is not ("track" or "identify") || !line.TryGetProperty("timestamp", out var written) || !TraitSchema.TryInstant(written, out var at)
                || (Text(line, "messageId") is { Length: > 0 } message && !(type == "track" ? messages : changes).Add(message)))
            {
                return null;
            }

            var user = Text(line, "userId")!;
            var seat = people.FindIndex(person => person.Contact.ExternalId == user);
            seat = seat >= 0 ? seat : people.FindIndex(person => Guid.TryParseExact(user, "D", out var id) && person.Contact.Id == new ContactId(id));
            if (seat < 0)
            {
                return null;
            }

            var happened = type == "identify"
                ? new ContactEvent(ContactEvent.Traits, at, people[seat].Events.Count, line.GetProperty("traits"))
                : new ContactEvent(Text(line, "event")!.Normalize(NormalizationForm.FormC), at, people[seat].Events.Count, line.TryGetProperty("properties", out var properties) ? properties : JsonData.EmptyObject);
            people[seat].Events.Add(happened);
            return (seat, happened);
        }

        private static Contact Updated(Contact contact, JsonElement line) => contact with
        {
            Id = Text(line, "id") is { } id ? new ContactId(Guid.Parse(id)) : contact.Id,
            ExternalId = Text(line, "external_id") ?? contact.ExternalId,
            Email = Text(line, "email") ?? contact.Email,
            PhoneNumber = Text(line, "phone_number") ?? contact.PhoneNumber,
            Name = Text(line, "name") ?? contact.Name,
            CreatedAt = Moment(line, "created_at") ?? contact.CreatedAt,
            UpdatedAt = Moment(line, "updated_at") ?? contact.UpdatedAt,
            LastSeenAt = Moment(line, "last_seen_at") ?? contact.LastSeenAt,
            CustomData = Merged(contact.CustomData, line, "custom_data"),
            NonVerifiedCustomData = Merged(contact.NonVerifiedCustomData, line, "non_verified_custom_data"),
            Lists = line.TryGetProperty("lists", out _) ? [.. Texts(line, "lists")] : contact.Lists,
            Sequences = line.TryGetProperty("sequences", out _) ? [.. Texts(line, "sequences")] : contact.Sequences,
        };

        private static Instant? Moment(JsonElement line, string field) => line.TryGetProperty(field, out var value) && TraitSchema.TryInstant(value, out var instant) ? instant : null;

        private static JsonElement Merged(JsonElement before, JsonElement line, string field) => line.TryGetProperty(field, out var update) ? JsonData.Merge(before, update) : before;
    }
}
