using System.Runtime.CompilerServices;

namespace SegmentEngine.Server.Memberships;

/// <summary>
/// Who sits where in one shard. Seats are given out in order and never again, so a seat means the same contact in every snapshot.
/// One writer; any number of readers, who look no further than their snapshot's seat count.
/// </summary>
public sealed class ContactSeats
{
    private const int PageBits = 14;

    /// <summary>Fewer than one in so many are looked up one by one.</summary>
    private const int FewAmong = 32;

    private readonly SeatIndex<ContactId, ContactIdHash> byId = new();
    private readonly SeatIndex<long, NumberHash> byNumber = new();
    private readonly HashSet<ContactIndex> left = [];
    private volatile Occupant[][] pages = [];

    /// <summary>Seats given out, those left empty since included.</summary>
    public int Count { get; private set; }

    /// <summary>Seats whose contacts were deleted.</summary>
    public int Empty => left.Count;

    /// <summary>Bytes they take.</summary>
    public long Bytes => (((long)pages.Length << PageBits) * Unsafe.SizeOf<Occupant>()) + byId.Bytes + byNumber.Bytes;

    public bool TryFind(ContactId contact, out ContactIndex seat) => byId.TryFind(contact, out seat);

    /// <summary>For the writer alone.</summary>
    public bool TryFind(long number, out ContactIndex seat) => byNumber.TryFind(number, out seat) && !left.Contains(seat);

    /// <summary>The seats of those that sit here among some contacts, by ascending number. For the writer, while nobody has come since the load, which gives out seats in the order of numbers: both lists are walked once.</summary>
    public IEnumerable<ContactIndex> Among(IReadOnlyList<long> numbers)
    {
        if (numbers.Count < Count / FewAmong)
        {
            foreach (var number in numbers)
            {
                if (TryFind(number, out var found))
                {
                    yield return found;
                }
            }

            yield break;
        }

        var seat = 0;
        foreach (var number in numbers)
        {
            while (seat < Count && this[new(seat)].Number < number)
            {
                seat++;
            }

            if (seat < Count && this[new(seat)].Number == number)
            {
                yield return new(seat);
            }
        }
    }

    /// <summary>Who sits, or sat, in a seat.</summary>
    public Occupant this[ContactIndex seat] => pages[seat.Value >> PageBits][seat.Value & ((1 << PageBits) - 1)];

    /// <summary>The seat of a contact; a new one where it has none yet.</summary>
    public ContactIndex Take(long number, ContactId contact)
    {
        if (TryFind(number, out var seat))
        {
            return seat;
        }

        seat = new(Count);
        if (Count >> PageBits == pages.Length)
        {
            pages = [.. pages, new Occupant[1 << PageBits]];
        }

        pages[Count >> PageBits][Count & ((1 << PageBits) - 1)] = new(contact, number);
        Count++;
        byNumber.Set(number, seat);
        byId.Set(contact, seat);
        return seat;
    }

    /// <summary>
    /// The first seat behind that of a contact, who may have left it since. Of one who never sat here, having gone before the shard was loaded, it is the first seat of a greater number:
    /// a load gives out seats in the order of numbers, and whoever comes later has a greater one than all who were there.
    /// </summary>
    /// <param name="number">The contact's.</param>
    /// <param name="seatCount">As far as the reader looks.</param>
    public ContactIndex SeatAfter(long number, int seatCount)
    {
        if (byNumber.TryFind(number, out var seat))
        {
            return new(seat.Value + 1);
        }

        var (first, end) = (0, seatCount);
        while (first < end)
        {
            var middle = first + ((end - first) / 2);
            (first, end) = this[new(middle)].Number > number ? (first, middle) : (middle + 1, end);
        }

        return new(first);
    }

    /// <summary>Forgets a contact that was deleted. From here on no snapshot finds it.</summary>
    public void Leave(long number)
    {
        if (!TryFind(number, out var seat))
        {
            return;
        }

        // The same id may sit elsewhere by now: deleted and made again, a contact has another number and another seat.
        _ = left.Add(seat);
        byId.Remove(this[seat].Contact, seat);
    }
}

/// <summary>A contact by its outer name and by its number in the database.</summary>
public readonly record struct Occupant(ContactId Contact, long Number);
