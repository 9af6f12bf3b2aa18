using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>Whom to tell when contacts enter and leave.</summary>
/// <param name="Number">Never used again.</param>
/// <param name="Id">What callers know it by.</param>
/// <param name="Url">Where to.</param>
/// <param name="Segment">Of which segment; null for every segment of the workspace.</param>
/// <param name="Secret">What deliveries are signed with. It has to be known, so it is kept as it is.</param>
/// <param name="IsActive">Whether entering and leaving is noted for it, and told.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Waiting">How much waits to be told.</param>
/// <param name="Dead">How much was given up, and can be told again when that is asked for.</param>
public sealed record StoredWebhook(long Number, Guid Id, string Url, SegmentId? Segment, string Secret, bool IsActive, Instant CreatedAt, long Waiting, long Dead);

/// <summary>A contact entered or left a segment, to be told to one webhook.</summary>
/// <param name="Sequence">Only grows, in the order in which it happened; a gap means nothing.</param>
/// <param name="Segment">Which segment.</param>
/// <param name="Contact">Which contact.</param>
/// <param name="ExternalId">What its own system calls it.</param>
/// <param name="Entered">Whether it entered; it left otherwise.</param>
/// <param name="At">When.</param>
/// <param name="Cause">Why.</param>
/// <param name="Revision">The workspace's revision that this follows from.</param>
public sealed record OutboxEvent(long Sequence, SegmentId Segment, ContactId Contact, string? ExternalId, bool Entered, Instant At, string Cause, long Revision);

/// <summary>One try to deliver.</summary>
/// <param name="Number">Only grows.</param>
/// <param name="At">When it began.</param>
/// <param name="FirstSequence">Of the events that were sent.</param>
/// <param name="LastSequence">Of the events that were sent.</param>
/// <param name="Events">How many there were.</param>
/// <param name="Status">What the receiver answered; null where it did not.</param>
/// <param name="Error">What went wrong; null where it was taken.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record StoredDelivery(long Number, Instant At, long FirstSequence, long LastSequence, int Events, int? Status, string? Error, long Milliseconds);

/// <summary>Webhooks and what they are to be told. What is to be told is written in the transaction that changes the membership, and stays until it was delivered or given up.</summary>
public sealed class WebhookStore
{
    private const string Columns =
        """
        select webhooks.number, webhooks.id, url, segments.id, secret, is_active, webhooks.created_at,
          (select count(*) from outbox where webhook = webhooks.number and is_dead = 0), (select count(*) from outbox where webhook = webhooks.number and is_dead = 1)
        from webhooks left join segments on segments.number = segment_no
        """;

