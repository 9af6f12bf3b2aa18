using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>
/// Writes who entered and who left, completely, in one of two forms. Up to <see cref="StorageLimits.ChangeRowsMax"/> contacts: a row each in <c>membership_changes</c>. More: a row in <c>membership_change_blocks</c>
/// for each 2^14 contact numbers, holding the ascending numbers as their distances, each a base-128 varint (low bits first, the first distance counted from the block's start). A million contacts entering
/// are then 62 rows of 16 KB instead of a million, which would cost more than the memberships themselves.
/// </summary>
internal sealed class MembershipChangeLog(WriteTransaction tx, Instant at, long revision)
{
    /// <param name="entered">In ascending order, as are those who left.</param>
    public void Add(long segment, MembershipCause cause, ReadOnlySpan<long> entered, ReadOnlySpan<long> left)
    {
        Add(segment, cause, left, entered: false);
        Add(segment, cause, entered, entered: true);
    }

    private void Add(long segment, MembershipCause cause, ReadOnlySpan<long> contacts, bool entered)
    {
        WebhookStore.Note(tx, segment, Text(cause), contacts, entered, at, revision);
        if (contacts.Length <= StorageLimits.ChangeRowsMax)
        {
            AddRows(segment, cause, contacts, entered);
        }
        else
        {
            AddBlocks(segment, cause, contacts, entered);
        }
    }

    private void AddRows(long segment, MembershipCause cause, ReadOnlySpan<long> contacts, bool entered)
    {
        using var insert = tx.Prepare("insert into membership_changes (number, segment_no, contact_no, entered, at, cause, revision) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .Set(2, segment).Set(4, entered ? 1 : 0).Set(5, at.Ticks).Set(6, Text(cause)).Set(7, revision);
        foreach (var contact in contacts)
        {
            _ = insert.Set(1, tx.NextChangeNumber()).Set(3, contact).Run();
        }
    }

    private void AddBlocks(long segment, MembershipCause cause, ReadOnlySpan<long> contacts, bool entered)
    {
        using var insert = tx.Prepare(
            "insert into membership_change_blocks (number, segment_no, block, entered, at, cause, revision, contact_count, contacts) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
            .Set(2, segment).Set(4, entered ? 1 : 0).Set(5, at.Ticks).Set(6, Text(cause)).Set(7, revision);
        for (var start = 0; start < contacts.Length;)
        {
            var block = ChangeBlock.Of(contacts[start]);
            var end = start;
            while (end < contacts.Length && ChangeBlock.Of(contacts[end]) == block)
            {
                end++;
            }

            _ = insert.Set(1, tx.NextChangeNumber()).Set(3, block).Set(8, end - start).SetBlob(9, ChangeBlock.Pack(block, contacts[start..end])).Run();
            start = end;
        }
    }

    private static string Text(MembershipCause cause) => cause switch
    {
        MembershipCause.Data => "data",
        MembershipCause.Rule => "rule",
        MembershipCause.Time => "time",
        MembershipCause.List => "list",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, null),
    };
}

/// <summary>Ascending contact numbers that share all but their last bits, as varints of their distances.</summary>
internal static class ChangeBlock
{
    public static long Of(long contact) => contact >> StorageLimits.ChangeBlockBits;

    public static byte[] Pack(long block, ReadOnlySpan<long> contacts)
    {
        // A distance has at most 15 bits (a whole block and the number before it): three bytes.
        var packed = new byte[contacts.Length * 3];
        var length = 0;
        var last = block << StorageLimits.ChangeBlockBits;
        foreach (var contact in contacts)
        {
            var distance = contact - last;
            for (; distance >= 128; distance >>= 7)
            {
                packed[length++] = (byte)((distance & 127) | 128);
            }

            packed[length++] = (byte)distance;
            last = contact;
        }

        return packed[..length];
    }

    public static List<long> Unpack(long block, ReadOnlySpan<byte> packed)
    {
        var contacts = new List<long>();
        var last = block << StorageLimits.ChangeBlockBits;
        for (var i = 0; i < packed.Length;)
        {
            var distance = 0L;
            var shift = 0;
            for (; packed[i] >= 128; shift += 7)
            {
                distance |= (packed[i++] & 127L) << shift;
            }

            last += distance | ((long)packed[i++] << shift);
            contacts.Add(last);
        }

        return contacts;
    }
}
