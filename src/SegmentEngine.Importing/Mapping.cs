using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Importing;

/// <summary>What becomes of a column.</summary>
/// <param name="Field">The field of the contact or the message; null: the column is left out.</param>
/// <param name="Type">How its text is read; null: as it is.</param>
internal sealed record Target(string? Field, ColumnType? Type = null)
{
    /// <summary>How a date or a time is written, in .NET's letters; or <c>epoch_s</c>, <c>epoch_ms</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Where times without an offset were written; null: the mapping's.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>What stands between the elements of a list.</summary>
    public string Separator { get; init; } = ",";
}

/// <summary>A trait's type, or a whole number that may be written as <c>17850.0</c>.</summary>
internal readonly record struct ColumnType(TraitKind Kind, bool IsList, bool IsWhole);

/// <summary>
/// Which column becomes which field. Read from a JSON file, and filled up by the columns' own names: those that are no field of a contact or a message go into
/// <c>custom_data</c> or <c>properties</c>.
/// </summary>
internal sealed class Mapping
{
    public static readonly Mapping Empty = new();

    private Mapping()
    {
    }

    private Mapping(Mapping other) =>
        (Columns, Constants, IgnoresOthers, Missing, Zone, Delimiter) = (other.Columns, other.Constants, other.IgnoresOthers, other.Missing, other.Zone, other.Delimiter);

    private static readonly string[] parts = ["columns", "constants", "others", "missing", "zone", "delimiter"];
    private static readonly string[] targetParts = ["to", "type", "format", "zone", "separator"];

    public ImmutableDictionary<string, Target> Columns { get; private init; } = ImmutableDictionary.Create<string, Target>(StringComparer.Ordinal);

    /// <summary>Fields that are the same on every line.</summary>
    public ImmutableArray<(string Field, JsonElement Value)> Constants { get; private init; } = [];

    /// <summary>Whether columns that are not named are left out.</summary>
    public bool IgnoresOthers { get; private init; }

    /// <summary>Texts that stand for nothing, beside the empty one.</summary>
    public ImmutableHashSet<string> Missing { get; private init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal, "");

    /// <summary>Where times without an offset were written; null: they are refused.</summary>
    public TimeZoneInfo? Zone { get; private init; }

    /// <summary>Between the columns of a CSV file; null: found out.</summary>
    public char? Delimiter { get; private init; }

    /// <exception cref="RefusedException">With everything that is wrong, each with its path.</exception>
    public static Mapping Read(string path, ImportKind kind, Func<Stream> standardInput)
    {
        JsonElement json;
        try
        {
            var bytes = InputFile.ReadAll(path, ImportLimits.MappingBytesMax, standardInput);
            json = bytes.Length > ImportLimits.MappingBytesMax ? throw new RefusedException($"the mapping '{path}' is larger than {ImportLimits.MappingBytesMax >> 20} MiB") : JsonElement.Parse(bytes, new() { AllowDuplicateProperties = false });
        }
        catch (JsonException malformed)
        {
            throw new RefusedException($"the mapping '{path}' is no JSON: {Malformed.Sentence(malformed)}");
        }

        var problems = new List<string>();
        var mapping = new Reader(kind, problems).Read(json);
        return problems.Count == 0 ? mapping : throw new RefusedException(string.Join('\n', problems.Select(problem => $"{path}: {problem}")));
    }

    /// <summary>This mapping, with a column said to become a field.</summary>
    public Mapping With(string column, string field) => With(column, new Target(field));

    /// <inheritdoc cref="With(string, string)"/>
    public Mapping With(string column, Target target) => new(this) { Columns = Columns.SetItem(column, target) };

    /// <summary>This mapping, with a field that is the same on every line.</summary>
    public Mapping With(string field, JsonElement value) => new(this) { Constants = Constants.Add((field, value)) };

    /// <summary>This mapping, with the zone in which times without an offset were written.</summary>
    public Mapping In(TimeZoneInfo zone) => new(this) { Zone = zone };

    private sealed class Reader(ImportKind kind, List<string> problems)
    {
        public Mapping Read(JsonElement json)
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                problems.Add("$: a mapping is an object with `columns`");
                return Empty;
            }

