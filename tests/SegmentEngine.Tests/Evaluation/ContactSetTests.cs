using SegmentEngine.Evaluation;

namespace SegmentEngine.Tests.Evaluation;

public sealed class ContactSetTests
{
    private static readonly int[] edges = [0, 1, 62, 63, 64, 65, 65_534, 65_535, 65_536, 65_537, 131_071, 131_072];

    public static TheoryData<int> Edges => [.. edges];

    [Fact]
    public void The_empty_set_holds_nobody()
    {
        Assert.Empty(ContactSet.Empty);
        Assert.DoesNotContain(new(0), ContactSet.Empty);
        Assert.Equal(ContactSet.Empty, Set());
        Assert.Equal(ContactSet.Empty, ContactSet.FromWords(new ulong[5000]));
    }

    [Theory, MemberData(nameof(Edges))]
    public void A_contact_comes_and_goes_at_every_edge(int seat)
    {
        var others = Set([.. edges.Where(each => each != seat)]);
        var with = others.With(new(seat));
        Assert.Contains(new(seat), with);
        Assert.False(others.Contains(new(seat)));
        Assert.Equal(others.Count + 1, with.Count);
        Assert.Equal(others, with.Without(new(seat)));
        Assert.Same(with, with.With(new(seat)));
        Assert.Same(others, others.Without(new(seat)));
        Assert.Equal(Set(seat), with.Except(others));
        Assert.Equal(with, others.Union(Set(seat)));
        Assert.Equal(Set(seat), with.Intersect(Set(seat, 1_000_000)));
    }

    [Fact]
    public void Members_come_in_ascending_order()
    {
        int[] seats = [65_536, 3, 0, 65_535, 64, 200_000, 63];
        Assert.Equal(seats.Order(), Set(seats).Select(static contact => contact.Value));
    }

    [Fact]
    public void A_changed_contact_copies_one_chunk_and_shares_the_others()
    {
        var before = Everyone(200_000);
        var after = before.Without(new(70_000));
        Assert.Same(before.ChunkOf(new(0)), after.ChunkOf(new(0)));
        Assert.NotSame(before.ChunkOf(new(70_000)), after.ChunkOf(new(70_000)));
        Assert.Same(before.ChunkOf(new(140_000)), after.ChunkOf(new(140_000)));
        Assert.Same(before.ChunkOf(new(140_000)), after.Union(Set(70_000)).ChunkOf(new(140_000)));
        Assert.Equal(Set(70_000), before.Except(after));
    }

    [Fact]
    public void Few_contacts_take_little_and_many_take_a_bit_each()
    {
        Assert.InRange(Set(5, 100_000).Bytes, 1, 200);
        Assert.InRange(Everyone(1 << 20).Bytes, 1 << 17, (1 << 17) + 2000);
    }

    [Fact]
    public void A_chunk_turns_from_list_to_bits_and_back()
    {
        var set = ContactSet.Empty;
        for (var i = 0; i < SetChunk.FewMax + 3; i++)
        {
            set = set.With(new(i * 3));
            Assert.Equal(i + 1, set.Count);
            Assert.True(set.Contains(new(i * 3)) && !set.Contains(new((i * 3) + 1)));
        }

        for (var i = 0; i < SetChunk.FewMax + 3; i++)
        {
            set = set.Without(new(i * 3));
            Assert.Equal(SetChunk.FewMax + 2 - i, set.Count);
        }

        Assert.Equal(ContactSet.Empty, set);
    }

    [Fact]
    public void Sets_combine_as_sets_do()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var (left, right) = (Seats(random), Seats(random));
            var (mine, theirs) = (Set([.. left]), Set([.. right]));
            AssertSeats(left.Union(right), mine.Union(theirs));
            AssertSeats(left.Intersect(right), mine.Intersect(theirs));
            AssertSeats(left.Except(right), mine.Except(theirs));
            Assert.Equal(left.SetEquals(right), mine.Equals(theirs));
            Assert.Equal(mine, mine.Union(theirs).Except(theirs.Except(mine)));
        }
    }

    [Fact]
    public void Stretches_of_words_are_those_the_set_was_made_of()
    {
        var random = new Random(11);
        for (var round = 0; round < 50; round++)
        {
            var words = new ulong[SetChunk.Words * 2];
            foreach (var seat in Seats(random).Where(static seat => seat < SetChunk.Words * 128))
            {
                words[seat / 64] |= 1UL << (seat % 64);
            }

            var set = ContactSet.FromWords(words);
            var read = new ulong[words.Length];
            for (var first = 0; first < words.Length; first += 64)
            {
                set.CopyWords(first, read.AsSpan(first, 64));
            }

            Assert.Equal(words, read);
        }
    }

    private static HashSet<int> Seats(Random random)
    {
        var step = random.Next(1, 400);
        var end = random.Next(0, 200_000);
        return [.. Enumerable.Range(0, end / step).Select(i => (i * step) + random.Next(step))];
    }

    private static void AssertSeats(IEnumerable<int> expected, ContactSet actual)
    {
        var seats = expected.Order().ToList();
        Assert.Equal(seats, actual.Select(static contact => contact.Value));
        Assert.Equal(seats.Count, actual.Count);
    }

    private static ContactSet Everyone(int count) => Set([.. Enumerable.Range(0, count)]);

    private static ContactSet Set(params int[] seats) => ContactSet.Of(seats.Select(static seat => new ContactIndex(seat)));
}
