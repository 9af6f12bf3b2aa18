using System.Text;
using System.Text.Unicode;
using CsvHelper;
using SegmentEngine.Exchange;

namespace SegmentEngine.Importing;

/// <summary>A CSV file with a header. A field may be quoted and hold line breaks; a line's number is where its row begins.</summary>
internal sealed class CsvSource : LineSource
{
    private static readonly string[] contactNames = ["id", "external_id", "email", "phone_number"];
    private static readonly string[] eventFields = ["userId", "event", "timestamp"];

    private readonly CsvReader reader;
    private readonly Damage damage;
    private readonly IReadOnlyList<string> columns;
    private readonly RowWriter writer;
    private readonly RowPlan plan;
    private readonly bool needsMessageId;
    private bool isAhead;

    private CsvSource(InputFile file, CsvReader reader, Damage damage, Mapping mapping, ImportKind kind)
        : base(file)
    {
        this.reader = reader;
        this.damage = damage;
        columns = reader.Headers;
        Fingerprint.Add(Encoding.UTF8.GetBytes(string.Join('\n', columns)));
        isAhead = Advance();
        var named = kind == ImportKind.Contacts && isAhead ? NameById(mapping) : mapping;
        writer = new(named, kind);
        plan = Plan(columns, named, kind);
        needsMessageId = kind == ImportKind.Events;
    }

    /// <exception cref="RefusedException">The header does not fit the mapping, or says too little.</exception>
    public static CsvSource Open(InputFile file, Mapping mapping, ImportKind kind)
    {
        var damage = new Damage();
        var reader = CsvReader.Create(file, new CsvReaderOptions
        {
            Separator = mapping.Delimiter,
            TrackLineNumbers = true,
            MaxRecordSize = ImportLimits.CsvRowBytesMax,
            OnMalformedRecord = damage.Note,
        });
        try
        {
            return reader.Headers.Count == 0 ? throw new RefusedException($"'{file.Name}' is empty; a CSV file begins with a header")
                : reader.Headers.Any(static column => column.Any(static letter => letter == '\uFFFD' || (char.IsControl(letter) && !char.IsWhiteSpace(letter)))) ? throw new RefusedException($"'{file.Name}' has no header that can be read: its first line is not UTF-8 text")
                : new(file, reader, damage, mapping, kind);
        }
        catch (CsvFormatException broken)
        {
            throw new RefusedException($"'{file.Name}' has no header that can be read: {broken.Message.TrimEnd('.')}");
        }
    }

    public override bool TryRead()
    {
        if (!isAhead && !Advance())
        {
            return false;
        }

        isAhead = false;
        Number = reader.LineNumber;
        Fingerprint.Add(reader.RawRecord);
        Fault = damage.At(Number)
            ?? (reader.FieldCount != columns.Count ? $"it has {Counted.Of(reader.FieldCount, "field")}, the header {columns.Count}"
            : reader.RawRecord.Length > ImportLimits.LineBytesMax ? $"the row is longer than {ImportLimits.LineBytesMax >> 10} KiB"
            : !Utf8.IsValid(reader.RawRecord) ? "it is not UTF-8"
            : writer.Write(plan, column => new(CsvFormula.Unguard(reader.GetString(column)), default), needsMessageId ? Fingerprint.MessageId(Number) : null));
        Message = writer.Written;
        Contact = HashOf(writer.Contact);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        reader.Dispose();
        writer.Dispose();
        base.Dispose(disposing);
    }

    private bool Advance()
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException broken)
        {
            throw new RefusedException($"{File.Name}, line {broken.LineNumber}: the row is longer than {ImportLimits.CsvRowBytesMax >> 20} MiB; perhaps a quote is never closed");
        }
        catch (RefusedException broken)
        {
            throw new RefusedException($"{broken.Message}, after line {reader.LineNumber}");
        }
    }

    /// <summary>A column called <c>id</c> that holds no UUIDs names contacts by another system's ids.</summary>
    private Mapping NameById(Mapping mapping)
    {
        var id = columns.ToList().IndexOf("id");
        return id >= 0 && id < reader.FieldCount && !mapping.Columns.ContainsKey("id") && !mapping.IgnoresOthers && !Guid.TryParseExact(reader.GetString(id).Trim(), "D", out _)
            && !RowPlan.Of(columns, mapping, ImportKind.Contacts).Has("external_id")
            ? mapping.With("id", "external_id")
            : mapping;
    }

    private static RowPlan Plan(IReadOnlyList<string> columns, Mapping mapping, ImportKind kind)
    {
        if (columns.GroupBy(static column => column, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1 && same.Key.Trim().Length > 0) is { } twice)
        {
            throw new RefusedException($"the header names the column \"{twice.Key}\" twice");
        }

        var all = string.Join(", ", columns.Select(static column => $"\"{column}\""));
        var unknown = mapping.Columns.Keys.Except(columns).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            throw new RefusedException($"the mapping names {string.Join(", ", unknown.Select(static column => $"\"{column}\""))}; the columns are {all}");
        }

        var plan = RowPlan.Of(columns, mapping, kind);
        if (kind == ImportKind.Contacts)
        {
            return contactNames.Any(plan.Has)
                ? plan
                : throw new RefusedException($"no column becomes `id`, `external_id`, `email` or `phone_number`, so nobody is named: name one in --map; the columns are {all}");
        }

        var lacking = eventFields.Where(field => !plan.Has(field)).Select(static field => $"`{field}`").ToList();
        return lacking.Count == 0 ? plan : throw new RefusedException($"no column becomes {string.Join(", ", lacking)}: name one in --map, or give a constant; the columns are {all}");
    }

    /// <summary>Remembers the last row whose quotes are wrong.</summary>
    private sealed class Damage
    {
        private long line;
        private CsvMalformedReason reason;

        public void Note(CsvMalformedRecord record) => (line, reason) = (record.LineNumber, record.Reason);

        public string? At(long number) => line != number ? null : reason switch
        {
            CsvMalformedReason.UnterminatedQuote => "a quote is never closed",
            CsvMalformedReason.TextAfterClosingQuote => "there is text after a closing quote",
            _ => null,
        };
    }
}
