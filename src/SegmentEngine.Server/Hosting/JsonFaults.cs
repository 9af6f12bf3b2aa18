using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

/// <summary>Says what the JSON reader found wrong in the caller's words: where, and without a type name of ours.</summary>
public static partial class JsonFaults
{
    public const string TooDeep = "too_deep";
    private const int EscapeLength = 6;

    /// <summary>What is wrong with a text that is no JSON, or more of it than is taken.</summary>
    public static Diagnostic Malformed(JsonException fault, ReadOnlySpan<byte> json, int depthMax)
    {
        if (Named().Match(fault.Message) is { Success: true } twice)
        {
            return Fault("$", "duplicate_field", $"the field \"{twice.Groups["name"].Value}\" comes twice");
        }

        return IsTooDeep(json, depthMax)
            ? Fault("$", TooDeep, $"nested more than {depthMax} deep")
            : Fault("$", "malformed", $"this is not JSON: line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}");
    }

    /// <summary>What is wrong with JSON that is not the record it should be.</summary>
    public static IReadOnlyList<Diagnostic> Unfit(JsonException fault)
    {
        var path = fault.Path ?? "$";
        var message = fault.Message;
        if (Named().Match(message) is { Success: true } named)
        {
            // The message names the field as the record does; the path, which ends at it, as the caller does.
            return named.Groups["what"].Value == "The JSON property"
                ? [Fault(Child(path, named.Groups["name"].Value), "unknown_field", $"unknown field \"{named.Groups["name"].Value}\"")]
                : [Fault(path, "wrong_type", $"\"{path[(path.LastIndexOf('.') + 1)..]}\" must not be null")];
        }

        if (message.IndexOf("missing required properties including: ", StringComparison.Ordinal) is var at and >= 0)
        {
            return [.. Quoted().Matches(message[at..]).Select(name => Fault(Child(path, name.Groups[1].Value), "required", $"\"{name.Groups[1].Value}\" is required"))];
        }

        return Conversion().Match(message) is { Success: true } conversion
            ? [Fault(path, "wrong_type", $"expected {Expected(conversion.Groups["type"].Value, fault.InnerException?.Message ?? "")}")]
            : [Fault(path, "wrong_value", message.Split(" Path: $")[0])];
    }

    public static Diagnostic HalfPair(string path) => Fault(path, "malformed", "a text holds half a surrogate pair, such as one half of an emoji; that is no text");

    /// <summary>Whether an escape in some text names half of a character: a surrogate without its other half.</summary>
    public static bool HasHalfPair(ReadOnlySpan<byte> json)
    {
        for (var at = 0; json[at..].IndexOf((byte)'\\') is var next and >= 0;)
        {
            at += next;
            var unit = Unit(json[at..]);
            if (char.IsHighSurrogate(unit) && char.IsLowSurrogate(Unit(json[(at + EscapeLength)..])))
            {
                at += 2 * EscapeLength;
            }
            else if (char.IsSurrogate(unit))
            {
                return true;
            }
            else
            {
                // Two bytes are the shortest escape; what is left of a longer one holds no backslash.
                at += 2;
            }
        }

        return false;
    }

    /// <summary>The UTF-16 unit that an escape such as <c>\ud83d</c> at the start names; zero where there is none.</summary>
    private static char Unit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[0] == '\\' && json[1] == 'u' && ushort.TryParse(json[2..EscapeLength], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\0';

    private static Diagnostic Fault(string path, string code, string message) => new() { Path = path, Code = code, Message = message };

    /// <summary>The reader's path ends at the object or at the field itself, depending on what is wrong.</summary>
    private static string Child(string path, string name) =>
        path.EndsWith("." + name, StringComparison.Ordinal) || path.EndsWith($"['{name}']", StringComparison.Ordinal) ? path : $"{path}.{name}";

    private static bool IsTooDeep(ReadOnlySpan<byte> json, int depthMax)
    {
        var (depth, inText) = (0, false);
        for (var i = 0; i < json.Length; i++)
        {
            switch (json[i])
            {
                case (byte)'\\' when inText:
                    i++;
                    break;
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'[' or (byte)'{' when !inText:
                    if (++depth > depthMax)
                    {
                        return true;
                    }

                    break;
                case (byte)']' or (byte)'}' when !inText:
                    depth--;
                    break;
                default:
                    break;
            }
        }

        return false;
    }

    /// <param name="type">What was to be made; where it is a record with a field of another type, the field's is not named.</param>
    /// <param name="reason">What the reader of the value itself said.</param>
    private static string Expected(string type, string reason) => type switch
    {
        "System.String" => "text",
        "System.Boolean" => "true or false",
        "System.Guid" => "a UUID",
        "System.Int32" or "System.Int64" => "a whole number",
        _ when type.StartsWith("System.Nullable`1[", StringComparison.Ordinal) => Expected(type[18..^1], reason),
        _ when type.Contains("List", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) => "a list",
        _ when reason.EndsWith("as a string.", StringComparison.Ordinal) => "text",
        _ when reason.EndsWith("as a boolean.", StringComparison.Ordinal) => "true or false",
        _ when reason.EndsWith("as a number.", StringComparison.Ordinal) || reason.Contains(" Int", StringComparison.Ordinal) => "a whole number",
        _ when reason.Contains("Guid", StringComparison.Ordinal) => "a UUID",
        _ => "an object",
    };

    [GeneratedRegex("""^(?<what>The JSON property|Duplicate property|The property or field|The constructor parameter) '(?<name>[^']*)'""")]
    private static partial Regex Named();

    [GeneratedRegex("""'([^']*)'""")]
    private static partial Regex Quoted();

    [GeneratedRegex("""could not be converted to (?<type>\S+)\. Path""")]
    private static partial Regex Conversion();
}
