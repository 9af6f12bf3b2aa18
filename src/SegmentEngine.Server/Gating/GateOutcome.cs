using System.Buffers;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>
/// What a message may use and what not, all from one snapshot. Its JSON is that of <see cref="GateAnswer"/>, put together from items that are in JSON already: to write two hundred of them anew for each message costs many times what deciding on them does.
/// </summary>
public sealed record GateOutcome : IResult, IEndpointMetadataProvider
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>More than this a thread does not keep.</summary>
    private const int ScratchBytesMax = 1 << 20;

    private static readonly JsonEncodedText
        actions = JsonEncodedText.Encode("actions"), instructions = JsonEncodedText.Encode("instructions"), withheld = JsonEncodedText.Encode("withheld"),
        segments = JsonEncodedText.Encode("segments"), contact = JsonEncodedText.Encode("contact"), revision = JsonEncodedText.Encode("revision"),
        evaluatedAt = JsonEncodedText.Encode("evaluated_at"), stale = JsonEncodedText.Encode("stale"), judgedAtOnce = JsonEncodedText.Encode("judged_at_once");

    /// <summary>What a thread writes answers into before they go out in one piece, with their length.</summary>
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) scratch;

    public required IReadOnlyList<Gated<StoredAction>> Actions { get; init; }
    public required IReadOnlyList<Gated<StoredInstruction>> Instructions { get; init; }
    public required IReadOnlyList<WithheldPiece> Withheld { get; init; }

    /// <summary>Those the contact is in.</summary>
    public required IReadOnlyList<SegmentState> Segments { get; init; }

    /// <summary>What became of the contact that the question brought along.</summary>
    public ContactSaved? Contact { get; init; }
    public required long Revision { get; init; }
    public required Instant? EvaluatedAt { get; init; }
    public required bool IsStale { get; init; }
    public required bool IsJudgedAtOnce { get; init; }

    public GateAnswer Show() => new()
    {
        Actions = [.. Actions.Select(static action => ActionEndpoints.Show(action.Item))],
        Instructions = [.. Instructions.Select(static instruction => InstructionEndpoints.Show(instruction.Item))],
        Withheld = [.. Withheld.Select(static piece => piece.Item)],
        Segments = [.. Segments.Select(static segment => segment.Id.Value)],
        Contact = Contact,
        Revision = Revision,
        EvaluatedAt = EvaluatedAt?.ToDateTimeOffset(),
        Stale = IsStale,
        JudgedAtOnce = IsJudgedAtOnce,
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var (buffer, writer) = scratch.Buffer is null ? scratch = (new(1 << 16), new(Stream.Null)) : scratch;
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        WriteTo(writer);
        writer.Flush();
        var response = httpContext.Response;
        response.ContentType = Json;
        response.ContentLength = buffer.WrittenCount;

        // Copied before anything is awaited: the next answer of this thread may use the buffer.
        response.BodyWriter.Write(buffer.WrittenSpan);
        if (buffer.Capacity > ScratchBytesMax)
        {
            scratch = default;
        }

        return response.BodyWriter.FlushAsync(httpContext.RequestAborted).AsTask();
    }

#pragma warning disable CA1000, CA1822 // The framework finds it on the result's own type.
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(GateAnswer), ["application/json"]));

#pragma warning restore CA1000, CA1822

    private void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray(actions);
        foreach (var action in Actions)
        {
            json.WriteRawValue(action.Json.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteStartArray(instructions);
        foreach (var instruction in Instructions)
        {
            json.WriteRawValue(instruction.Json.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteStartArray(withheld);
        foreach (var piece in Withheld)
        {
            json.WriteRawValue(piece.Json.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteStartArray(segments);
        foreach (var segment in Segments)
        {
            json.WriteStringValue(segment.Id.Value);
        }

        json.WriteEndArray();
        if (Contact is not null)
        {
            json.WritePropertyName(contact);
            JsonSerializer.Serialize(json, Contact, WireJson.Default.ContactSaved);
        }

        json.WriteNumber(revision, Revision);
        json.WritePropertyName(evaluatedAt);
        if (EvaluatedAt is { } at)
        {
            JsonSerializer.Serialize(json, at.ToDateTimeOffset(), WireJson.Default.DateTimeOffset);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteBoolean(stale, IsStale);
        if (IsJudgedAtOnce)
        {
            json.WriteBoolean(judgedAtOnce, value: true);
        }

        json.WriteEndObject();
    }
}
