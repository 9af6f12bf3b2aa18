using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Cli.Importing;

/// <summary>How far an import has come: every line up to this one was answered by the server or refused. Kept beside the file until the import is done.</summary>
/// <param name="Server">Where to.</param>
/// <param name="Kind">What.</param>
/// <param name="Line">The last line that is done with.</param>
/// <param name="Fingerprint">Of the file up to that line.</param>
internal sealed record ImportState(string Server, ImportKind Kind, long Line, string Fingerprint)
{
    private const string Ending = ".segment-import";

    public static string PathFor(string file) => file + Ending;

    /// <summary>Null where no import of this file was broken off.</summary>
    public static ImportState? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ImportStateJson.Default.ImportState) : null;
        }
        catch (JsonException)
        {
            throw new RefusedException($"'{path}' does not say how far the import came; remove it and import from the start");
        }
    }

    public void Write(string path)
    {
        // In one step, so that a crash leaves the state of before or the new one.
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, ImportStateJson.Default.ImportState));
        File.Move(path + ".new", path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ImportState))]
internal sealed partial class ImportStateJson : JsonSerializerContext;
