using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>A contact's traits as typed values: a row of a table, or an object that expressions read. Days are numbered, instants are ticks.</summary>
public sealed class ContactRow
{
    private readonly JsonElement data;

    private ContactRow(JsonElement data) => this.data = data;

    /// <summary>The columns with their types in SQL.</summary>
    public static IReadOnlyList<(string Name, string Type)> Columns { get; } =
    [
        .. Enumerable.Range(0, 8).Select(static i => ($"text{i}", "text")),
        .. Enumerable.Range(0, 7).Select(static i => ($"number{i}", i % 2 == 0 ? "bigint" : "double")),
        ("flag0", "boolean"), ("day0", "integer"), ("day1", "integer"), ("moment0", "bigint"), ("moment1", "bigint"),
    ];

    public string? Text0 { get; private set; }
    public string? Text1 { get; private set; }
    public string? Text2 { get; private set; }
    public string? Text3 { get; private set; }
    public string? Text4 { get; private set; }
    public string? Text5 { get; private set; }
    public string? Text6 { get; private set; }
    public string? Text7 { get; private set; }
    public long? Number0 { get; private set; }
    public double? Number1 { get; private set; }
    public long? Number2 { get; private set; }
    public double? Number3 { get; private set; }
    public long? Number4 { get; private set; }
    public double? Number5 { get; private set; }
    public long? Number6 { get; private set; }
    public bool? Flag0 { get; private set; }
    public int? Day0 { get; private set; }
    public int? Day1 { get; private set; }
    public long? Moment0 { get; private set; }
    public long? Moment1 { get; private set; }

    internal static ContactRow Of(Contact contact)
    {
        var row = new ContactRow(contact.CustomData);
        (row.Text0, row.Text1, row.Text2, row.Text3) = (row.Text("text0"), row.Text("text1"), row.Text("text2"), row.Text("text3"));
        (row.Text4, row.Text5, row.Text6, row.Text7) = (row.Text("text4"), row.Text("text5"), row.Text("text6"), row.Text("text7"));
        (row.Number0, row.Number2, row.Number4, row.Number6) = (row.Whole("number0"), row.Whole("number2"), row.Whole("number4"), row.Whole("number6"));
        (row.Number1, row.Number3, row.Number5) = (row.Number("number1"), row.Number("number3"), row.Number("number5"));
        (row.Flag0, row.Day0, row.Day1) = (row.There("flag0")?.GetBoolean(), row.Day("day0"), row.Day("day1"));
        (row.Moment0, row.Moment1) = (row.Moment("moment0"), row.Moment("moment1"));
        return row;
    }

    /// <summary>The values in the order of the columns.</summary>
    internal object?[] Values() =>
    [
        Text0, Text1, Text2, Text3, Text4, Text5, Text6, Text7, Number0, Number1, Number2, Number3, Number4, Number5, Number6, Flag0, Day0, Day1, Moment0, Moment1,
    ];

    private JsonElement? There(string name) => data.TryGetProperty(name, out var value) ? value : null;

    private string? Text(string name) => There(name)?.GetString();

    private long? Whole(string name) => There(name)?.GetInt64();

    private double? Number(string name) => There(name)?.GetDouble();

    private int? Day(string name) => There(name) is { } day ? DateOnly.Parse(day.GetString()!, CultureInfo.InvariantCulture).DayNumber : null;

    private long? Moment(string name) => There(name) is { } moment && Instant.TryParse(moment.GetString()!, out var instant) ? instant.Ticks : null;
}
