using System.Reflection;
using CsvHelper;
using Microsoft.AspNetCore.Http.Metadata;
using SegmentEngine.Client;
using SegmentEngine.Exchange;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Segments;

/// <summary>A contact that a list names, and where.</summary>
public readonly record struct ListedContact(long Row, ContactKey Key, string Name);

/// <summary>Who is named in a body: a CSV file with a head line, or a JSON list of names.</summary>
public sealed class ListBody(IReadOnlyList<ListedContact> contacts) : IEndpointParameterMetadataProvider
{
    private const string Csv = "text/csv";

    private static readonly (string Column, Func<string, ContactKey?> Read)[] columns =
    [
        ("contact_id", Id), ("id", Id), ("external_id", static value => new ContactKey.ExternalId(CsvFormula.Unguard(value))), ("email", static value => new ContactKey.Email(CsvFormula.Unguard(value.Trim()))),
    ];

    public IReadOnlyList<ListedContact> Contacts => contacts;

    public static async ValueTask<ListBody?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        new(context.Request.ContentType?.Split(';')[0].Trim().Equals(Csv, StringComparison.OrdinalIgnoreCase) == true ? await OfCsv(context) : OfJson(await JsonBody.Bytes(context)));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new AcceptsMetadata(["application/json", Csv], typeof(ListInput)));

    private static List<ListedContact> OfJson(byte[] body)
    {
        var names = JsonBody.Read<ListInput>(JsonBody.Parse(body, RequestLimits.JsonDepthMax)).Contacts;
        return JsonBody.NullIn(names, "$.contacts") is { } refusal ? throw new RefusedException(refusal)
            : [.. names.Select(static (name, i) => new ListedContact(i + 1, ContactKey.Parse(name) ?? throw Refused($"$.contacts[{i}]", $"\"{name}\" names no contact: give a UUID, or external_id:…, or email:…"), name))];
    }

    private static async Task<List<ListedContact>> OfCsv(HttpContext context)
    {
        if (LargeBody.IsAnnounced(context))
        {
            throw new RefusedException(LargeBody.Refusal);
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        var damaged = (Row: 0L, Reason: "");
        try
        {
            using var reader = CsvReader.Create(body, new CsvReaderOptions { TrackLineNumbers = true, MaxRecordSize = RequestLimits.ContactBytesMax, OnMalformedRecord = record => damaged = (record.LineNumber, record.Reason.ToString()) });
            return Rows(reader, () => damaged);
        }
        catch (CsvFormatException broken)
        {
            throw Refused($"line {broken.LineNumber}", $"line {broken.LineNumber}: {broken.Message.TrimEnd('.')}");
        }
    }

    private static List<ListedContact> Rows(CsvReader reader, Func<(long Row, string Reason)> damage)
    {
        var heads = reader.Headers.Select(static head => head.Trim().TrimStart('\uFEFF').ToUpperInvariant()).ToList();
        var known = columns.Select(column => (column.Column, column.Read, At: heads.IndexOf(column.Column.ToUpperInvariant()))).Where(static column => column.At >= 0).ToList();
        if (known.Count == 0)
        {
            throw Refused("line 1", "the first line must name the columns, and one of them must be contact_id, external_id or email");
        }

        var contacts = new List<ListedContact>();
        while (reader.Read())
        {
            var row = reader.LineNumber;
            if (damage() is var (damagedRow, reason) && damagedRow == row)
            {
                throw Refused($"line {row}", $"line {row}: {reason}");
            }

            // The first column of them that says something.
            foreach (var (column, read, at) in known)
            {
                if (at < reader.FieldCount && reader.GetString(at) is var value && value.AsSpan().ContainsAnyExcept(" \t\r\n"))
                {
                    contacts.Add(new(row, read(value) ?? throw Refused($"line {row}", $"line {row}: \"{value}\" is no UUID, as {column} must be"), value));
                    break;
                }
            }

            if (contacts.Count == 0 || contacts[^1].Row != row)
            {
                throw Refused($"line {row}", $"line {row} names nobody: {string.Join(", ", known.Select(static column => column.Column))} {(known.Count == 1 ? "is" : "are")} empty");
            }
        }

        return contacts;
    }

    private static ContactKey.Id? Id(string value) => Guid.TryParseExact(value.Trim(), "D", out var id) ? new(new(id)) : null;

    private static RefusedException Refused(string path, string message) => new(Refusal.BadRequest(path, "wrong_value", message));
}
