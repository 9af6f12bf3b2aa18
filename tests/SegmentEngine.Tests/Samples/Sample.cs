using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Tests.Samples;

/// <summary>A file of <c>rules-samples/</c>: traits, contacts, events and a time, a rule, and who is in. Contacts and events are written as the lines of the command line's files.</summary>
internal sealed record Sample
{
    public const string Folder = "rules-samples";

    private static readonly Dictionary<string, JsonElement> files = Tree.Files(Folder, "*.json").ToDictionary(NameOf, static file => JsonElement.Parse(File.ReadAllText(file)));
    private static readonly ImmutableArray<string> names = [.. files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The file's name without <c>.json</c>: how another sample refers to it.</summary>
    public required string Name { get; init; }
    public required JsonElement Definition { get; init; }

    /// <summary>The sample's own schema and those of the samples it is built on.</summary>
    public required TraitSchema Schema { get; init; }
    public required ImmutableArray<Contact> Contacts { get; init; }

    /// <summary>By external id.</summary>
    public required ILookup<string, ContactEvent> Events { get; init; }
    public required Instant Now { get; init; }
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>External ids, in ordinal order.</summary>
    public required ImmutableArray<string> Members { get; init; }

    /// <summary>The rule in the text form.</summary>
    public required string Text { get; init; }

    /// <summary>Path, code and severity of each.</summary>
    public required ImmutableArray<string> Diagnostics { get; init; }

    /// <summary>Line and column, code and severity of each that is found in the text.</summary>
    public required ImmutableArray<string> TextDiagnostics { get; init; }

    public static IEnumerable<string> Names => names;

    public static bool IsRefused(string name) => name.StartsWith("refused/", StringComparison.Ordinal);

    /// <summary>What a <c>segment</c> leaf finds: every sample that is no refused one.</summary>
    public static SegmentId? Find(string name) => names.IndexOf(name) is var i and >= 0 && !IsRefused(name) ? new(new Guid(i + 1, 0, 0, new byte[8])) : null;

    public static string NameOf(SegmentId id) => names.Single(name => Find(name) == id);

    public static JsonElement DefinitionOf(string name) => files[name].GetProperty("rule");

    /// <summary>In a file, a list of its lines.</summary>
    public static string TextOf(string name) => string.Join('\n', files[name].GetProperty("text").EnumerateArray().Select(static line => line.GetString()));

    /// <summary>The contacts as they are written in the file.</summary>
    public static JsonElement ContactsOf(string name) => files[name].GetProperty("contacts");

    /// <summary>The events as they are written in the file.</summary>
    public static JsonElement EventsOf(string name) => files[name].GetProperty("events");

    /// <summary>A list or a sequence is there once a contact of the sample is on it.</summary>
    public RuleContext Context => new(Schema, Zone, Find)
    {
        HasList = id => Contacts.Any(contact => contact.Lists.Contains(id)),
        HasSequence = id => Contacts.Any(contact => contact.Sequences.Contains(id)),
    };

    public static Sample Read(string name)
    {
        var file = files[name];
        Assert.True(TraitSchema.TryParse(SchemaOf(name), out var schema, out var problems), string.Join(Environment.NewLine, problems));
        return new()
        {
            Name = name,
            Definition = DefinitionOf(name),
            Schema = schema,
            Contacts = [.. file.GetProperty("contacts").EnumerateArray().Select(ReadContact)],
            Events = ReadEvents(file.GetProperty("events")),
            Now = ReadInstant(file.GetProperty("now")) ?? default,
            Zone = file.TryGetProperty("zone", out var zone) ? TimeZoneInfo.FindSystemTimeZoneById(zone.GetString()!) : TimeZoneInfo.Utc,
            Members = [.. file.GetProperty("members").EnumerateArray().Select(static member => member.GetString()!)],
            Text = TextOf(name),
            Diagnostics = Found(file, "diagnostics", static each => $"{each.GetProperty("path")}"),
            TextDiagnostics = Found(file, "text_diagnostics", static each => $"{each.GetProperty("line")}:{each.GetProperty("column")}"),
        };
    }

    /// <summary>The samples a sample refers to, directly.</summary>
    public static IEnumerable<string> ReferencesOf(string name) => References(DefinitionOf(name)).Where(static reference => Find(reference) is not null).Distinct();

    /// <summary>A schema declares a name once, in whichever sample: two that disagree could not be one workspace.</summary>
    public static void Merge(JsonObject into, JsonElement schema, string name)
    {
        foreach (var (key, value) in JsonObject.Create(schema)!)
        {
            if (value is JsonObject part)
            {
                Merge(into[key] as JsonObject ?? (JsonObject)(into[key] = new JsonObject()), JsonElement.Parse(part.ToJsonString()), name);
            }
            else
            {
                Assert.True(into[key] is null || JsonNode.DeepEquals(into[key], value), $"{name}: `{key}` is {value} here and {into[key]} in another sample");
                into[key] = value?.DeepClone();
            }
        }
    }

    public static JsonElement OwnSchemaOf(string name) => files[name].GetProperty("schema");

    /// <summary>The sample's own schema and those of the samples it is built on, in one.</summary>
    public static JsonElement SchemaOf(string name)
    {
        var merged = new JsonObject();
        foreach (var each in WithReferences(name).Distinct())
        {
            Merge(merged, OwnSchemaOf(each), each);
        }

        return JsonElement.Parse(merged.ToJsonString());
    }

    private static IEnumerable<string> WithReferences(string name) => ReferencesOf(name).SelectMany(WithReferences).Prepend(name);

    private static IEnumerable<string> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(static field => field.NameEquals("segment_id") ? [field.Value.GetString()!] : References(field.Value)),
        _ => [],
    };

