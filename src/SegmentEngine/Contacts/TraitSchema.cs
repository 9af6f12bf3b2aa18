using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SegmentEngine.Contacts;

/// <summary>
/// What a workspace declares of its traits and of its events' properties, and how a JSON value becomes a typed one.
/// What is not declared takes, value by value, the kind of its JSON value. Built-in traits have their own types, whatever a schema says.
/// </summary>
public sealed class TraitSchema
{
    public static readonly TraitSchema Empty = new(new Dictionary<TraitPath, TraitType>(), new Dictionary<string, IReadOnlyDictionary<TraitPath, TraitType>>());

    private readonly FrozenDictionary<TraitPath, TraitType> traits;
    private readonly FrozenDictionary<string, FrozenDictionary<TraitPath, TraitType>> events;

    public TraitSchema(IReadOnlyDictionary<TraitPath, TraitType> traits, IReadOnlyDictionary<string, IReadOnlyDictionary<TraitPath, TraitType>> events)
    {
        this.traits = traits.Where(static trait => trait.Key.BuiltIn is null).ToFrozenDictionary();
        this.events = events.ToFrozenDictionary(static e => e.Key, static e => e.Value.ToFrozenDictionary(), StringComparer.Ordinal);
    }

    /// <summary>The declared traits of the custom data, by path.</summary>
    public IReadOnlyDictionary<TraitPath, TraitType> Traits => traits;

    /// <summary>The names of the declared events.</summary>
    public IEnumerable<string> Events => events.Keys;

    /// <summary>The declared properties of one event; empty for an event nobody declared.</summary>
    public IReadOnlyDictionary<TraitPath, TraitType> Properties(string eventName) =>
        events.TryGetValue(eventName, out var properties) ? properties : FrozenDictionary<TraitPath, TraitType>.Empty;

    /// <summary>The declared type of a trait, or null.</summary>
    public TraitType? TypeOf(TraitPath trait) => trait.BuiltIn switch
    {
        BuiltInTrait.CreatedAt or BuiltInTrait.UpdatedAt or BuiltInTrait.LastSeenAt => new(TraitKind.DateTime),
        not null => new(TraitKind.Text),
        null => traits.TryGetValue(trait, out var type) ? type : null,
    };

    /// <summary>The declared type of an event's property, or null.</summary>
    public TraitType? TypeOf(string eventName, TraitPath property) =>
        Properties(eventName).TryGetValue(property, out var type) ? type : null;

    /// <summary>Reads <c>{"traits": {"plan": "string", …}, "events": {"order": {"value": "number"}}}</c>; every problem is reported with its JSON path.</summary>
    public static bool TryParse(JsonElement json, out TraitSchema schema, out ImmutableArray<(string Path, string Message)> problems)
    {
        var found = ImmutableArray.CreateBuilder<(string, string)>();
        var traits = new Dictionary<TraitPath, TraitType>();
        var events = new Dictionary<string, IReadOnlyDictionary<TraitPath, TraitType>>(StringComparer.Ordinal);
        if (json.ValueKind != JsonValueKind.Object)
        {
            found.Add(("$", "a schema is a JSON object with \"traits\" and \"events\""));
        }
        else
        {
            try
            {
                ReadParts(json, traits, events, found);
            }
            catch (Exception refused) when (refused is InvalidOperationException or ArgumentException)
            {
                found.Add(("$", "a name holds half a surrogate pair, or U+FFFE, which is no text"));
            }
        }

        problems = found.DrainToImmutable();
        schema = problems.IsEmpty ? new(traits, events) : Empty;
        return problems.IsEmpty;
    }