            RefuseOthers(json, "$", parts);
            return new()
            {
                Columns = Object(json, "columns").ToImmutableDictionary(static column => column.Name, column => ReadTarget(column.Value, $"$.columns.{column.Name}"), StringComparer.Ordinal),
                Constants = [.. Object(json, "constants").Select(constant => (Field(constant.Name, $"$.constants.{constant.Name}"), constant.Value))],
                IgnoresOthers = Text(json, "$", "others") switch
                {
                    null or "keep" => false,
                    "ignore" => true,
                    var other => Problem("$.others", $"\"{other}\" is neither \"keep\" nor \"ignore\"", false),
                },
                Missing = Empty.Missing.Union(Texts(json, "missing")),
                Zone = Zone(json, "$"),
                Delimiter = Text(json, "$", "delimiter") switch
                {
                    null => null,
                    [var delimiter] when char.IsAscii(delimiter) => delimiter,
                    _ => Problem<char?>("$.delimiter", "a delimiter is one character, such as \";\" or \"\\t\"", null),
                },
            };
        }

        private Target ReadTarget(JsonElement json, string path)
        {
            switch (json.ValueKind)
            {
                case JsonValueKind.Null:
                    return new(Field: null);
                case JsonValueKind.String:
                    return new(Field(json.GetString()!, path));
                case JsonValueKind.Object:
                    RefuseOthers(json, path, targetParts);
                    return new(Text(json, path, "to") is { } to ? Field(to, path + ".to") : Problem(path + ".to", "the field it becomes is missing", ""), Type(json, path))
                    {
                        Format = Text(json, path, "format"),
                        Zone = Zone(json, path),
                        Separator = Text(json, path, "separator") is { Length: > 0 } separator ? separator : ",",
                    };
                default:
                    return Problem(path, "a column becomes a field (\"custom_data.plan\"), an object with `to`, or null to leave it out", new Target(Field: null));
            }
        }

        private string Field(string name, string path)
        {
            var fields = ImportFields.Of(kind);
            return fields.IsField(name) ? name : Problem(path, $"`{name}` is no field of {(kind == ImportKind.Contacts ? "a contact" : "an event")}; there are {fields.Described}", name);
        }

        private ColumnType? Type(JsonElement json, string path) => Text(json, path, "type") switch
        {
            null => null,
            "integer" => new(TraitKind.Number, IsList: false, IsWhole: true),
            "list<integer>" => new(TraitKind.Number, IsList: true, IsWhole: true),
            var name when TraitType.TryParse(name, out var type) => new(type.Kind, type.IsList, IsWhole: false),
            var name => Problem<ColumnType?>(path + ".type", $"\"{name}\" is no type; expected one of integer, {string.Join(", ", TraitType.Names)}", null),
        };

        private TimeZoneInfo? Zone(JsonElement json, string path) =>
            Text(json, path, "zone") is not { } name ? null
            : name.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
            : Problem<TimeZoneInfo?>(path + ".zone", $"\"{name}\" is no time zone; write an IANA name such as Europe/Paris", null);

        private string? Text(JsonElement json, string path, string field) =>
            !json.TryGetProperty(field, out var value) ? null
            : TraitSchema.TryText(value, out var text) ? text
            : Problem<string?>($"{path}.{field}", "expected text", null);

        private IEnumerable<JsonProperty> Object(JsonElement json, string field) =>
            !json.TryGetProperty(field, out var value) ? []
            : value.ValueKind == JsonValueKind.Object ? value.EnumerateObject()
            : Problem<IEnumerable<JsonProperty>>($"$.{field}", "expected an object", []);

        private IEnumerable<string> Texts(JsonElement json, string field) =>
            !json.TryGetProperty(field, out var value) ? []
            : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static each => each.ValueKind == JsonValueKind.String) ? value.EnumerateArray().Select(static each => each.GetString()!)
            : Problem<IEnumerable<string>>($"$.{field}", "expected a list of texts", []);

        private void RefuseOthers(JsonElement json, string path, string[] known) =>
            problems.AddRange(json.EnumerateObject().Where(field => !known.Contains(field.Name)).Select(field => $"{path}.{field.Name}: expected only {string.Join(", ", known)}"));

        private T Problem<T>(string path, string message, T instead)
        {
            problems.Add($"{path}: {message}");
            return instead;
        }
    }
}
