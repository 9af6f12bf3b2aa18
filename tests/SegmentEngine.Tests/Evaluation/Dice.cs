namespace SegmentEngine.Tests.Evaluation;

/// <summary>Chance, with a seed that is printed when a test fails and may be set with SEGMENT_SEED.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random random = new(seed);

    public int Seed { get; } = seed;

    /// <summary>The seed of a whole test run.</summary>
    public static int FirstSeed { get; } = int.TryParse(Environment.GetEnvironmentVariable("SEGMENT_SEED"), out var seed) ? seed : Random.Shared.Next(1_000_000_000);

    /// <summary>Throws so many dice, each with a seed of its own; a failure says which.</summary>
    public static void Throw(int times, Action<Dice> test)
    {
        for (var i = 0; i < times; i++)
        {
            var dice = new Dice(unchecked(FirstSeed + i));
            try
            {
                test(dice);
            }
            catch (Exception failed)
            {
                throw new InvalidOperationException($"with SEGMENT_SEED={dice.Seed}: {failed.Message}", failed);
            }
        }
    }

    public int Below(int end) => random.Next(end);

    public int From(int least, int most) => random.Next(least, most + 1);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Pick<T>(params IReadOnlyList<T> some) => some[random.Next(some.Count)];

    public T[] Some<T>(IReadOnlyList<T> of, int least, int most) => [.. Enumerable.Range(0, From(least, most)).Select(_ => Pick(of))];

    public T[] Shuffled<T>(IEnumerable<T> some)
    {
        var shuffled = some.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    public Guid Id()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new(bytes);
    }
}
