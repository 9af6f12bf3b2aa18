using System.Collections.Frozen;
using System.Collections.Immutable;
using SegmentEngine.Rules;

namespace SegmentEngine.Segments;

/// <summary>A segment's rule in force.</summary>
/// <param name="Id">Whose rule it is.</param>
/// <param name="Revision">The number of the published rule, from 1.</param>
/// <param name="Rule">Checked against the schema in force.</param>
public sealed record SegmentRule(SegmentId Id, int Revision, CheckedRule Rule);

/// <summary>All published rules of a workspace that can be run: in which order, and who depends on whom. Immutable; another set of rules is another catalog.</summary>
public sealed class SegmentCatalog
{
    public static readonly SegmentCatalog Empty = new([]);

    private readonly FrozenDictionary<SegmentId, SegmentRule> byId;
    private readonly ILookup<SegmentId, SegmentId> readers;

    /// <exception cref="ArgumentException">The references make a circle; whoever publishes asks <see cref="FindCycle(SegmentId, IEnumerable{SegmentId})"/> first.</exception>
    public SegmentCatalog(IEnumerable<SegmentRule> rules)
    {
        byId = rules.ToFrozenDictionary(static rule => rule.Id);
        readers = byId.Values.SelectMany(static rule => rule.Rule.Reads.Segments.Select(read => (Read: read, Reader: rule.Id))).ToLookup(static pair => pair.Read, static pair => pair.Reader);
        InOrder = Sorted(byId);
    }

    /// <summary>Every rule after those it refers to.</summary>
    public ImmutableArray<SegmentRule> InOrder { get; }

    /// <summary>The rule of a segment, or null where none is in force.</summary>
    public SegmentRule? Find(SegmentId id) => byId.GetValueOrDefault(id);

    /// <summary>Some segments and everything built on them, directly or not.</summary>
    public ImmutableHashSet<SegmentId> WithReaders(IEnumerable<SegmentId> segments)
    {
        var found = ImmutableHashSet.CreateBuilder<SegmentId>();
        var waiting = new Stack<SegmentId>(segments);
        while (waiting.TryPop(out var segment))
        {
            if (found.Add(segment))
            {
                foreach (var reader in readers[segment])
                {
                    waiting.Push(reader);
                }
            }
        }

        return found.ToImmutable();
    }

    /// <summary>The circle that an edit would close, beginning and ending with the edited segment; null where it closes none.</summary>
    public ImmutableArray<SegmentId>? FindCycle(SegmentId edited, IEnumerable<SegmentId> reads) =>
        FindCycle(edited, segment => segment == edited ? reads : Find(segment)?.Rule.Reads.Segments ?? []);

    /// <summary>The circle through a segment in any graph of references, beginning and ending with it; null where there is none.</summary>
    public static ImmutableArray<SegmentId>? FindCycle(SegmentId through, Func<SegmentId, IEnumerable<SegmentId>> readsOf)
    {
        var cameFrom = new Dictionary<SegmentId, SegmentId>();
        var waiting = new Queue<SegmentId>([through]);
        while (waiting.TryDequeue(out var segment))
        {
            foreach (var read in readsOf(segment))
            {
                if (read == through)
                {
                    return PathBack(segment, through, cameFrom);
                }

                if (cameFrom.TryAdd(read, segment))
                {
                    waiting.Enqueue(read);
                }
            }
        }

        return null;
    }

    private static ImmutableArray<SegmentId> PathBack(SegmentId last, SegmentId through, Dictionary<SegmentId, SegmentId> cameFrom)
    {
        var path = new List<SegmentId> { through };
        for (var segment = last; segment != through; segment = cameFrom[segment])
        {
            path.Add(segment);
        }

        path.Add(through);
        path.Reverse();
        return [.. path];
    }

    /// <summary>Kahn's algorithm; ties by id, so that one set of rules always gives one order.</summary>
    private static ImmutableArray<SegmentRule> Sorted(FrozenDictionary<SegmentId, SegmentRule> rules)
    {
        var waitsFor = rules.Values.ToDictionary(static rule => rule.Id, rule => rule.Rule.Reads.Segments.Count(rules.ContainsKey));
        var readers = rules.Values.SelectMany(static rule => rule.Rule.Reads.Segments.Select(read => (Read: read, Reader: rule))).ToLookup(static pair => pair.Read, static pair => pair.Reader);
        var ready = new PriorityQueue<SegmentRule, Guid>(rules.Values.Where(rule => waitsFor[rule.Id] == 0).Select(static rule => (rule, rule.Id.Value)));
        var order = ImmutableArray.CreateBuilder<SegmentRule>(rules.Count);
        while (ready.TryDequeue(out var rule, out _))
        {
            order.Add(rule);
            foreach (var reader in readers[rule.Id])
            {
                if (--waitsFor[reader.Id] == 0)
                {
                    ready.Enqueue(reader, reader.Id.Value);
                }
            }
        }

        return order.Count == rules.Count ? order.DrainToImmutable() : throw new ArgumentException("the rules refer to one another in a circle", nameof(rules));
    }
}
