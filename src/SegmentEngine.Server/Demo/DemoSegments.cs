using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegmentEngine.Server.Demo;

/// <summary>A rule of <c>rules-samples/</c> as a segment of the demo.</summary>
/// <param name="Sample">The file's name without <c>.json</c>.</param>
internal sealed record DemoSegment(string Sample, string Name, string Description, string Definition)
{
    public SegmentId Id => DemoSegments.IdOf(Sample);
}

/// <summary>The samples, which are built into this program.</summary>
internal static class DemoSegments
{
    private const string Prefix = "rules-samples/";

    private static readonly IReadOnlyList<(string Sample, JsonObject File)> samples =
    [
        .. typeof(DemoSegments).Assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(static name => (name[Prefix.Length..^".json".Length], Read(name))),
    ];

    /// <summary>Every sample, with its references turned into ids; those referred to come first.</summary>
    public static IReadOnlyList<DemoSegment> All { get; } = InOrder();

    /// <summary>The schemas of all samples in one, and what else the demo's contacts have.</summary>
    public static string Schema { get; } = MergedSchema().ToJsonString();

    /// <summary>The same for a sample on every machine, so that a command written down today works tomorrow.</summary>
    public static SegmentId IdOf(string sample)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes("SegmentEngine demo segment " + sample))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(new Guid(bytes, bigEndian: true));
    }

    private static List<DemoSegment> InOrder()
    {
        var left = samples.Select(static sample => (Segment: Segment(sample.Sample, sample.File, out var references), References: references)).ToList();
        var done = new List<DemoSegment>();
        while (left.Count > 0)
        {
            var ready = left.Where(each => each.References.All(reference => done.Exists(segment => segment.Sample == reference))).ToList();
            done.AddRange(ready.Count > 0 ? ready.Select(static each => each.Segment) : throw new InvalidOperationException("the samples refer to one another in a circle, or to a sample that is not there"));
            _ = left.RemoveAll(ready.Contains);
        }

        return done;
    }

    private static DemoSegment Segment(string sample, JsonObject file, out HashSet<string> references)
    {
        var rule = file["rule"]!.DeepClone();
        references = new(StringComparer.Ordinal);
        Resolve(rule, references);
        return new(sample, (string)file["name"]!, (string)file["description"]!, rule.ToJsonString());
    }

    /// <summary>A sample names another by its file; a segment is named by its id.</summary>
    private static void Resolve(JsonNode node, HashSet<string> references)
    {
        foreach (var (key, value) in node is JsonObject json ? json.ToList() : [])
        {
            if (key == "segment_id")
            {
                _ = references.Add((string)value!);
                node[key] = IdOf((string)value!).ToString();
            }
            else if (value is not null)
            {
                Resolve(value, references);
            }
        }

        foreach (var element in node is JsonArray list ? list.OfType<JsonNode>() : [])
        {
            Resolve(element, references);
        }
    }

    private static JsonObject MergedSchema()
    {
        var merged = JsonNode.Parse("""{"traits": {"company": "string", "seats": "number"}, "events": {"ticket_created": {"channel": "string"}, "login": {"device": "string"}}}""")!.AsObject();
        foreach (var (_, file) in samples)
        {
            Merge(merged, file["schema"]!.AsObject());
        }

        return merged;
    }

    private static void Merge(JsonObject into, JsonObject schema)
    {
        foreach (var (key, value) in schema)
        {
            if (value is JsonObject part && into[key] is JsonObject existing)
            {
                Merge(existing, part);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }

    private static JsonObject Read(string resource)
    {
        using var stream = typeof(DemoSegments).Assembly.GetManifestResourceStream(resource)!;
        return JsonSerializer.Deserialize<JsonObject>(stream)!;
    }
}
