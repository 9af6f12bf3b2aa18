using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Contacts;

/// <summary>The list in the body of a batch.</summary>
public static class BatchItems
{
    /// <summary>Null where the list can be taken; otherwise why not.</summary>
    /// <param name="onlyThis">Whether other fields beside the list are refused.</param>
    public static Refusal? In(JsonElement body, string name, bool onlyThis, out IReadOnlyList<JsonElement> items)
    {
        items = [];
        if (body.ValueKind != JsonValueKind.Object)
        {
            return Refusal.BadRequest("$", "wrong_type", "expected an object");
        }

        if (onlyThis && body.EnumerateObject().Where(property => property.Name != name).ToList() is [var unknown, ..])
        {
            return Refusal.BadRequest($"$.{unknown.Name}", "unknown_field", $"unknown field \"{unknown.Name}\"");
        }

        if (!body.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return Refusal.BadRequest($"$.{name}", "required", $"\"{name}\" must be a list");
        }

        var count = list.GetArrayLength();
        if (count is 0 or > RequestLimits.BatchItemsMax)
        {
            return Refusal.BadRequest($"$.{name}", "wrong_count", $"there are {count} items; 1 to {RequestLimits.BatchItemsMax} can be sent at once");
        }

        items = [.. list.EnumerateArray()];
        return null;
    }
}

/// <summary>A batch on its way in: what was taken is stored together, what was refused is reported with its place. Where nothing can be stored, the whole is refused.</summary>
public sealed class Intake
{
    private readonly List<(IngestItem Item, int Index, string Path)> taken = [];
    private readonly List<RefusedItem> refused = [];

    public void Take(IngestItem item, int index, string path) => taken.Add((item, index, path));

    public void Refuse(int index, IReadOnlyList<Diagnostic> faults) => refused.AddRange(faults.Select(fault => Refused(index, fault.Path, fault.Code, fault.Message)));

    public async Task<Results<Ok<BatchAccepted>, Refusal>> Store(WorkspaceId workspace, SegmentDatabase database, WorkspaceEngines engine, Instant now, CancellationToken cancel)
    {
        var (accepted, duplicates, revision) = (0, 0, 0L);
        if (taken.Count > 0)
        {
            var receipt = await database.Ingest.Write(workspace, [.. taken.Select(static each => each.Item)], now, createContacts: true, cancel);
            foreach (var (result, (_, index, path)) in receipt.Results.Zip(taken))
            {
                switch (result.Outcome)
                {
                    case IngestOutcome.Duplicate:
                        duplicates++;
                        break;
                    case IngestOutcome.Refused:
                        refused.Add(Refused(index, path, "conflict", result.Reason ?? "refused"));
                        break;
                    default:
                        accepted++;
                        break;
                }
            }

            revision = receipt.Revision;
        }

        ServerMetrics.Ingested("accepted", accepted);
        ServerMetrics.Ingested("duplicate", duplicates);
        ServerMetrics.Ingested("refused", refused.Count);
        if (accepted + duplicates == 0)
        {
            return Refusal.BadRequest([.. refused.OrderBy(static each => each.Index).Select(static each => new Diagnostic { Path = each.Path, Code = each.Code, Message = each.Message })]);
        }

        if (accepted > 0)
        {
            engine.ContactsChanged(workspace);
        }

        return TypedResults.Ok(new BatchAccepted { Accepted = accepted, Duplicates = duplicates, Refused = [.. refused.OrderBy(static each => each.Index)], Revision = revision });
    }

    private static RefusedItem Refused(int index, string path, string code, string message) => new() { Index = index, Path = path, Code = code, Message = message };
}
