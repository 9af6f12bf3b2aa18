using System.Text.Json;

namespace SegmentEngine.Importing;

/// <summary>Why a text is no JSON: the parser's first sentence, and where it stopped, counted from 1 as editors do.</summary>
internal static class Malformed
{
    public static string Sentence(JsonException malformed) =>
        malformed.Message.Split(" LineNumber:")[0].Split(". ")[0].TrimEnd('.') + (malformed is { LineNumber: { } line, BytePositionInLine: { } at } ? $", at line {line + 1}, byte {at + 1}" : "");
}
