using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests;

/// <summary>Small things that tests are made of.</summary>
internal static class Some
{
    public static JsonElement Json(string json) => JsonElement.Parse(json);

    public static Instant At(string rfc3339) => Instant.TryParse(rfc3339, out var instant) ? instant : throw new FormatException(rfc3339);

    public static TimeZoneInfo Zone(string name) => TimeZoneInfo.FindSystemTimeZoneById(name);

    public static TraitSchema Schema(string json) =>
        TraitSchema.TryParse(Json(json), out var schema, out var problems) ? schema : throw new FormatException(string.Join(", ", problems));

    /// <summary>A contact of whom nothing is known but some custom data.</summary>
    public static Contact Contact(string data = "{}") => new() { CustomData = Json(data) };

    public static ContactEvent Event(string name, string at, string properties = "{}") => new(name, At(at), 0, Json(properties));

    /// <summary>A rule that is taken.</summary>
    public static CheckedRule Rule(string json, RuleContext context)
    {
        var check = RuleChecker.Check(json, context);
        return check.Rule ?? throw new FormatException($"{json} is refused: {string.Join("; ", check.Diagnostics)}");
    }
}

/// <summary>A contact with all that it did, in the order of arrival.</summary>
internal sealed record Person(Contact Contact, params ContactEvent[] Events);
