using System.Text.Json;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Tests.Support;

/// <summary>Inputs that show only what matters.</summary>
public static class Some
{
    public const string ProRule = """{"or":[{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"}]}]}""";
    public const string EveryoneRule = """{"or":[{"and":[{"type":"all_contacts"}]}]}""";

    private static int names;

    public static string Name(string about = "thing") => $"{about} {Interlocked.Increment(ref names)}";

    public static ContactInput Contact(string? plan = null, string? externalId = null) => new()
    {
        ExternalId = externalId ?? Name("user"),
        CustomData = plan is null ? null : Json($$"""{"plan":"{{plan}}"}"""),
    };

    public static EventMessage Event(string user, string name = "order", string? messageId = null) => new() { UserId = user, Event = name, MessageId = messageId };

    public static string RuleOn(Guid segment) => $$"""{"or":[{"and":[{"type":"segment","segment_id":"{{segment}}","op":"in"}]}]}""";

    public static JsonElement Json(string json) => JsonElement.Parse(json);
}
