using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Memberships;

/// <summary>How long the oldest write waits that memberships do not reflect yet. Safe to use from any thread.</summary>
public sealed class Backlog
{
    private readonly Lock gate = new();
    private Instant? waiting;
    private Instant? inHand;

    /// <summary>When the oldest unreflected write was made; null where all are reflected.</summary>
    public Instant? Since
    {
        get
        {
            lock (gate)
            {
                return inHand ?? waiting;
            }
        }
    }

    /// <summary>Something was written.</summary>
    public void Add(Instant now)
    {
        lock (gate)
        {
            waiting ??= now;
        }
    }

    /// <summary>Everything written so far is about to be reflected; what comes from here on waits for the next turn.</summary>
    public void Begin()
    {
        lock (gate)
        {
            inHand ??= waiting;
            waiting = null;
        }
    }

    /// <summary>What was begun is reflected. After a failure nobody calls this, so it goes on waiting.</summary>
    public void Done()
    {
        lock (gate)
        {
            inHand = null;
        }
    }
}
