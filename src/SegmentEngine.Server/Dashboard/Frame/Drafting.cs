using System.Collections.Concurrent;

namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>Who has the rule of which segment open to edit, so that two people are told of each other. In memory: it is about pages that are open.</summary>
public sealed class Drafting
{
    private readonly ConcurrentDictionary<object, (Guid Segment, Guid Person, string Name)> open = [];

    /// <summary>Somebody came or went.</summary>
    public event Action<Guid>? Changed;

    /// <param name="page">Whatever stands for the open page.</param>
    /// <param name="segment">Whose rule it edits.</param>
    /// <param name="person">Who edits.</param>
    /// <param name="name">What to call them.</param>
    public void Begin(object page, Guid segment, Guid person, string name)
    {
        open[page] = (segment, person, name);
        Changed?.Invoke(segment);
    }

    public void End(object page)
    {
        if (open.TryRemove(page, out var left))
        {
            Changed?.Invoke(left.Segment);
        }
    }

    /// <summary>The names of everybody but this person who has it open, each once.</summary>
    public IReadOnlyList<string> Others(Guid segment, Guid person) =>
        [.. open.Values.Where(each => each.Segment == segment && each.Person != person).Select(static each => each.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
