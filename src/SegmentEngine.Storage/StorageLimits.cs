namespace SegmentEngine.Storage;

/// <summary>Every limit of the store, with its reason.</summary>
public static class StorageLimits
{
    /// <summary>Writes waiting for the writer. More than this and callers wait at the door, so a slow disk slows the senders instead of filling the memory.</summary>
    public const int QueuedWritesMax = 1_024;

    /// <summary>Writes that share one commit: enough to hide the disk's sync, few enough that the first is not kept waiting.</summary>
    public const int GroupWritesMax = 256;

    /// <summary>A group takes no further write once it has run this long.</summary>
    public const int GroupMsMax = 20;

    /// <summary>Contacts entered or left up to which the change log keeps a row a contact; beyond it packs them into blocks.</summary>
    public const int ChangeRowsMax = 64;

    /// <summary>The log's blocks hold contacts whose numbers share all but the last 14 bits: about 16 KB and 20 µs to read one.</summary>
    public const int ChangeBlockBits = 14;

    /// <summary>A membership row at a time up to this many; beyond it one statement takes them from a blob.</summary>
    public const int SingleRowsMax = 16;

    /// <summary>Membership rows written in one transaction: some 30 ms, for which other writes wait.</summary>
    public const int CommitRowsMax = 50_000;

    /// <summary>Contacts put on a list in one transaction: some 20 ms.</summary>
    public const int ListStepMax = 5_000;

    /// <summary>Tries to deliver that are kept of each webhook.</summary>
    public const int DeliveriesKept = 1_000;

    /// <summary>A year: last year's campaign can be looked at.</summary>
    public const int HistoryDaysDefault = 365;

    /// <summary>Sizes of segments are kept by the hour for so many days, and by the day from then on.</summary>
    public const int HourlySizesDays = 14;

    /// <summary>Entries of the history that are forgotten in one transaction.</summary>
    internal const int ForgottenMax = 5_000;

    /// <summary>SQLite before this can lose a commit when a checkpoint meets a writer (the WAL-reset bug).</summary>
    public static readonly Version SqliteVersionMin = new(3, 51, 3);

    /// <summary>New events and message ids that wait before they are settled into the large trees: few enough that reading through the waiting ones takes some 5 ms.</summary>
    internal const int RecentEventsMax = 20_000;

    /// <summary>Users the writer remembers: some 30 MB of them.</summary>
    internal const int KnownUsersMax = 200_000;

    internal const int PageBytes = 8_192;
    internal const int WriterCacheKb = 262_144;
    internal const int ReaderCacheKb = 16_384;
    internal const int WalPagesMax = 4_000;
    internal const int WalBytesKept = 67_108_864;
    internal const int BusyMs = 5_000;
    internal const int IdleReadersMax = 16;
}
