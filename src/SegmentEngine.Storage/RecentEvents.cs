using System.Security.Cryptography;
using System.Text;

namespace SegmentEngine.Storage;

/// <summary>
/// Keeps two orders that arrival scatters, message ids and events by contact, without touching a page of a large tree for every event: what is new waits in a small table, or at the end of
/// <c>events</c>, and is settled into the large tree in one sorted sweep. Readers look in both places. A batch of 1,000 events then writes 1 MB instead of 10.
/// </summary>
internal sealed class RecentEvents
{
    private const int DigestBytes = 16;

    private readonly SqlSession session;
    private long settledEvent;
    private long recentIds;

    public RecentEvents(SqlSession session)
    {
        this.session = session;
        Reload();
    }

    /// <summary>False if a message with the id was taken before. Ids are kept as the first 128 bits of their SHA-256.</summary>
    public bool TakeMessageId(long workspace, string messageId)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Digest(messageId, digest);
        using var take = session.Prepare(
            "insert or ignore into recent_message_ids (workspace, digest) select ?1, ?2 where not exists (select 1 from message_ids where workspace = ?1 and digest = ?2)")
            .Set(1, workspace).SetBlob(2, digest[..DigestBytes]);
        var taken = take.Run() == 1;
        recentIds += taken ? 1 : 0;
        return taken;
    }

    /// <summary>Undoes a taking of this transaction.</summary>
    public void GiveBackMessageId(long workspace, string messageId)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Digest(messageId, digest);
        using var delete = session.Prepare("delete from recent_message_ids where workspace = ?1 and digest = ?2").Set(1, workspace).SetBlob(2, digest[..DigestBytes]);
        recentIds -= delete.Run();
    }

    /// <summary>Settles what is new once it is enough. Called at the end of a batch.</summary>
    public void Settle(long lastEvent)
    {
        if (recentIds >= StorageLimits.RecentEventsMax)
        {
            session.Execute("insert into message_ids select workspace, digest from recent_message_ids order by workspace, digest");
            session.Execute("delete from recent_message_ids");
            recentIds = 0;
        }

        if (lastEvent - settledEvent >= StorageLimits.RecentEventsMax)
        {
            session.Execute("insert into events_by_contact select contact_no, number from events where number > (select event_number from settled) order by contact_no, number");
            using var settle = session.Prepare("update settled set event_number = ?1").Set(1, lastEvent);
            _ = settle.Run();
            settledEvent = lastEvent;
        }
    }

    /// <summary>Reads again what a rollback may have undone.</summary>
    public void Reload()
    {
        settledEvent = session.Number("select event_number from settled") ?? 0;
        recentIds = session.Number("select count(*) from recent_message_ids") ?? 0;
    }

    private static void Digest(string messageId, Span<byte> digest)
    {
        var length = Encoding.UTF8.GetMaxByteCount(messageId.Length);
        var utf8 = length <= 512 ? stackalloc byte[length] : new byte[length];
        _ = SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(messageId, utf8)], digest);
    }
}