    public override string ToString()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            WriteTypes(writer, "traits", traits);
            writer.WriteStartObject("events");
            foreach (var (name, properties) in events.OrderBy(static e => e.Key, StringComparer.Ordinal))
            {
                WriteTypes(writer, name, properties);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>A contact's value of a trait, typed; null where it is missing. <paramref name="any"/> falls back to the data that is not verified where the verified value is not usable.</summary>
    public static TraitValue? Read(Contact contact, TraitPath trait, TraitType? type, bool any)
    {
        switch (trait.BuiltIn)
        {
            case BuiltInTrait.Id: return Text(contact.Id?.ToString());
            case BuiltInTrait.ExternalId: return Text(contact.ExternalId);
            case BuiltInTrait.Email: return Text(contact.Email);
            case BuiltInTrait.PhoneNumber: return Text(contact.PhoneNumber);
            case BuiltInTrait.Name: return Text(contact.Name);
            case BuiltInTrait.CreatedAt: return Moment(contact.CreatedAt);
            case BuiltInTrait.UpdatedAt: return Moment(contact.UpdatedAt);
            case BuiltInTrait.LastSeenAt: return Moment(contact.LastSeenAt);
            default:
                var verified = trait.Find(contact.CustomData) is { } value ? Convert(value, type) : null;
                return verified is null && any && trait.Find(contact.NonVerifiedCustomData) is { } other ? Convert(other, type) : verified;
        }
    }

    /// <summary>An event's value of a property, typed; null where it is missing.</summary>
    public static TraitValue? Read(JsonElement properties, TraitPath property, TraitType? type) =>
        property.Find(properties) is { } value ? Convert(value, type) : null;

    /// <summary>A JSON value read as a declared type, or as what it is when nothing is declared; null when it is missing or does not convert.</summary>
    public static TraitValue? Convert(JsonElement value, TraitType? type)
    {
        if (type is not { } declared)
        {
            return AsItIs(value);
        }

        if (!declared.IsList)
        {
            return Scalar(value, declared.Kind);
        }

        return value.ValueKind == JsonValueKind.Array ? new TraitValue.List([.. value.EnumerateArray().Select(element => Scalar(element, declared.Kind))]) : null;
    }

    /// <summary>The text of a JSON string in normalisation form C; false for text that holds half a surrogate pair.</summary>
    public static bool TryText(JsonElement value, out string text)
    {
        text = "";
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = Normalized(value.GetString()!);
            return true;
        }
        catch (Exception refused) when (refused is InvalidOperationException or ArgumentException)
        {
            // Half a surrogate pair has no normal form, and is no text.
            return false;
        }
    }

    private static string Normalized(string text) => Ascii.IsValid(text) || text.IsNormalized(NormalizationForm.FormC) ? text : text.Normalize(NormalizationForm.FormC);

    private static TraitValue? AsItIs(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TryText(value, out var text) ? new TraitValue.Text(text) : null,
        JsonValueKind.Number => Numeric.TryParse(value.GetRawText(), out var number) ? new TraitValue.Number(number) : null,
        JsonValueKind.True or JsonValueKind.False => new TraitValue.Flag(value.ValueKind == JsonValueKind.True),
        JsonValueKind.Array => new TraitValue.List([.. value.EnumerateArray().Select(static element => element.ValueKind == JsonValueKind.Array ? TraitValue.Composite.Instance : AsItIs(element))]),
        JsonValueKind.Object => TraitValue.Composite.Instance,
        _ => null,
    };

    private static TraitValue? Scalar(JsonElement value, TraitKind kind) => kind switch
    {
        TraitKind.Text => value.ValueKind switch
        {
            JsonValueKind.String => TryText(value, out var text) ? new TraitValue.Text(text) : null,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => new TraitValue.Text(value.GetRawText()),
            _ => null,
        },
        TraitKind.Number => NumberText(value) is { } digits && Numeric.TryParse(digits, out var number) ? new TraitValue.Number(number) : null,
        TraitKind.Boolean => value.ValueKind switch
        {
            JsonValueKind.True => new TraitValue.Flag(true),
            JsonValueKind.False => new TraitValue.Flag(false),
            JsonValueKind.String => TryText(value, out var word) ? Flag(word.Trim(' ', '\t', '\n', '\v', '\f', '\r')) : null,
            _ => null,
        },
        TraitKind.Date => TryText(value, out var day) && TryDay(day, out var date) ? new TraitValue.Day(date) : null,
        TraitKind.DateTime => TryInstant(value, out var instant) ? new TraitValue.Moment(instant) : null,
        TraitKind.Version => TryText(value, out var parts) && SemanticVersion.TryParse(parts, out var version) ? new TraitValue.Version(version) : null,
        _ => throw new InvalidOperationException($"no conversion to the trait kind {kind}"),
    };

