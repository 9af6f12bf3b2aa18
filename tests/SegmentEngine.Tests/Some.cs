using System.Text.Json;

namespace SegmentEngine.Tests;

/// <summary>Small things that tests are made of.</summary>
internal static class Some
{
    public static JsonElement Json(string json) => JsonElement.Parse(json);
}
