using System.Net.Http.Headers;

namespace SegmentEngine.Client;

/// <summary>Answers with their tags, so that the same question is answered with 304 where nothing changed. Safe to share between threads.</summary>
/// <param name="max">About how many are kept; those that are asked for stay.</param>
internal sealed class KeptAnswers(int max)
{
    private readonly Lock changing = new();

    /// <summary>When <see cref="young"/> is full it becomes this, and what was here is forgotten.</summary>
    private Dictionary<string, Kept> old = [];
    private Dictionary<string, Kept> young = [];

    /// <summary>Null where nothing is kept for a path.</summary>
    public Kept? Find(string path)
    {
        lock (changing)
        {
            if (young.TryGetValue(path, out var kept))
            {
                return kept;
            }

            if (old.TryGetValue(path, out kept))
            {
                Put(path, kept);
            }

            return kept;
        }
    }

    public void Keep(string path, EntityTagHeaderValue tag, object answer)
    {
        if (max > 0)
        {
            lock (changing)
            {
                Put(path, new(tag, answer));
            }
        }
    }

    private void Put(string path, Kept kept)
    {
        if (young.Count * 2 >= max)
        {
            (old, young) = (young, []);
        }

        young[path] = kept;
    }

    /// <param name="Tag">Of the answer.</param>
    /// <param name="Answer">A wire record.</param>
    internal sealed record Kept(EntityTagHeaderValue Tag, object Answer);
}
