namespace SegmentEngine.Storage;

/// <summary>A contact that an item is about.</summary>
internal readonly record struct KnownContact(long Number, int Shard, ContactId Id);

/// <summary>
/// Whom the users of late are: external ids, or ids, and the contacts they were found to be, so that the thousandth event of a user is not looked up again. Only the writer has it, and it forgets whatever a write
/// may have changed: an external id given, taken or changed, a contact deleted, a transaction undone.
/// </summary>
internal sealed class KnownUsers
{
    private readonly Dictionary<(long Workspace, string User), KnownContact> users = [];

    public KnownContact? Find(long workspace, string user) => users.TryGetValue((workspace, user), out var known) ? known : null;

    public void Add(long workspace, string user, KnownContact contact)
    {
        if (users.Count >= StorageLimits.KnownUsersMax)
        {
            users.Clear();
        }

        users[(workspace, user)] = contact;
    }

    public void Clear() => users.Clear();

    /// <summary>A contact has got this external id; until now it may have been another's id.</summary>
    public void Forget(long workspace, string user) => users.Remove((workspace, user));
}
