using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.CodeAnalysis.Text;

namespace SegmentEngine.Scripting;

/// <summary>A part of a rule's JSON while it is made, with its place in the text.</summary>
internal abstract class Draft(TextSpan span)
{
    public TextSpan Span { get; } = span;

    /// <summary>The JSON, and the place of each path in it.</summary>
    public string ToJson(out IReadOnlyDictionary<string, (TextSpan Span, bool IsBroken)> places)
    {
        var found = new Dictionary<string, (TextSpan, bool)>(StringComparer.Ordinal);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = int.MaxValue }))
        {
            Write(writer, "$", found);
        }

        places = found;
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    protected virtual void Write(Utf8JsonWriter writer, string path, Dictionary<string, (TextSpan Span, bool IsBroken)> places) => places[path] = (Span, this is Broken);

    /// <summary>Any value, as JSON.</summary>
    public sealed class Raw(TextSpan span, string json) : Draft(span)
    {
        protected override void Write(Utf8JsonWriter writer, string path, Dictionary<string, (TextSpan Span, bool IsBroken)> places)
        {
            base.Write(writer, path, places);
            writer.WriteRawValue(json);
        }
    }

    public sealed class Text(TextSpan span, string text) : Draft(span)
    {
        protected override void Write(Utf8JsonWriter writer, string path, Dictionary<string, (TextSpan Span, bool IsBroken)> places)
        {
            base.Write(writer, path, places);
            writer.WriteStringValue(text);
        }
    }

    /// <summary>Stands where a fault was found.</summary>
    public sealed class Broken(TextSpan span) : Draft(span)
    {
        protected override void Write(Utf8JsonWriter writer, string path, Dictionary<string, (TextSpan Span, bool IsBroken)> places)
        {
            base.Write(writer, path, places);
            writer.WriteNullValue();
        }
    }

    public sealed class List(TextSpan span, IEnumerable<Draft> items) : Draft(span)
    {
        private readonly List<Draft> items = [.. items];

        protected override void Write(Utf8JsonWriter writer, string path, Dictionary<string, (TextSpan Span, bool IsBroken)> places)
        {
            base.Write(writer, path, places);
            writer.WriteStartArray();
            for (var i = 0; i < items.Count; i++)
            {
                items[i].Write(writer, $"{path}[{i}]", places);
            }

            writer.WriteEndArray();
        }
    }

    public sealed class Fields(TextSpan span) : Draft(span)
    {
        private readonly List<(string Name, Draft Value)> fields = [];

        public bool IsEmpty => fields.Count == 0;

        public bool Has(string name) => fields.Exists(field => field.Name == name);

        public Fields With(string name, Draft value)
        {
            fields.Add((name, value));
            return this;
        }

        public Fields With(string name, string text, TextSpan at) => With(name, new Text(at, text));

        public Fields With(Fields others, string? except = null)
        {
            fields.AddRange(others.fields.Where(field => field.Name != except));
            return this;
        }

        protected override void Write(Utf8JsonWriter writer, string path, Dictionary<string, (TextSpan Span, bool IsBroken)> places)
        {
            base.Write(writer, path, places);
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                writer.WritePropertyName(name);
                value.Write(writer, $"{path}.{name}", places);
            }

            writer.WriteEndObject();
        }
    }
}
