namespace SegmentEngine.Importing;

/// <summary>How much is read and sent at once.</summary>
internal static class ImportLimits
{
    /// <summary>The server's own limit.</summary>
    public const int BatchItemsMax = 2_500;

    /// <summary>Large enough that a request costs little beside its items, small enough that a line of progress moves.</summary>
    public const int BatchItemsDefault = 2_000;

    /// <summary>Below the server's 4 MiB, with room for the brackets.</summary>
    public const int BatchBytesMax = 4_000_000;

    /// <summary>Larger than any contact (256 KiB) or message (32 KiB) that the server takes; it says so itself of those in between.</summary>
    public const int LineBytesMax = 512 << 10;

    /// <summary>A CSV row is read to its end before it can be refused; one that is longer than this has lost a quote, and with it where the next row begins.</summary>
    public const int CsvRowBytesMax = 4 << 20;

    /// <summary>A mapping file: thousands of columns.</summary>
    public const int MappingBytesMax = 1 << 20;

    /// <summary>Requests in flight for events: one is parsed by the server while another is written to its disk.</summary>
    public const int EventLanes = 3;

    /// <summary>Contacts go one request after another: two lines may name one contact in different ways.</summary>
    public const int ContactLanes = 1;
}