    private const string Events =
        """
        select outbox.number, segments.id, contacts.id, contacts.external_id, entered, at, cause, revision from outbox
        join segments on segments.number = outbox.segment_no join contacts on contacts.number = contact_no
        """;

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal WebhookStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>In the order they were made.</summary>
    public IReadOnlyList<StoredWebhook> All(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var rows = session.Prepare($"{Columns} where webhooks.workspace = ?1 order by webhooks.number").Set(1, number);
            return Read(rows);
        });
    }

    public StoredWebhook? Find(WorkspaceId workspace, Guid id) => All(workspace).FirstOrDefault(webhook => webhook.Id == id);

    /// <summary>Those of all workspaces, or one of them, that have something to tell; how much is not counted.</summary>
    public IReadOnlyList<StoredWebhook> Due(long? only = null) => readers.Read(session =>
    {
        using var rows = session.Prepare(
            """
            select webhooks.number, webhooks.id, url, segments.id, secret, is_active, webhooks.created_at, 0, 0 from webhooks left join segments on segments.number = segment_no
            where is_active = 1 and (?1 is null or webhooks.number = ?1) and exists (select 1 from outbox where webhook = webhooks.number and is_dead = 0) order by webhooks.number
            """).Set(1, only);
        return Read(rows);
    });

    /// <summary>From now on entering and leaving is noted for it. Null where there is no such segment.</summary>
    public async Task<StoredWebhook?> Create(WorkspaceId workspace, string url, SegmentId? segment, string secret, Instant now, CancellationToken cancel = default)
    {
        var (number, id) = (workspaces.Key(workspace).Number, Guid.NewGuid());
        var isMade = await writer.Run(
            tx =>
            {
                using var add = tx.Prepare(
                    """
                    insert into webhooks (workspace, id, url, segment_no, secret, is_active, created_at)
                    select ?1, ?2, ?3, (select number from segments where workspace = ?1 and id = ?4), ?5, 1, ?6
                    where ?4 is null or exists (select 1 from segments where workspace = ?1 and id = ?4)
                    """).Set(1, number).Set(2, id.ToString()).Set(3, url).Set(4, segment?.ToString()).Set(5, secret).Set(6, now.Ticks);
                return add.Run() > 0;
            },
            cancel).ConfigureAwait(false);
        return isMade ? Find(workspace, id) : null;
    }

    /// <summary>Changes where to, and whether. What happens while it is not active is not told later. False where there is no such webhook.</summary>
    public Task<bool> Change(WorkspaceId workspace, Guid id, string? url, bool? isActive, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                using var change = tx.Prepare("update webhooks set url = coalesce(?3, url), is_active = coalesce(?4, is_active) where workspace = ?1 and id = ?2")
                    .Set(1, number).Set(2, id.ToString()).Set(3, url).Set(4, isActive is { } active ? (active ? 1L : 0L) : (long?)null);
                return change.Run() > 0;
            },
            cancel);
    }

    /// <summary>Removes it with all it was to be told. False where there is no such webhook.</summary>
    public Task<bool> Delete(WorkspaceId workspace, Guid id, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                foreach (var sql in (string[])
                [
                    "delete from outbox where webhook = (select number from webhooks where workspace = ?1 and id = ?2)",
                    "delete from webhook_deliveries where webhook = (select number from webhooks where workspace = ?1 and id = ?2)",
                ])
                {
                    using var gone = tx.Prepare(sql).Set(1, number).Set(2, id.ToString());
                    _ = gone.Run();
                }

                using var delete = tx.Prepare("delete from webhooks where workspace = ?1 and id = ?2").Set(1, number).Set(2, id.ToString());
                return delete.Run() > 0;
            },
            cancel);
    }

    /// <summary>What is to be told next, or what was given up.</summary>
    /// <param name="webhook">By its number.</param>
    /// <param name="after">Only later ones.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="dead">Those that were given up.</param>
    public IReadOnlyList<OutboxEvent> Next(long webhook, long after, int max, bool dead = false) => readers.Read(session =>
    {
        using var rows = session.Prepare($"{Events} where webhook = ?1 and is_dead = ?2 and outbox.number > ?3 order by outbox.number limit ?4")
            .Set(1, webhook).Set(2, dead ? 1 : 0).Set(3, after).Set(4, max);
        var events = new List<OutboxEvent>();
        while (rows.Step())
        {
            events.Add(new(
                rows.Integer(0), new(Guid.Parse(rows.Text(1)!)), new(Guid.Parse(rows.Text(2)!)), rows.Text(3), rows.Integer(4) == 1, rows.InstantAt(5), rows.Text(6)!, rows.Integer(7)));
        }

        return events;
    });

    /// <summary>Notes a try. What was taken is forgotten; where it was not, whatever waits that happened before an instant is given up, so much at a time.</summary>
    /// <param name="webhook">By its number.</param>
    /// <param name="delivery">What became of it.</param>
    /// <param name="sent">The sequences of the events that were sent.</param>
    /// <param name="givenUpBefore">The instant.</param>
    /// <param name="cancel">Helps until its turn comes.</param>
    public Task<bool> Tried(long webhook, StoredDelivery delivery, IEnumerable<long> sent, Instant givenUpBefore, CancellationToken cancel = default) => writer.Run(
        tx =>
        {
            // It may have been removed meanwhile.
            using (var note = tx.Prepare("insert into webhook_deliveries (webhook, at, first_sequence, last_sequence, events, status, error, milliseconds) select number, ?2, ?3, ?4, ?5, ?6, ?7, ?8 from webhooks where number = ?1")
                .Set(1, webhook).Set(2, delivery.At.Ticks).Set(3, delivery.FirstSequence).Set(4, delivery.LastSequence).Set(5, delivery.Events)
                .Set(6, delivery.Status is { } status ? status : (long?)null).Set(7, delivery.Error).Set(8, delivery.Milliseconds))
            {
                _ = note.Run();
            }

            using (var forget = tx.Prepare("delete from webhook_deliveries where webhook = ?1 and number <= (select number from webhook_deliveries where webhook = ?1 order by number desc limit 1 offset ?2)")
                .Set(1, webhook).Set(2, StorageLimits.DeliveriesKept))
            {
                _ = forget.Run();
            }

            // By their numbers: what was told again meanwhile may lie between them.
            using var settle = delivery.Error is null
                ? tx.Prepare("delete from outbox where webhook = ?1 and is_dead = 0 and number in (select value from numbers(?2))").SetBlob(2, NumberTable.Blob(sent.ToArray()))
                : tx.Prepare("update outbox set is_dead = 1 where number in (select number from outbox where webhook = ?1 and is_dead = 0 and at < ?2 order by number limit ?3)").Set(2, givenUpBefore.Ticks).Set(3, StorageLimits.ForgottenMax);
            _ = settle.Set(1, webhook).Run();
            return true;
        },
        cancel);

    /// <summary>Has what was given up told again, before what is newer. Answers with how much that is; null where there is no such webhook.</summary>
    public async Task<long?> Replay(WorkspaceId workspace, Guid id, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return Find(workspace, id) is null ? null : await writer.Run(
            tx =>
            {
                using var replay = tx.Prepare("update outbox set is_dead = 0 where webhook = (select number from webhooks where workspace = ?1 and id = ?2) and is_dead = 1").Set(1, number).Set(2, id.ToString());
                return (long?)replay.Run();
            },
            cancel).ConfigureAwait(false);
    }

    /// <summary>Forgets what was given up and happened before an instant, so much at a time. Answers with how much.</summary>
    public Task<int> Forget(WorkspaceId workspace, Instant before, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                using var forget = tx.Prepare(
                    """
                    delete from outbox where number in (select outbox.number from webhooks join outbox on webhook = webhooks.number and is_dead = 1 where webhooks.workspace = ?1 and at < ?2 order by outbox.number limit ?3)
                    """).Set(1, number).Set(2, before.Ticks).Set(3, StorageLimits.ForgottenMax);
                return forget.Run();
            },
            cancel);
    }

    /// <summary>Newest first, before a number.</summary>
    public IReadOnlyList<StoredDelivery> Deliveries(long webhook, long before, int limit) => readers.Read(session =>
    {
        using var rows = session.Prepare("select number, at, first_sequence, last_sequence, events, status, error, milliseconds from webhook_deliveries where webhook = ?1 and number < ?2 order by number desc limit ?3")
            .Set(1, webhook).Set(2, before).Set(3, limit);
        var deliveries = new List<StoredDelivery>();
        while (rows.Step())
        {
            deliveries.Add(new(
                rows.Integer(0), rows.InstantAt(1), rows.Integer(2), rows.Integer(3), (int)rows.Integer(4), rows.IntegerOrNull(5) is { } status ? (int)status : null, rows.Text(6), rows.Integer(7)));
        }

        return deliveries;
    });

    /// <summary>Notes who entered or left for every webhook that is to be told.</summary>
    internal static void Note(WriteTransaction tx, long segment, string cause, ReadOnlySpan<long> contacts, bool entered, Instant at, long revision)
    {
        if (contacts.IsEmpty || !IsTold(tx, segment))
        {
            return;
        }

        using var note = tx.Prepare(
            """
            insert into outbox (webhook, segment_no, contact_no, entered, at, cause, revision, is_dead)
            select webhooks.number, ?1, value, ?2, ?3, ?4, ?5, 0
            from segments cross join webhooks on webhooks.workspace = segments.workspace and is_active = 1 and (segment_no is null or segment_no = ?1) cross join numbers(?6)
            where segments.number = ?1
            """).Set(1, segment).Set(2, entered ? 1 : 0).Set(3, at.Ticks).Set(4, cause).Set(5, revision).SetBlob(6, NumberTable.Blob(contacts));
        _ = note.Run();
    }

    /// <summary>Whether any webhook is to be told of a segment.</summary>
    private static bool IsTold(WriteTransaction tx, long segment)
    {
        using var any = tx.Prepare(
            """
            select 1 from segments join webhooks on webhooks.workspace = segments.workspace and is_active = 1 and (segment_no is null or segment_no = ?1) where segments.number = ?1 limit 1
            """).Set(1, segment);
        return any.Step();
    }

    private static List<StoredWebhook> Read(Statement rows)
    {
        var found = new List<StoredWebhook>();
        while (rows.Step())
        {
            found.Add(new(
                rows.Integer(0), Guid.Parse(rows.Text(1)!), rows.Text(2)!, rows.Text(3) is { } segment ? new SegmentId(Guid.Parse(segment)) : null, rows.Text(4)!, rows.Integer(5) == 1, rows.InstantAt(6), rows.Integer(7), rows.Integer(8)));
        }

        return found;
    }
}