    private static string? NumberText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.String when TryText(value, out var text) => text,
        _ => null,
    };

    private static TraitValue.Flag? Flag(string word) =>
        word.Equals("true", StringComparison.OrdinalIgnoreCase) ? new(true) : word.Equals("false", StringComparison.OrdinalIgnoreCase) ? new(false) : null;

    /// <summary>Exactly <c>YYYY-MM-DD</c>, a real day of the years 1 to 9999.</summary>
    public static bool TryDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    /// <summary>RFC 3339 with an offset, or epoch milliseconds as a whole JSON number.</summary>
    public static bool TryInstant(JsonElement value, out Instant instant)
    {
        instant = default;
        return value.ValueKind switch
        {
            JsonValueKind.String => TryText(value, out var text) && Instant.TryParse(text, out instant),
            JsonValueKind.Number => Numeric.TryParse(value.GetRawText(), out var number) && number.IsExact && decimal.IsInteger(number.Exact)
                && number.Exact is >= long.MinValue and <= long.MaxValue && Instant.TryFromEpochMs((long)number.Exact, out instant),
            _ => false,
        };
    }

    private static TraitValue.Text? Text(string? text)
    {
        try
        {
            return text is null ? null : new(Normalized(text));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static TraitValue.Moment? Moment(Instant? instant) => instant is { } at ? new(at) : null;

    private static void ReadParts(JsonElement json, Dictionary<TraitPath, TraitType> traits, Dictionary<string, IReadOnlyDictionary<TraitPath, TraitType>> events, ImmutableArray<(string, string)>.Builder problems)
    {
        foreach (var part in json.EnumerateObject())
        {
            if (part.Value.ValueKind != JsonValueKind.Object || part.Name is not ("traits" or "events"))
            {
                problems.Add(($"$.{part.Name}", "expected only \"traits\" and \"events\", each an object"));
            }
            else if (part.Name == "traits")
            {
                ReadTypes(part.Value, "$.traits", TraitPath.Of, traits, problems);
            }
            else
            {
                ReadEvents(part.Value, events, problems);
            }
        }
    }

    private static void ReadEvents(JsonElement json, Dictionary<string, IReadOnlyDictionary<TraitPath, TraitType>> events, ImmutableArray<(string, string)>.Builder problems)
    {
        foreach (var declared in json.EnumerateObject())
        {
            var path = $"$.events.{declared.Name}";
            var properties = new Dictionary<TraitPath, TraitType>();
            if (declared.Value.ValueKind != JsonValueKind.Object)
            {
                problems.Add((path, "expected an object of property names and types"));
            }
            else
            {
                ReadTypes(declared.Value, path, TraitPath.OfProperty, properties, problems);
            }

            events[Normalized(declared.Name)] = properties;
        }
    }

    private static void ReadTypes(JsonElement json, string path, Func<string, TraitPath> nameOf, Dictionary<TraitPath, TraitType> types, ImmutableArray<(string, string)>.Builder problems)
    {
        foreach (var declared in json.EnumerateObject())
        {
            if (declared.Value.ValueKind == JsonValueKind.String && TraitType.TryParse(declared.Value.GetString(), out var type))
            {
                types[nameOf(declared.Name)] = type;
            }
            else
            {
                problems.Add(($"{path}.{declared.Name}", $"{declared.Value.GetRawText()} is no type; expected one of {string.Join(", ", TraitType.Names)}"));
            }
        }
    }

    private static void WriteTypes(Utf8JsonWriter writer, string name, IReadOnlyDictionary<TraitPath, TraitType> types)
    {
        writer.WriteStartObject(name);
        foreach (var (path, type) in types.OrderBy(static type => type.Key.ToString(), StringComparer.Ordinal))
        {
            writer.WriteString(path.ToString(), type.ToString());
        }

        writer.WriteEndObject();
    }
}
