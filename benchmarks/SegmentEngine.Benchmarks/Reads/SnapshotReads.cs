using System.Collections.Frozen;
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
[ShortRunJob]
[MemoryDiagnoser]
public class SnapshotReads
{
    private const int Contacts = 1_000_000;
    private const int Segments = 1_000;
    private const int Shards = 2;
    private const int Items = 100;
    private const int SegmentsEach = 3;
    private const int Asked = 1_024;

    private EngineSnapshot snapshot = null!;
    private ContactId[] contacts = [];
    private SegmentId[] segments = [];
    private StoredAction[] actions = [];
    private StoredInstruction[] instructions = [];
    private ServerOptions options = null!;
    private Freshness freshness = null!;
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
        ImmutableArray<SegmentState> states = [.. segments.Select(static (id, i) => new SegmentState
        {
            Number = i, Id = id, Name = $"segment {i:D4}", Definition = JsonElement.Parse("{}"), CreatedAt = default, UpdatedAt = default, RuleRevision = 1, Readiness = Readiness.Ready, HasRows = true,
        })];
        var shards = seats.Select(each => new ShardMemberships(each, each.Count, states.ToDictionary(static state => state.Number, state => Some(each.Count, 1 << (int)(1 + (state.Number % 10)), random))));
        snapshot = new([.. shards], new Backlog(), Instant.MaxValue) { Revision = 1, Segments = states, SegmentsById = states.ToFrozenDictionary(static state => state.Id) };
        actions = [.. Enumerable.Range(0, Items).Select(i => new StoredAction { Id = new(i, 1, 0, new byte[8]), Name = $"action {i}", IsRestricted = true, RestrictedToSegments = [.. Drawn(random)] })];
        instructions = [.. Enumerable.Range(0, Items).Select(i => new StoredInstruction { Id = new(i, 2, 0, new byte[8]), Title = $"instruction {i}", Content = "", IsRestricted = true, RestrictedToSegments = [.. Drawn(random)] })];
        options = new();
        freshness = new(new MembershipView(), options, TimeProvider.System);
    }

    /// <summary>Contact and segment by id to yes or no.</summary>
    [Benchmark]
    public bool Check() => snapshot.TryFindSeat(Next(), out var seat) && snapshot.IsMember(snapshot.SegmentsById[segments[next % Segments]], seat);

    [Benchmark]
    public int ListForContact() => snapshot.TryFindSeat(Next(), out var seat) ? snapshot.SegmentsOf(seat).Count() : 0;

    /// <summary>What is kept of a hundred actions and a hundred instructions.</summary>
    [Benchmark]
    public int Gate()
    {
        var contact = Next();
        _ = snapshot.TryFindSeat(contact, out var seat);
        var gate = new MessageGate(snapshot, new FoundContact(contact, seat), "web", freshness, options);
        var kept = 0;
        foreach (var action in actions)
        {
            kept += gate.WhyNot(action) is null ? 1 : 0;
        }

        foreach (var instruction in instructions)
        {
            kept += gate.WhyNot(instruction) is null ? 1 : 0;
        }

        return kept;
    }

    private ContactId Next() => contacts[next = (next + 1) % Asked];

    private IEnumerable<SegmentId> Drawn(Random random) => Enumerable.Range(0, SegmentsEach).Select(_ => segments[random.Next(Segments)]);

    private static ContactSet Some(int seats, int oneIn, Random random) =>
        ContactSet.Of(Enumerable.Range(0, seats).Where(_ => random.Next(oneIn) == 0).Select(static seat => new ContactIndex(seat)));
}
