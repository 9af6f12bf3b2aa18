using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;
using SegmentEngine.Importing;

namespace SegmentEngine.Server.Dashboard.Data;

/// <summary>What becomes of a column, as the page shows it and its viewer changes it.</summary>
internal sealed record ColumnChoice(string Column, IReadOnlyList<string> Samples)
{
    /// <summary>Leaves the column out.</summary>
    public const string Nothing = "";

    /// <summary>Makes it a trait, or an event's property, under <see cref="Name"/>.</summary>
    public const string Data = "data";

    /// <summary>A field of the contact or the event, or one of the two above.</summary>
    public string Field { get; set; } = Data;

    public string Name { get; set; } = "";

    /// <summary>As schemas name it, or <c>integer</c>.</summary>
    public string Type { get; set; } = "string";

    /// <summary>How a date or a time is written, in .NET's letters; null where it needs no saying.</summary>
    public string? Format { get; set; }

    public Target Target(ImportKind kind) => Field switch
    {
        Nothing => new(null),
        Data => new((kind == ImportKind.Contacts ? "custom_data." : "properties.") + Name.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(".", @"\.", StringComparison.Ordinal), Read) { Format = Format },
        _ => new(Field, Type == "integer" ? Read : null) { Format = Format },
    };

    private ColumnType? Read => Type switch
    {
        "string" => null,
        "integer" => new(TraitKind.Number, IsList: false, IsWhole: true),
        _ => TraitType.TryParse(Type, out var type) ? new ColumnType(type.Kind, type.IsList, IsWhole: false) : null,
    };
}

/// <summary>Guesses from a file's header and its first rows what its columns are. A guess is shown before it counts.</summary>
internal static partial class ColumnGuess
{
    private static readonly string[] dates = ["yyyy-MM-dd", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "yyyy/MM/dd"];
    private static readonly string[] times =
        ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm", "M/d/yyyy H:mm"];

    /// <param name="columns">The header.</param>
    /// <param name="rows">The first rows; one may be shorter or longer than the header.</param>
    /// <param name="kind">Of what they are rows.</param>
    public static IReadOnlyList<ColumnChoice> Of(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, ImportKind kind)
    {
        var fields = ImportFields.Of(kind);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var choices = new List<ColumnChoice>();
        foreach (var (i, column) in columns.Index())
        {
            var samples = rows.Where(row => i < row.Count).Select(row => row[i].Trim()).Where(static value => value.Length > 0).ToList();
            var (type, format) = TypeOf(samples);
            var field = fields.FieldFor(column.Trim());
            var choice = new ColumnChoice(column, [.. samples.Distinct(StringComparer.Ordinal).Take(3)]) { Type = type, Format = format, Name = Unique(Snake(column), names) };
            choice.Field = column.Trim().Length == 0 ? ColumnChoice.Nothing
                : !fields.IsData(field) && Fits(field, samples, type) && taken.Add(field) ? field
                : ColumnChoice.Data;
            choices.Add(choice);
        }

        // Where no name speaks of who it is, what the values look like does.
        var who = kind == ImportKind.Contacts ? new[] { "email", "external_id" } : ["userId"];
        if (!choices.Exists(choice => who.Contains(choice.Field)))
        {
            var email = kind == ImportKind.Contacts ? choices.Find(static choice => choice.Samples.Count > 0 && choice.Samples.All(static value => Email().IsMatch(value))) : null;
            var id = choices.Find(static choice => choice.Field == ColumnChoice.Data && choice.Name.EndsWith("id", StringComparison.Ordinal));
            if (email is not null)
            {
                email.Field = "email";
            }
            else if (id is not null)
            {
                id.Field = who[^1];
            }
        }

        foreach (var choice in choices.Where(choice => choice.Field is not ColumnChoice.Data and not ColumnChoice.Nothing))
        {
            // A field of their own has its type; only how it is written may need saying.
            (choice.Type, choice.Format) = (choice.Samples.Count > 0 && choice.Samples.All(static value => Padded().IsMatch(value)) ? "integer" : "string", fields.IsTime(choice.Field) && choice.Format != "yyyy-MM-dd" ? choice.Format : null);
        }

        return choices;
    }

    /// <summary>What all of these values are, and how they are written where that needs saying.</summary>
    public static (string Type, string? Format) TypeOf(IReadOnlyList<string> samples) =>
        samples.Count == 0 ? ("string", null)
        : samples.All(static value => Whole().IsMatch(value) || Padded().IsMatch(value)) && samples.Any(static value => Padded().IsMatch(value)) ? ("integer", null)
        : samples.All(static value => Number().IsMatch(value)) ? ("number", null)
        : samples.All(static value => value.ToLowerInvariant() is "true" or "false" or "yes" or "no") ? ("boolean", null)
        : Array.Find(dates, format => samples.All(value => DateOnly.TryParseExact(value, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))) is { } day ? ("date", day == dates[0] ? null : day)
        : samples.All(static value => Instant.TryParse(value, out _)) ? ("datetime", null)
        : Array.Find(times, format => samples.All(value => DateTime.TryParseExact(value, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))) is { } time ? ("datetime", time.StartsWith("yyyy-MM-dd", StringComparison.Ordinal) ? null : time)
        : ("string", null);

    /// <summary>A name that rules can be read with: small letters, and a line for whatever is none.</summary>
    public static string Snake(string column)
    {
        var name = new StringBuilder();
        foreach (var (i, letter) in column.Trim().Index())
        {
            if (char.IsLetterOrDigit(letter))
            {
                if (char.IsUpper(letter) && i > 0 && name.Length > 0 && name[^1] != '_' && !char.IsUpper(column.Trim()[i - 1]))
                {
                    _ = name.Append('_');
                }

                _ = name.Append(char.ToLowerInvariant(letter));
            }
            else if (name.Length > 0 && name[^1] != '_')
            {
                _ = name.Append('_');
            }
        }

        return name.ToString().TrimEnd('_') is { Length: > 0 } found ? found : "column";
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }

    private static bool Fits(string field, List<string> samples, string type) => field switch
    {
        "id" => samples.TrueForAll(static value => Guid.TryParseExact(value, "D", out _)),
        "email" => samples.Count(static value => Email().IsMatch(value)) * 2 >= samples.Count,
        "created_at" or "updated_at" or "last_seen_at" or "timestamp" => samples.Count == 0 || type is "date" or "datetime",
        _ => true,
    };

    [GeneratedRegex(@"^-?(0|[1-9]\d*)([.]\d+)?([eE][+-]?\d{1,2})?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^-?(0|[1-9]\d*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^-?(0|[1-9]\d*)\.0$")]
    private static partial Regex Padded();

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    private static partial Regex Email();
}
