using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Insight;

/// <summary>
/// Counts who has which value. Values are told apart by their bytes while they are counted, and read only at the end, each once. Where there are too many different ones the rarest go, so that what is left
/// is the most frequent; each count is then a lower bound.
/// </summary>
internal sealed class ValueTally
{
    private readonly Dictionary<byte[], Tally> tallies;
    private readonly Dictionary<byte[], Tally>.AlternateLookup<ReadOnlySpan<byte>> byBytes;
    private long bytes;

    public ValueTally()
    {
        tallies = new(Bytes.Comparer);
        byBytes = tallies.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public bool IsExact { get; private set; } = true;

    /// <summary>Somebody has a value. Somebody who is named twice in a row with the same value counts once.</summary>
    public void Add(long who, ReadOnlySpan<byte> value)
    {
        if (byBytes.TryGetValue(value, out var tally))
        {
            tally.Count += tally.Last == who ? 0 : 1;
            tally.Last = who;
        }
        else if (value.Length <= Rules.Limits.TextBytesMax)
        {
            // Longer than that no value of a rule can be.
            tallies[value.ToArray()] = new() { Count = 1, Last = who };
            bytes += value.Length;
            if (tallies.Count > InsightLimits.ValuesMax || bytes > InsightLimits.ValueBytesMax)
            {
                Thin();
            }
        }
    }

    /// <summary>Most frequent first. Different ways to write one value are one.</summary>
    /// <param name="read">Null where it cannot be read.</param>
    public List<ValueCount> Counts(Func<byte[], TraitValue?> read)
    {
        var counts = new Dictionary<(string Text, TraitKind Kind), long>();
        foreach (var (value, tally) in tallies)
        {
            if (read(value) is { } known && ValueTexts.Of(known) is { } text)
            {
                counts[text] = counts.GetValueOrDefault(text) + tally.Count;
            }
        }

        return [.. counts.OrderByDescending(static each => each.Value).ThenBy(static each => each.Key.Text, StringComparer.Ordinal).Select(each => new ValueCount(each.Key.Text, each.Key.Kind, each.Value, IsExact))];
    }

    /// <summary>Reads JSON as a type, or as what it is.</summary>
    public static TraitValue? Read(byte[] json, TraitType? type)
    {
        using var document = JsonDocument.Parse(json);
        return TraitSchema.Convert(document.RootElement, type is { } declared ? declared with { IsList = false } : null);
    }

    /// <summary>Halves the values at least.</summary>
    private void Thin()
    {
        IsExact = false;
        var (half, halfOfBytes) = (InsightLimits.ValuesMax / 2, InsightLimits.ValueBytesMax / 2);
        for (var rare = 1L; tallies.Count > half || bytes > halfOfBytes; rare *= 2)
        {
            foreach (var (value, tally) in tallies)
            {
                if (tally.Count <= rare)
                {
                    _ = tallies.Remove(value);
                    bytes -= value.Length;
                }
            }
        }
    }

    private sealed class Tally
    {
        public long Count { get; set; }
        public long Last { get; set; }
    }

    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Bytes Comparer = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] value) => GetHashCode(value.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
