using System.Text.Json;

namespace SegmentEngine.Importing;

/// <summary>JSON Lines in another's form. A column is a key; the keys of an object within are named with dots, as in <c>user.id</c>.</summary>
internal sealed class MappedJsonSource(InputFile file, Mapping mapping, ImportKind kind) : LineSource(file)
{
    private readonly LineReader lines = new(file, ImportLimits.LineBytesMax);
    private readonly RowWriter writer = new(mapping, kind);
    private readonly Dictionary<string, int> columns = new(StringComparer.Ordinal);
    private readonly List<JsonElement> row = [];
    private RowPlan plan = RowPlan.Of([], mapping, kind);

    public override IReadOnlyList<string> NeverMet => [.. mapping.Columns.Keys.Except(columns.Keys).Order(StringComparer.Ordinal)];

    public override bool TryRead()
    {
        if (!lines.TryRead(out var line))
        {
            return false;
        }

        (Number, Fault, Contact) = (lines.Number, null, 0);
        Fingerprint.Add(line.Span);
        try
        {
            Fault = lines.Fault is { } fault ? $"the line {fault}" : Take(line);
        }
        catch (JsonException malformed)
        {
            Fault = $"malformed JSON: {malformed.Message.Split(" LineNumber:")[0].TrimEnd('.')}, at byte {malformed.BytePositionInLine}";
        }
        catch (InvalidOperationException)
        {
            Fault = "a text in it holds half a surrogate pair";
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        writer.Dispose();
        base.Dispose(disposing);
    }

    private string? Take(ReadOnlyMemory<byte> line)
    {
        var json = JsonElement.Parse(line.Span);
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "the line is JSON, but no object";
        }

        for (var i = 0; i < row.Count; i++)
        {
            row[i] = default;
        }

        var known = columns.Count;
        Spread(json, "");
        if (columns.Count > known)
        {
            plan = RowPlan.Of([.. columns.OrderBy(static column => column.Value).Select(static column => column.Key)], mapping, kind);
        }

        var fault = writer.Write(plan, column => new(null, row[column]), kind == ImportKind.Events ? Fingerprint.MessageId(Number) : null);
        Message = writer.Written;
        Contact = HashOf(writer.Contact);
        return fault;
    }

    private void Spread(JsonElement json, string prefix)
    {
        foreach (var field in json.EnumerateObject())
        {
            var name = prefix + field.Name.Replace(".", "\\.", StringComparison.Ordinal);
            if (field.Value.ValueKind == JsonValueKind.Object && !mapping.Columns.ContainsKey(name))
            {
                Spread(field.Value, name + ".");
                continue;
            }

            if (!columns.TryGetValue(name, out var column))
            {
                columns.Add(name, column = row.Count);
                row.Add(default);
            }

            row[column] = field.Value;
        }
    }
}
