using SegmentEngine.Evaluation;
using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Clauses over numbered sets, a block after the other: what is settled asks for no more.</summary>
public sealed class BlockMachineTests
{
    private const int Words = BlockMachine.WordsMax;
    private static readonly ulong[] everyone = [.. Enumerable.Repeat(ulong.MaxValue, Words)];

    [Fact]
    public void An_AND_stops_where_nobody_is_left_and_an_OR_where_everybody_is_in()
    {
        Assert.Equal([0], Asked(new Clause.All([Leaf(0), Leaf(2)]), (0, false), (2, true)));
        Assert.Equal([0, 1], Asked(new Clause.All([Leaf(0), Leaf(1), Leaf(2)]), (0, true), (1, false), (2, true)));
        Assert.Equal([0], Asked(new Clause.Any([Leaf(0), Leaf(2)]), (0, true), (2, false)));
        Assert.Equal([0, 1], Asked(new Clause.Any([Leaf(0), Leaf(1), Leaf(2)]), (0, false), (1, true), (2, false)));
        Assert.Equal([0, 1, 3], Asked(new Clause.All([Leaf(0), new Clause.Any([Leaf(1), Leaf(2)]), Leaf(3)]), (0, true), (1, true), (2, true), (3, true)));
    }

    [Fact]
    public void An_OR_needs_nobody_where_no_contact_is()
    {
        var source = new Sets { [0] = [.. Enumerable.Repeat(5UL, Words)], [1] = everyone };
        var machine = new BlockMachine([0, 1], source);
        var bits = new ulong[Words];
        machine.Begin(0, [.. Enumerable.Repeat(5UL, Words)]);
        Assert.True(machine.Evaluate(machine.Ready(new Clause.Any([Leaf(0), Leaf(1)])), bits));
        Assert.All(bits, static word => Assert.Equal(5UL, word));
        Assert.Equal([0], source.Asked);
    }

    [Fact]
    public void The_order_of_terms_is_learnt_from_the_blocks_before()
    {
        var source = new Sets { [0] = everyone, [1] = new ulong[Words * 2] };
        source[0] = [.. everyone, .. everyone];
        var machine = new BlockMachine([0, 1], source);
        var term = machine.Ready(new Clause.All([Leaf(0), Leaf(1)]));
        var bits = new ulong[Words];
        machine.Begin(0, everyone);
        Assert.False(machine.Evaluate(term, bits));
        Assert.Equal([0, 1], source.Asked);
        machine.Begin(Words, everyone);
        Assert.False(machine.Evaluate(term, bits));
        Assert.Equal([0, 1, 1], source.Asked);
    }

    [Fact]
    public void What_costs_much_comes_after_what_costs_little()
    {
        var half = Enumerable.Repeat(0x5555_5555_5555_5555UL, Words * 2).ToArray();
        var source = new Sets { [0] = [.. half.Select(static word => word & 0x5555)], [1] = half, Dear = 0 };
        var machine = new BlockMachine([0, 1], source);
        var term = machine.Ready(new Clause.All([Leaf(0), Leaf(1)]));
        var bits = new ulong[Words];
        machine.Begin(0, everyone);
        Assert.True(machine.Evaluate(term, bits));
        machine.Begin(Words, everyone);
        Assert.True(machine.Evaluate(term, bits));
        Assert.Equal([0, 1, 1, 0], source.Asked);
    }

    [Fact]
    public void A_set_that_was_handed_in_is_not_asked_for()
    {
        var source = new Sets { [0] = everyone };
        var machine = new BlockMachine([0, 2, 3], source);
        var bits = new ulong[Words];
        machine.Begin(0, everyone);
        machine.Put(2, [.. Enumerable.Repeat(3UL, Words)], inverted: false);
        machine.Put(3, [.. Enumerable.Repeat(3UL, Words)], inverted: true);
        Assert.True(machine.Evaluate(machine.Ready(new Clause.All([Leaf(0), Leaf(2)])), bits));
        Assert.All(bits, static word => Assert.Equal(3UL, word));
        Assert.True(machine.Evaluate(machine.Ready(new Clause.All([Leaf(0), Leaf(3)])), bits));
        Assert.All(bits, static word => Assert.Equal(~3UL, word));
        Assert.False(machine.Evaluate(machine.Ready(new Clause.Nobody()), bits));
        Assert.All(bits, static word => Assert.Equal(0UL, word));
        Assert.Equal([0], source.Asked);
    }

