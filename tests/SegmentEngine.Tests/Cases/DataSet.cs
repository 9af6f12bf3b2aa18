using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Tests.Cases;

/// <summary>One set of real contacts and events, read as the files are meant to be; of the events only those that some case of the set asks about.</summary>
internal sealed class DataSet
{
    private static readonly ConcurrentDictionary<string, Lazy<DataSet>> sets = new(StringComparer.Ordinal);

    private DataSet(string name)
    {
        var folder = Path.Combine(Shared, "data", name);
        Schema = Some.Schema(File.ReadAllText(Path.Combine(folder, "schema.json")));
        People = Read(folder, [.. CasesOf(name).SelectMany(EventsIn)]);
    }

    /// <summary>Where cases and data lie, beside the repository.</summary>
    public static string Shared { get; } = Path.GetFullPath(Path.Combine(Tree.Root, "..", "shared"));

    public static string Cases { get; } = Path.Combine(Shared, "cases");

    public TraitSchema Schema { get; }

    /// <summary>Contacts in the order of the file, each with its events in the order of theirs.</summary>
    public Person[] People { get; }

    public static DataSet Of(string name) => sets.GetOrAdd(name, static name => new(() => new(name))).Value;

    /// <summary>The files of a set's cases; none where there is no such folder.</summary>
    public static IEnumerable<string> CasesOf(string name) => Directory.EnumerateFiles(Path.Combine(Cases, name), "*.json").Order(StringComparer.Ordinal);

    /// <summary>Every text under <c>event</c> or <c>event_in</c>, however deep.</summary>
    private static IEnumerable<string> EventsIn(string file)
    {
        return In(Some.Json(File.ReadAllText(file)));

        static IEnumerable<string> In(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(static field => field.Name switch
            {
                "event" => [field.Value.GetString()!],
                "event_in" => field.Value.EnumerateArray().Select(static name => name.GetString()!),
                _ => In(field.Value),
            }),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(In),
            _ => [],
        };
    }

    private static Person[] Read(string folder, HashSet<string> wanted)
    {
        var contacts = Lines(Path.Combine(folder, "contacts.jsonl.gz")).Select(ReadContact).ToList();
        var events = contacts.ToDictionary(static contact => contact.ExternalId!, static _ => new List<ContactEvent>(), StringComparer.Ordinal);
        var messages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in File.Exists(Path.Combine(folder, "events.jsonl.gz")) ? Lines(Path.Combine(folder, "events.jsonl.gz")) : [])
        {
            var name = line.GetProperty("event").GetString()!.Normalize(NormalizationForm.FormC);
            var isNew = !line.TryGetProperty("messageId", out var message) || messages.Add(message.GetString()!);
            if (isNew && wanted.Contains(name) && events.TryGetValue(line.GetProperty("userId").GetString()!, out var own))
            {
                own.Add(new(name, Some.At(line.GetProperty("timestamp").GetString()!), own.Count, line.GetProperty("properties").Clone()));
            }
        }

        return [.. contacts.Select(contact => new Person(contact, [.. events[contact.ExternalId!]]))];
    }

    private static Contact ReadContact(JsonElement line) => new()
    {
        Id = Text(line, "id") is { } id ? new ContactId(Guid.Parse(id)) : null,
        ExternalId = Text(line, "external_id"),
        Email = Text(line, "email"),
        PhoneNumber = Text(line, "phone_number"),
        Name = Text(line, "name"),
        CustomData = line.TryGetProperty("custom_data", out var data) ? data.Clone() : JsonData.EmptyObject,
    };

    private static string? Text(JsonElement line, string field) => line.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static IEnumerable<JsonElement> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            yield return json.RootElement;
        }
    }
}
