using System.Collections.Immutable;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Benchmarks.Reads;

/// <summary>The questions that are answered from the snapshot in memory: a million contacts, a thousand segments of one contact in a thousand to one in two, a hundred actions and as many instructions, each restricted to three segments.</summary>
[SimpleJob(warmupCount: 2, iterationCount: 5)]
[MemoryDiagnoser]
public class SnapshotReads
{
    private const int Contacts = 1_000_000;
    private const int Segments = 1_000;
    private const int Shards = 2;
    private const int Items = 100;
    private const int SegmentsEach = 3;

    private EngineSnapshot snapshot = null!;
    private ContactId[] contacts = [];
    private SegmentId[] segments = [];
    private GatedItemSet items = null!;
    private ServerOptions options = null!;
    private int next;

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(42);
        var seats = Enumerable.Range(0, Shards).Select(static _ => new ContactSeats()).ToArray();
        var all = new ContactId[Contacts];
        for (var i = 0; i < Contacts; i++)
        {
            all[i] = new(new Guid(random.Next(), (short)random.Next(short.MaxValue), 0, BitConverter.GetBytes((long)i)));
            _ = seats[ShardStore.Of(all[i], Shards)].Take(i + 1, all[i]);
        }

        contacts = [.. Enumerable.Range(0, Asked).Select(_ => all[random.Next(Contacts)])];
        segments = [.. Enumerable.Range(0, Segments).Select(static i => new SegmentId(new Guid(i + 1, 0, 0, new byte[8])))];
        var slots = new SegmentSlots();
        ImmutableArray<SegmentState> states = [.. segments.Select((id, i) => new SegmentState
        {
            Number = i, Slot = slots.Of(i), Id = id, Name = $"segment {i:D4}", Definition = JsonElement.Parse("{}"), CreatedAt = default, UpdatedAt = default, RuleRevision = 1, Readiness = Readiness.Ready, HasRows = true,
        })];
        var shards = seats.Select(each => Members(each, states, slots, random));
        snapshot = new([.. shards], new Backlog(), Instant.MaxValue) { Revision = 1, Shown = new(states) };
        var actions = (List<StoredAction>)[.. Enumerable.Range(0, Items).Select(i => new StoredAction { Id = new(i, 1, 0, new byte[8]), Name = $"action {i}", IsRestricted = true, RestrictedToSegments = [.. Drawn(random)] })];
        var instructions = (List<StoredInstruction>)[.. Enumerable.Range(0, Items).Select(i => new StoredInstruction { Id = new(i, 2, 0, new byte[8]), Title = $"instruction {i}", Content = "", IsRestricted = true, RestrictedToSegments = [.. Drawn(random)] })];
        items = new(actions, instructions, []);
        options = new();
    }

    /// <summary>Of how many different contacts one after the other: few that stay in the processor's caches, or so many that each is fetched from memory.</summary>
    [Params(1_024, 1 << 18)]
    public int Asked { get; set; }

    /// <summary>Contact and segment by id to yes or no.</summary>
    [Benchmark]
    public bool Check() => snapshot.TryFindSeat(Next(), out var seat) && snapshot.IsMember(snapshot.SegmentsById[segments[next % Segments]], seat);

    [Benchmark]
    public int ListForContact() => snapshot.TryFindSeat(Next(), out var seat) ? snapshot.SegmentsOf(seat).Count : 0;

    /// <summary>What is kept of a hundred actions and a hundred instructions.</summary>
    [Benchmark]
    public int Gate()
    {
        var contact = Next();
        _ = snapshot.TryFindSeat(contact, out var seat);
        var gate = new MessageGate(items.For(snapshot.Shown), snapshot, new FoundContact(contact, seat), "web", Instant.From(DateTimeOffset.UtcNow), options);
        var kept = 0;
        foreach (var action in gate.Sheet.Actions)
        {
            kept += gate.WhyNot(action) is null ? 1 : 0;
        }

        foreach (var instruction in gate.Sheet.Instructions)
        {
            kept += gate.WhyNot(instruction) is null ? 1 : 0;
        }

        return kept;
    }

    private ContactId Next() => contacts[next = (next + 1) % Asked];

    private IEnumerable<SegmentId> Drawn(Random random) => Enumerable.Range(0, SegmentsEach).Select(_ => segments[random.Next(Segments)]);

    private static ShardMemberships Members(ContactSeats seats, ImmutableArray<SegmentState> segments, SegmentSlots slots, Random random)
    {
        var members = new ShardMembers(slots);
        foreach (var segment in segments)
        {
            members[segment.Number] = Some(seats.Count, 1 << (int)(1 + (segment.Number % 10)), random);
        }

        return members.Now(seats);
    }

    private static ContactSet Some(int seats, int oneIn, Random random) =>
        ContactSet.Of(Enumerable.Range(0, seats).Where(_ => random.Next(oneIn) == 0).Select(static seat => new ContactIndex(seat)));
}
