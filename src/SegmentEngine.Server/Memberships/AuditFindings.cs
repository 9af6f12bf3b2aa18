using System.Collections.Concurrent;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Memberships;

/// <summary>What the audit found in each workspace since the server started.</summary>
public sealed class AuditFindings
{
    private const int LatestMax = 20;

    private readonly ConcurrentDictionary<WorkspaceId, Findings> workspaces = [];

    /// <summary>Of every workspace.</summary>
    public IEnumerable<SelfAudit> All => workspaces.Keys.Select(Of);

    public SelfAudit Of(WorkspaceId workspace)
    {
        var found = Found(workspace);
        lock (found)
        {
            return new() { Judged = found.Judged, Mismatches = found.Mismatches, Latest = [.. found.Latest] };
        }
    }

    public void Judged(WorkspaceId workspace, int pairs)
    {
        var found = Found(workspace);
        lock (found)
        {
            found.Judged += pairs;
        }
    }

    public void Mismatch(WorkspaceId workspace, MembershipMismatch mismatch)
    {
        var found = Found(workspace);
        lock (found)
        {
            found.Mismatches++;
            found.Latest.Insert(0, mismatch);
            found.Latest.RemoveRange(Math.Min(found.Latest.Count, LatestMax), Math.Max(0, found.Latest.Count - LatestMax));
        }
    }

    private Findings Found(WorkspaceId workspace) => workspaces.GetOrAdd(workspace, static _ => new());

    private sealed class Findings
    {
        public long Judged { get; set; }
        public long Mismatches { get; set; }
        public List<MembershipMismatch> Latest { get; } = [];
    }
}
