using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The memberships of one shard by contact: a bit for each segment, so that all that is asked of one contact lies in a few places of memory, however many segments there are.
/// A segment has a slot, which its owner gives it. One writer; a <see cref="View"/> never changes and is for any number of readers.
/// </summary>
/// <remarks>Sixty-four slots make a lane, a word for each contact, in pages of 256 contacts that views share until one of them changes: 2 kB are copied where a contact's bit turns. A million contacts and a thousand segments take 125 MB.</remarks>
public sealed class MembershipRows
{
    private readonly List<Lane> lanes = [];

    /// <summary>A segment had some members and has others now. It costs by those that differ and by the chunks that the two sets do not share.</summary>
    public void Change(int slot, ContactSet before, ContactSet after)
    {
        if (ReferenceEquals(before, after))
        {
            return;
        }

        while (slot / Lane.Slots >= lanes.Count)
        {
            lanes.Add(new());
        }

        var lane = lanes[slot / Lane.Slots];
        foreach (var (firstContact, turned) in before.Differences(after))
        {
            lane.Turn(firstContact, turned, 1UL << (slot % Lane.Slots));
        }
    }

    /// <summary>A contact is a member of nothing any more.</summary>
    public void Clear(ContactIndex contact) => lanes.ForEach(lane => lane.Clear(contact.Value));

    /// <summary>Bytes it takes, pages that views share included.</summary>
    public long Bytes => lanes.Sum(static lane => lane.Bytes);

    /// <summary>What is so now, for good.</summary>
    public View Now() => new([.. lanes.Select(static lane => lane.Share())]);

    /// <summary>The memberships of one shard at one moment.</summary>
    public sealed class View
    {
        private readonly ulong[]?[][] lanes;

        internal View(ulong[]?[][] lanes) => this.lanes = lanes;

        /// <summary>Words of a contact's row.</summary>
        public int Words => lanes.Length;

        public bool Contains(int slot, ContactIndex contact) => (uint)(slot / Lane.Slots) < (uint)lanes.Length && ((Word(lanes[slot / Lane.Slots], contact) >> (slot % Lane.Slots)) & 1) != 0;

        /// <summary>Bit s mod 64 of word s / 64 is the contact's membership of the segment in slot s.</summary>
        public void Read(ContactIndex contact, Span<ulong> row)
        {
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = Word(lanes[i], contact);
            }
        }

        /// <remarks>Every page has a word for each contact. Asking its length would be a line of memory of its own.</remarks>
        private static ulong Word(ulong[]?[] pages, ContactIndex contact)
        {
            var page = (uint)contact.Value / Lane.Contacts;
            return page < (uint)pages.Length && pages[page] is { } words ? Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(words), (uint)contact.Value % Lane.Contacts) : 0;
        }
    }

    private sealed class Lane
    {
        public const int Slots = 64;
        public const int Contacts = 256;

        private ulong[]?[] pages = [];

        /// <summary>The pages no view has; null where a view has the list of pages itself.</summary>
        private bool[]? own;

        public long Bytes => pages.Sum(static page => page is null ? 8L : 8 + (8L * Contacts));

        public ulong[]?[] Share()
        {
            own = null;
            return pages;
        }

        public void Turn(int firstContact, ulong turned, ulong slot)
        {
            // Sixty-four neighbours lie in one page.
            var page = Own(firstContact / Contacts).AsSpan(firstContact % Contacts, Slots);
            for (; turned != 0; turned &= turned - 1)
            {
                page[BitOperations.TrailingZeroCount(turned)] ^= slot;
            }
        }

        public void Clear(int contact)
        {
            if (contact / Contacts < pages.Length && pages[contact / Contacts] is { } page && page[contact % Contacts] != 0)
            {
                Own(contact / Contacts)[contact % Contacts] = 0;
            }
        }

        private ulong[] Own(int page)
        {
            if (page >= pages.Length)
            {
                var length = Math.Max(page + 1, pages.Length + (pages.Length / 2));
                Array.Resize(ref pages, length);
                Array.Resize(ref own, length);
            }
            else if (own is null)
            {
                pages = [.. pages];
                own = new bool[pages.Length];
            }

            if (!own[page])
            {
                pages[page] = pages[page] is { } shared ? [.. shared] : new ulong[Contacts];
                own[page] = true;
            }

            return pages[page]!;
        }
    }
}
