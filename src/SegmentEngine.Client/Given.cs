using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>A field of a change that may be left out (its default, which changes nothing), given a value, or given null, which empties what is stored.</summary>
/// <typeparam name="T">What is stored.</typeparam>
/// <param name="Value">Null empties.</param>
public readonly record struct Given<T>(T? Value)
    where T : struct
{
    /// <summary>False for a field that is left out.</summary>
    public bool IsGiven { get; } = true;

    /// <summary>What is stored after the change.</summary>
    /// <param name="stored">What was before.</param>
    public T? Or(T? stored) => IsGiven ? Value : stored;
}

/// <summary>Null is a value here; a field that is left out never gets here.</summary>
internal sealed class GivenConverter<T> : JsonConverter<Given<T>>
    where T : struct
{
    public override bool HandleNull => true;

    public override Given<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.TokenType == JsonTokenType.Null ? null : Of(options).Read(ref reader, typeof(T), options));

    public override void Write(Utf8JsonWriter writer, Given<T> value, JsonSerializerOptions options)
    {
        if (value.Value is { } there)
        {
            Of(options).Write(writer, there, options);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static JsonConverter<T> Of(JsonSerializerOptions options) => (JsonConverter<T>)options.GetTypeInfo(typeof(T)).Converter;
}
