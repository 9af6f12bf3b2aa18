using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>
/// When each contact of a shard is to be looked at again because time alone may change an answer: an instant a seat, and those of the near future in order.
/// So the clock costs what is due, not what there is. One writer at a time.
/// </summary>
public sealed class DueTimes
{
    /// <summary>How far ahead seats are put in order. What lies beyond is looked through again then: a million seats in a millisecond.</summary>
    private static readonly TimeSpan[] reaches = [TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.Zero];

    /// <summary>Where more are due within an instant, as at midnight, none of them is put in order: all are due together.</summary>
    private const int NearMax = 20_000;

    private readonly PriorityQueue<int, long> near = new();
    private long[] due = [];

    // INVARIANT: every seat due up to here is in the queue, beside some that are no longer due then; unless they are crowded, when nothing is.
    private long nearUntil = long.MinValue;
    private bool isCrowded;

    /// <summary>The first instant at which somebody is due; <see cref="Instant.MaxValue"/>: never. It lies in the past while those that were due are not set anew.</summary>
    public Instant Next
    {
        get
        {
            Refill();
            return near.TryPeek(out _, out var soonest) ? new(soonest) : isCrowded ? new(nearUntil) : Instant.MaxValue;
        }
    }

    /// <summary>An estimate of the memory taken, in bytes.</summary>
    public long Bytes => (due.Length * 8L) + (near.Count * 16L);

    /// <summary>When a contact is due next; <see cref="Instant.MaxValue"/>: never.</summary>
    public Instant Of(ContactIndex contact) => contact.Value < due.Length ? new(due[contact.Value]) : Instant.MaxValue;

    /// <summary>Sets when a contact is due next.</summary>
    public void Set(ContactIndex contact, Instant at)
    {
        Reserve(contact.Value + 1);
        due[contact.Value] = at.Ticks;
        if (at == Instant.MaxValue || at.Ticks > nearUntil)
        {
            return;
        }

        if (isCrowded || near.Count > 2 * NearMax)
        {
            Forget();
        }
        else
        {
            near.Enqueue(contact.Value, at.Ticks);
        }
    }

    /// <summary>The contacts that are due, which they stay until they are set anew; null where they are so many that the whole shard is to be looked at.</summary>
    public IReadOnlyList<ContactIndex>? At(Instant now)
    {
        if (Next > now)
        {
            return [];
        }

        var found = new List<ContactIndex>();
        for (var seat = 0; seat < due.Length; seat++)
        {
            if (due[seat] <= now.Ticks)
            {
                found.Add(new(seat));
            }
        }

        return found.Count > NearMax ? null : found;
    }

    /// <summary>Takes the times of many seats at once.</summary>
    /// <param name="seats">How many seats there are.</param>
    /// <param name="lower">Lowers the times, in ticks, to those it knows of; <see cref="long.MaxValue"/> is never.</param>
    /// <param name="afresh">Whether what was set before counts no more.</param>
    internal void Sweep(int seats, Action<long[]> lower, bool afresh)
    {
        Reserve(seats);
        if (afresh)
        {
            due.AsSpan().Fill(long.MaxValue);
        }

        lower(due);
        Forget();
    }

    private void Forget()
    {
        near.Clear();
        (nearUntil, isCrowded) = (long.MinValue, false);
    }

    private void Reserve(int seats)
    {
        if (seats > due.Length)
        {
            var before = due.Length;
            Array.Resize(ref due, Math.Max(seats, before + (before / 2)));
            due.AsSpan(before).Fill(long.MaxValue);
        }
    }

    /// <summary>Brings the first seat to the front, looking further ahead where the near future is used up.</summary>
    private void Refill()
    {
        while (near.TryPeek(out var seat, out var at) && due[seat] != at)
        {
            _ = near.Dequeue();
        }

        if (near.Count > 0 || isCrowded || nearUntil == long.MaxValue)
        {
            return;
        }

        var soonest = ComparisonKernels.LeastAbove(due, nearUntil);
        foreach (var reach in reaches)
        {
            nearUntil = new Instant(soonest).Plus(reach).Ticks;
            if (TryFill())
            {
                return;
            }
        }

        isCrowded = true;
    }

    /// <summary>Puts the seats due in the near future in order; false where they are too many for it.</summary>
    private bool TryFill()
    {
        for (var seat = 0; seat < due.Length; seat++)
        {
            if (due[seat] > nearUntil || due[seat] == long.MaxValue)
            {
                continue;
            }

            if (near.Count == NearMax)
            {
                near.Clear();
                return false;
            }

            near.Enqueue(seat, due[seat]);
        }

        return true;
    }
}