    private static string NameOf(string file) => Path.GetRelativePath(Path.Combine(Tree.Root, Folder), file).Replace('\\', '/')[..^".json".Length];

    private static Contact ReadContact(JsonElement json) => new()
    {
        Id = TextIn(json, "id") is { } id ? new ContactId(Guid.Parse(id)) : null,
        ExternalId = TextIn(json, "external_id"),
        Email = TextIn(json, "email"),
        PhoneNumber = TextIn(json, "phone_number"),
        Name = TextIn(json, "name"),
        CreatedAt = Moment(json, "created_at"),
        UpdatedAt = Moment(json, "updated_at"),
        LastSeenAt = Moment(json, "last_seen_at"),
        CustomData = json.TryGetProperty("custom_data", out var data) ? data : JsonData.EmptyObject,
        NonVerifiedCustomData = json.TryGetProperty("non_verified_custom_data", out var other) ? other : JsonData.EmptyObject,
        Lists = Ids(json, "lists"),
        Sequences = Ids(json, "sequences"),
    };

    /// <summary>A message id counts once; the first line with it wins. An <c>identify</c> line is the history of traits.</summary>
    private static ILookup<string, ContactEvent> ReadEvents(JsonElement json) =>
        json.EnumerateArray()
            .Select(static (line, i) => (Line: line, Id: TextIn(line, "messageId") ?? $"line {i}", Sequence: i))
            .DistinctBy(static each => each.Id)
            .ToLookup(
                static each => TextIn(each.Line, "userId")!,
                static each => TextIn(each.Line, "type") == "identify"
                    ? new ContactEvent(ContactEvent.Traits, Moment(each.Line, "timestamp")!.Value, each.Sequence, each.Line.GetProperty("traits"))
                    : new ContactEvent(
                        TextIn(each.Line, "event")!,
                        Moment(each.Line, "timestamp")!.Value,
                        each.Sequence,
                        each.Line.TryGetProperty("properties", out var properties) ? properties : JsonData.EmptyObject));

    private static ImmutableArray<string> Found(JsonElement file, string field, Func<JsonElement, string> place) =>
        file.TryGetProperty(field, out var found) ? [.. found.EnumerateArray().Select(each => $"{place(each)} {each.GetProperty("code")} {each.GetProperty("severity")}")] : [];

    private static string? TextIn(JsonElement json, string field) => json.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static ImmutableArray<string> Ids(JsonElement json, string field) =>
        json.TryGetProperty(field, out var ids) ? [.. ids.EnumerateArray().Select(static id => id.GetString()!)] : [];

    private static Instant? Moment(JsonElement json, string field) => json.TryGetProperty(field, out var value) ? ReadInstant(value) : null;

    private static Instant? ReadInstant(JsonElement json) => Instant.TryParse(json.GetString(), out var instant) ? instant : throw new FormatException($"{json} is no instant");
}
