using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Storage.Schema;

namespace SegmentEngine.Storage;

/// <summary>A segment that is published, or paused, with the definition in force.</summary>
public sealed record PublishedSegment(StoredSegment Segment, StoredRevision Revision);

/// <summary>What would be left without a segment. Segments are found by any text of their draft or published definition that equals its id.</summary>
public sealed record SegmentUses(IReadOnlyList<StoredSegment> Segments, IReadOnlyList<StoredAction> Actions, IReadOnlyList<StoredInstruction> Instructions, IReadOnlyList<StoredDirectory> Directories, IReadOnlyList<UsingWebhook> Webhooks)
{
    public static readonly SegmentUses None = new([], [], [], [], []);

    public bool Any => Segments.Count + Actions.Count + Instructions.Count + Directories.Count + Webhooks.Count > 0;
}

/// <summary>A webhook that tells who enters and leaves a segment.</summary>
public sealed record UsingWebhook(Guid Id, string Url);

public sealed record SegmentPage(IReadOnlyList<StoredSegment> Segments, int Total);

/// <summary>Segments and their revisions. What a definition means is not known here.</summary>
public sealed class SegmentStore
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal SegmentStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    public StoredSegment? Find(WorkspaceId workspace, SegmentId id) => Read(workspace, segments => segments.FirstOrDefault(segment => segment.Id == id));

    /// <summary>By name, without regard to case.</summary>
    public StoredSegment? FindByName(WorkspaceId workspace, string name)
    {
        var key = NameKey(name);
        return Read(workspace, segments => segments.FirstOrDefault(segment => segment.NameKey == key));
    }

    public IReadOnlyList<StoredSegment> All(WorkspaceId workspace) => Read(workspace, segments => segments.OrderBy(segment => segment.Name).ThenBy(segment => segment.Id).ToList());

    /// <summary>Ordered by name, then id.</summary>
    public SegmentPage Page(WorkspaceId workspace, int skip, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            var segments = session.Management.Segments.Where(segment => segment.Workspace == number);
            return new SegmentPage(segments.OrderBy(segment => segment.Name).ThenBy(segment => segment.Id).Skip(skip).Take(limit).ToList(), segments.Count());
        });
    }

    /// <summary>All segments that are published or paused, with their definitions, in the order they were made. A recompute is due where the two revision numbers of the segment differ.</summary>
    public IReadOnlyList<PublishedSegment> Published(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Management.Segments.Where(segment => segment.Workspace == number && (segment.Status == SegmentStatus.Published || segment.Status == SegmentStatus.Paused))
            .Join(session.Management.Revisions, segment => new { Segment = segment.Number, Number = segment.PublishedRevision!.Value }, revision => new { revision.Segment, revision.Number }, (segment, revision) => new { segment, revision })
            .OrderBy(row => row.segment.Number)
            .AsEnumerable()
            .Select(row => new PublishedSegment(row.segment, row.revision))
            .ToList());
    }

    /// <summary>A text that is another as soon as any segment of the workspace is made, edited, published, paused, archived or deleted, though the clock stand still but for an edit of a name: cheap to ask, to be compared with an earlier answer.</summary>
    public string Version(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare(
                """
                select count(*), coalesce(sum(number), 0), coalesce(sum(published_revision), 0), coalesce(sum(status = 'published'), 0), coalesce(sum(updated_at % 1000000007), 0), coalesce(sum(has_lists), 0), coalesce(sum(emptied), 0), coalesce(sum(status = 'paused'), 0), coalesce(sum(computed_revision = 0), 0)
                from segments where workspace = ?1
                """).Set(1, number);
            _ = statement.Step();
            return string.Join('/', Enumerable.Range(0, 9).Select(statement.Integer));
        });
    }

    public IReadOnlyList<StoredRevision> Revisions(WorkspaceId workspace, SegmentId id)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Management.Segments.Where(segment => segment.Workspace == number && segment.Id == id)
            .Join(session.Management.Revisions, segment => segment.Number, revision => revision.Segment, (_, revision) => revision)
            .OrderBy(revision => revision.Number)
            .ToList());
    }

    public StoredRevision? Revision(WorkspaceId workspace, SegmentId id, int revision) => Revisions(workspace, id).FirstOrDefault(stored => stored.Number == revision);

    /// <exception cref="StoreConflictException">The name or the id is taken.</exception>
    public Task<Written<StoredSegment>> Create(
        WorkspaceId workspace, string name, string? description, string? draft, Instant now, SegmentId? id = null, IReadOnlyList<string>? tags = null, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        var segment = new StoredSegment
        {
            Workspace = number,
            Id = id ?? new(Guid.NewGuid()),
            Name = name,
            NameKey = NameKey(name),
            Description = description,
            Draft = draft,
            Tags = tags ?? [],
            CreatedAt = now,
            UpdatedAt = now,
        };
        return writer.Run(
            tx =>
            {
                if (tx.Management.Segments.Any(other => other.Workspace == number && other.Id == segment.Id))
                {
                    throw new StoreConflictException($"segment {segment.Id} exists already");
                }

                RefuseTakenName(tx.Management, segment);
                _ = tx.Management.Add(segment);
                _ = tx.Management.SaveChanges();
                tx.Management.ChangeTracker.Clear();
                return new Written<StoredSegment>(segment, tx.Revise(number));
            },
            cancel);
    }

    /// <summary>Changes name, description, tags or draft; the rest of what <paramref name="change"/> answers is not looked at. Null when there is no such segment.</summary>
    /// <exception cref="StoreConflictException">The name is taken.</exception>
    public Task<Written<StoredSegment>?> Edit(WorkspaceId workspace, SegmentId id, Func<StoredSegment, StoredSegment> change, Instant now, CancellationToken cancel = default) =>
        Change(
            workspace,
            id,
            (_, before) =>
            {
                var edited = change(before);
                return before with { Name = edited.Name, NameKey = NameKey(edited.Name), Description = edited.Description, Tags = edited.Tags, Draft = edited.Draft, UpdatedAt = now };
            },
            cancel);

    /// <summary>Makes the definition the one in force, as a new revision; a segment that was paused or archived is published again. Memberships stay as they are until a recompute is committed. Null when there is no such segment.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="id">Which.</param>
    /// <param name="definition">JSON.</param>
    /// <param name="author">The key of whoever publishes.</param>
    /// <param name="note">What they say of it.</param>
    /// <param name="now">When.</param>
    /// <param name="keepDraft">Whether the draft stays, since it is something else that is published.</param>
    /// <param name="cancel">Helps until its turn comes.</param>
    public async Task<Written<StoredRevision>?> Publish(
        WorkspaceId workspace, SegmentId id, string definition, string? author, string? note, Instant now, bool keepDraft = false, CancellationToken cancel = default)
    {
        StoredRevision? published = null;
        var written = await Change(
            workspace,
            id,
            (tx, before) =>
            {
                var last = tx.Management.Revisions.Where(revision => revision.Segment == before.Number).Max(revision => (int?)revision.Number) ?? 0;
                published = new() { Segment = before.Number, Number = last + 1, Definition = definition, Author = author, Note = note, PublishedAt = now };
                _ = tx.Management.Add(published);
                return before with { Status = SegmentStatus.Published, PublishedRevision = published.Number, Draft = keepDraft ? before.Draft : null, UpdatedAt = now };
            },
            cancel).ConfigureAwait(false);
        return written is { } segment ? new Written<StoredRevision>(published!, segment.Revision) : null;
    }

    /// <summary>Stops the evaluation of a published segment: its members stay as they are. Null when there is no such segment; one that is not published, or has no whole membership to keep, is left as it is.</summary>
    public Task<Written<StoredSegment>?> Pause(WorkspaceId workspace, SegmentId id, Instant now, CancellationToken cancel = default) =>
        Change(workspace, id, (_, before) => before is { Status: SegmentStatus.Published, HasWholeRows: true } ? before with { Status = SegmentStatus.Paused, EvaluatedAt = now, UpdatedAt = now } : before, cancel);

    /// <summary>Has a paused segment evaluated again. Null when there is no such segment; one that is not paused is left as it is.</summary>
    public Task<Written<StoredSegment>?> Resume(WorkspaceId workspace, SegmentId id, Instant now, CancellationToken cancel = default) =>
        Change(
            workspace,
            id,
            (_, before) => before.Status == SegmentStatus.Paused
                ? before with { Status = SegmentStatus.Published, ComputedRevision = before.ComputedRevision is null ? null : StoredSegment.RowsInWriting, UpdatedAt = now }
                : before,
            cancel);

    /// <summary>Puts a segment out of use: it has no members any more, and its revisions and history stay. Publishing brings it back. Null when there is no such segment. It asks nobody; <see cref="ArchiveUnused"/> does.</summary>
    public Task<Written<StoredSegment>?> Archive(WorkspaceId workspace, SegmentId id, Instant now, CancellationToken cancel = default) =>
        Change(workspace, id, (tx, before) => Archived(tx, before, now), cancel);

    /// <summary>Archives a segment, unless something uses it; then it answers with what does. Asked and done in one go with what others write.</summary>
    public async Task<(Written<StoredSegment>? Archived, SegmentUses Uses)> ArchiveUnused(WorkspaceId workspace, SegmentId id, Instant now, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        var uses = SegmentUses.None;
        var archived = await Change(
            workspace,
            id,
            (tx, before) => (uses = Uses(tx.Session, number, id)).Any ? null : Archived(tx, before, now),
            cancel).ConfigureAwait(false);
        return (archived, uses);
    }

    /// <summary>
    /// Removes a segment with its revisions, memberships, history and the restrictions that name it; what they restricted stays restricted. Answers with the revision; null when there is no such segment.
    /// It asks nobody; <see cref="DeleteUnused"/> does.
    /// </summary>
    public Task<long?> Delete(WorkspaceId workspace, SegmentId id, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(tx => Remove(tx, number, id), cancel);
    }

    /// <summary>
    /// Removes a segment as <see cref="Delete"/> does, unless something uses it; then it answers with what does. Asked and done in one go with what others write, so that nothing begins to use the segment in between.
    /// </summary>
    public Task<(long? Revision, SegmentUses Uses)> DeleteUnused(WorkspaceId workspace, SegmentId id, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                var uses = Uses(tx.Session, number, id);
                return (uses.Any ? null : Remove(tx, number, id), uses);
            },
            cancel);
    }

    public SegmentUses WhereUsed(WorkspaceId workspace, SegmentId id)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => Uses(session, number, id));
    }

    /// <summary>The segments whose draft or definition in force has a text.</summary>
    public IReadOnlyList<StoredSegment> Naming(WorkspaceId workspace, string text)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => Naming(session.Management, number, text, StringComparison.Ordinal));
    }

    internal static string NameKey(string name) => name.Normalize(NormalizationForm.FormC).ToUpperInvariant();

    private T Read<T>(WorkspaceId workspace, Func<IQueryable<StoredSegment>, T> query)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => query(session.Management.Segments.Where(segment => segment.Workspace == number)));
    }

    /// <summary>Null when there is no such segment, or where <paramref name="change"/> answers null; then nothing is written.</summary>
    private Task<Written<StoredSegment>?> Change(WorkspaceId workspace, SegmentId id, Func<WriteTransaction, StoredSegment, StoredSegment?> change, CancellationToken cancel)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                if (tx.Management.Segments.FirstOrDefault(segment => segment.Workspace == number && segment.Id == id) is not { } before || change(tx, before) is not { } after)
                {
                    return (Written<StoredSegment>?)null;
                }

                RefuseTakenName(tx.Management, after);
                _ = tx.Management.Update(after);
                _ = tx.Management.SaveChanges();
                tx.Management.ChangeTracker.Clear();
                return new Written<StoredSegment>(after, tx.Revise(number));
            },
            cancel);
    }

    private static StoredSegment Archived(WriteTransaction tx, StoredSegment before, Instant now)
    {
        var members = new List<long>();
        using (var rows = tx.Prepare("select contact_no from memberships where segment_no = ?1 order by contact_no").Set(1, before.Number))
        {
            while (rows.Step())
            {
                members.Add(rows.Integer(0));
            }
        }

        using var gone = tx.Prepare("delete from memberships where segment_no = ?1").Set(1, before.Number);
        _ = gone.Run();
        new MembershipChangeLog(tx, now, tx.Revise(before.Workspace)).Add(before.Number, MembershipCause.Rule, [], CollectionsMarshal.AsSpan(members));
        return before with { Status = SegmentStatus.Archived, ComputedRevision = null, Emptied = before.Emptied + 1, UpdatedAt = now };
    }

    private static SegmentUses Uses(SqlSession session, long workspace, SegmentId id)
    {
        var db = session.Management;
        var webhooks = new List<UsingWebhook>();
        using (var rows = session.Prepare("select webhooks.id, url from webhooks join segments on segments.number = segment_no where webhooks.workspace = ?1 and segments.id = ?2 order by webhooks.number")
            .Set(1, workspace).Set(2, id.ToString()))
        {
            while (rows.Step())
            {
                webhooks.Add(new(Guid.Parse(rows.Text(0)!), rows.Text(1)!));
            }
        }

        var items = db.Restrictions.Where(row => row.Workspace == workspace)
            .Join(db.Segments.Where(segment => segment.Id == id), row => row.Segment, segment => segment.Number, (row, _) => new { row.Kind, row.Item })
            .AsEnumerable()
            .ToLookup(row => row.Kind, row => row.Item);
        var (actions, instructions, directories) = (items[ItemKind.Action].ToList(), items[ItemKind.Instruction].ToList(), items[ItemKind.Directory].ToList());
        return new(
            Naming(db, workspace, id.ToString(), StringComparison.OrdinalIgnoreCase).FindAll(segment => segment.Id != id),
            db.Actions.Where(action => action.Workspace == workspace && actions.Contains(action.Id)).ToList(),
            db.Instructions.Where(instruction => instruction.Workspace == workspace && instructions.Contains(instruction.Id)).ToList(),
            db.Directories.Where(directory => directory.Workspace == workspace && directories.Contains(directory.Id)).ToList(),
            webhooks);
    }

    private static List<StoredSegment> Naming(SegmentDbContext db, long workspace, string text, StringComparison comparison)
    {
        var published = db.Segments.Where(segment => segment.Workspace == workspace && (segment.Status == SegmentStatus.Published || segment.Status == SegmentStatus.Paused))
            .Join(db.Revisions, segment => new { Segment = segment.Number, Number = segment.PublishedRevision!.Value }, revision => new { revision.Segment, revision.Number }, (_, revision) => revision)
            .ToDictionary(revision => revision.Segment, revision => revision.Definition);
        return db.Segments.Where(segment => segment.Workspace == workspace).OrderBy(segment => segment.Name).ThenBy(segment => segment.Id).ToList()
            .FindAll(segment => Has(text, comparison, segment.Draft) || Has(text, comparison, published.GetValueOrDefault(segment.Number)));
    }

    private static long? Remove(WriteTransaction tx, long workspace, SegmentId id)
    {
        if (tx.Management.Segments.FirstOrDefault(segment => segment.Workspace == workspace && segment.Id == id) is not { } segment)
        {
            return null;
        }

        if (segment.HasLists)
        {
            ListStore.Forget(tx, workspace, id);
        }

        string[] deletes =
        [
            "delete from memberships where segment_no = ?1",
            "delete from membership_changes where segment_no = ?1",
            "delete from membership_change_blocks where segment_no = ?1",
            "delete from segment_sizes where segment_no = ?1",
            "delete from outbox where segment_no = ?1",
            "delete from webhook_deliveries where webhook in (select number from webhooks where segment_no = ?1)",
            "delete from webhooks where segment_no = ?1",
            "delete from restrictions where segment = ?1",
            "delete from segment_revisions where segment = ?1",
            "delete from segments where number = ?1",
        ];
        foreach (var sql in deletes)
        {
            using var delete = tx.Prepare(sql).Set(1, segment.Number);
            _ = delete.Run();
        }

        return tx.Revise(workspace);
    }

    private static void RefuseTakenName(SegmentDbContext management, StoredSegment segment)
    {
        if (management.Segments.Any(other => other.Workspace == segment.Workspace && other.NameKey == segment.NameKey && other.Number != segment.Number))
        {
            throw new StoreConflictException($"a segment named '{segment.Name}' exists already");
        }
    }

    private static bool Has(string text, StringComparison comparison, string? definition)
    {
        if (definition is null)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(definition));
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String && string.Equals(reader.GetString(), text, comparison))
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // A draft need not be JSON yet; what was read so far names nothing.
        }

        return false;
    }
}