    [Fact]
    public void Clauses_say_of_every_row_what_they_say_of_it_alone() => Dice.Throw(200, static dice =>
    {
        const int slots = 6;
        const int blocks = 40;
        var source = new Sets();
        for (var slot = 0; slot < slots; slot++)
        {
            // Some hold for hardly anyone, some for nearly everyone, some in part of the blocks only.
            var percent = dice.Pick(0, 1, 50, 99, 100);
            var drawn = new ulong[Words * blocks];
            for (var word = 0; word < drawn.Length; word++)
            {
                drawn[word] = dice.Chance(percent) ? unchecked((ulong)dice.Below(int.MaxValue) << dice.Below(64)) | (percent > 50 ? ulong.MaxValue : 0) : 0;
            }

            source[slot] = drawn;
        }

        var clause = Draw(depth: 3);
        var machine = new BlockMachine([.. Enumerable.Range(0, slots)], source);
        var term = machine.Ready(clause);
        for (var block = 0; block < blocks; block++)
        {
            var words = block == blocks - 1 ? 5 : Words;
            ulong[] occupied = [.. Enumerable.Range(0, words).Select(_ => dice.Chance(90) ? ulong.MaxValue : 0x00FF_FF00_FFFF_FFFFUL)];
            var bits = new ulong[words];
            bits.AsSpan().Fill(0xDEAD);
            machine.Begin(block * Words, occupied);
            var any = machine.Evaluate(term, bits);
            var alone = Enumerable.Range(0, words).Select(word => Of(clause, (block * Words) + word) & occupied[word]).ToArray();
            Assert.Equal(alone, bits);
            Assert.True(any || !alone.Any(static word => word != 0));
        }

        Clause Draw(int depth) => depth == 0 || dice.Chance(30) ? Leaf(dice.Below(slots))
            : dice.Chance(50) ? new Clause.All([Draw(depth - 1), Draw(depth - 1), Draw(depth - 1)])
            : new Clause.Any([Draw(depth - 1), Draw(depth - 1)]);

        ulong Of(Clause of, int word) => of switch
        {
            Clause.Leaf leaf => source[leaf.Slot][word],
            Clause.All all => all.Of.Aggregate(ulong.MaxValue, (bits, part) => bits & Of(part, word)),
            Clause.Any any => any.Of.Aggregate(0UL, (bits, part) => bits | Of(part, word)),
            _ => 0,
        };
    });

    private static List<int> Asked(Clause clause, params (int Slot, bool Everyone)[] sets)
    {
        var source = new Sets();
        foreach (var (slot, all) in sets)
        {
            source[slot] = all ? everyone : new ulong[Words];
        }

        var machine = new BlockMachine([.. clause.Slots.Distinct()], source);
        machine.Begin(0, everyone);
        var bits = new ulong[Words];
        var any = machine.Evaluate(machine.Ready(clause), bits);
        Assert.Equal(any, BitKernels.Count(bits) > 0);
        return source.Asked;
    }

    private static Clause.Leaf Leaf(int slot) => new(slot);

    /// <summary>Sets that know when they were asked for.</summary>
    private sealed class Sets : ISlotSource
    {
        private readonly Dictionary<int, ulong[]> sets = [];

        public List<int> Asked { get; } = [];

        /// <summary>The one that takes a hundred times as long.</summary>
        public int Dear { get; init; } = -1;

        public ulong[] this[int slot]
        {
            get => sets[slot];
            set => sets[slot] = value;
        }

        public void Fill(int slot, int firstWord, Span<ulong> bits)
        {
            Asked.Add(slot);
            sets[slot].AsSpan(firstWord, bits.Length).CopyTo(bits);
        }

        public double Cost(int slot) => slot == Dear ? 100 : 1;
    }
}
