namespace SegmentEngine.Server.Insight;

/// <summary>How much is looked at, and kept, for people who look at a workspace; each with its reason.</summary>
internal static class InsightLimits
{
    /// <summary>Contacts whose data is looked at for what traits there are: half a second's work, and a trait that one contact in a thousand has is among them some twenty times.</summary>
    public const int SampleContacts = 20_000;

    /// <summary>The newest events of a name that are looked at.</summary>
    public const int SampleEvents = 5_000;

    /// <summary>Bytes of their properties.</summary>
    public const long SampleEventBytes = 8 << 20;

    /// <summary>Different places in data that are told apart: keys that are made up for each contact would have no end.</summary>
    public const int PathsMax = 2_000;

    /// <summary>Objects inside one another that are looked into.</summary>
    public const int DepthMax = 8;

    /// <summary>Example values of a trait, and of what does not fit its type.</summary>
    public const int ExamplesMax = 5;

    /// <summary>Letters of an example.</summary>
    public const int ExampleLengthMax = 200;

    /// <summary>Different values of one trait that are counted: who chooses among more types on.</summary>
    public const int ValuesMax = 50_000;

    /// <summary>Bytes of different values of one trait.</summary>
    public const long ValueBytesMax = 8 << 20;

    /// <summary>Values that are kept of all traits of all workspaces: some 60 MB.</summary>
    public const long ValuesKept = 500_000;

    /// <summary>Contacts read in one go, some 15 ms.</summary>
    public const int ReadMax = 20_000;

    /// <summary>Events read in one go, some 30 ms.</summary>
    public const int EventReadMax = 100_000;

    /// <summary>Events that are gone through for the counts of the last days: some ten seconds in the background, once.</summary>
    public const long EventsCountedMax = 20_000_000;

    /// <summary>Days that events are counted for, today being the last.</summary>
    public const int Days = 30;

    /// <summary>Workspaces whose events are kept counted.</summary>
    public const int WorkspacesCounted = 16;

    /// <summary>A contact's events that are put in order of time; of more, those that came in last.</summary>
    public const int TimelineEvents = 10_000;

    public const int PageMax = 1_000;

    /// <summary>What was found out is found out anew after this where the workspace has changed.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    /// <summary>What is older than this is not shown any more while it is found out anew.</summary>
    public static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(5);

    /// <summary>Contacts take their events with them when they are deleted, which the counts learn by starting over.</summary>
    public static readonly TimeSpan CountedAnew = TimeSpan.FromHours(6);

    /// <summary>How long a search goes through contacts for what no index holds.</summary>
    public static readonly TimeSpan SearchTime = TimeSpan.FromMilliseconds(400);
}
