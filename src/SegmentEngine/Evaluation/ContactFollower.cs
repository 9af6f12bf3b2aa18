using SegmentEngine.Contacts;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Finds out what the change of a few contacts means for memberships, at a cost that follows the conditions that turn and not the number of segments: it is told of each contact before the columns change,
/// and asks afterwards only the rules of conditions that answer otherwise. Whatever it is not sure of it asks. For one batch of changes; not thread-safe.
/// </summary>
public sealed class ContactFollower
{
    private readonly ShardEvaluator evaluator;
    private readonly Dictionary<int, int> entries = [];
    private readonly List<int> seats = [];
    private readonly List<(int Rule, bool Enters)> turned = [];
    private ContactMachine machine;
    private ColumnMemory[] memories = [];
    private ulong[] touched = [];

    /// <param name="evaluator">Whose plan is followed; its columns must hold the plan.</param>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public ContactFollower(ShardEvaluator evaluator) => (this.evaluator, machine) = (evaluator, evaluator.Machine);

    /// <summary>The contacts it was told of.</summary>
    public IEnumerable<ContactIndex> Contacts => seats.Select(static seat => new ContactIndex(seat));

    private int Words => (machine.Rules + 63) / 64;

    /// <summary>A contact whose traits are about to change in the columns. Telling it twice changes nothing.</summary>
    public void Changing(ContactIndex contact)
    {
        if (!entries.ContainsKey(contact.Value))
        {
            var entry = Add(contact);
            machine.Remember(contact.Value, memories.AsSpan(entry * machine.Columns, machine.Columns));
        }
    }

    /// <summary>A contact of which nothing is known from before: a new one, or one that may have changed unseen. Every rule is asked.</summary>
    public void Unseen(ContactIndex contact) => Touched(entries.TryGetValue(contact.Value, out var entry) ? entry : Add(contact)).Fill(ulong.MaxValue);

    /// <summary>An event of a contact that was told of went into the columns; false where the contact was not.</summary>
    public bool Happened(ContactIndex contact, string name)
    {
        if (!entries.TryGetValue(contact.Value, out var entry))
        {
            return false;
        }

        machine.Touch(name, Touched(entry));
        return true;
    }

    /// <summary>The memberships that turn, once the columns have changed.</summary>
    /// <param name="now">The time of the answers.</param>
    /// <param name="outside">The members of a segment outside of the plan; null while they are not known, which makes the condition UNKNOWN.</param>
    /// <param name="before">The memberships so far.</param>
    /// <param name="slots">The slot of each segment in them, in the plan's order.</param>
    /// <param name="cancel">Ends it between two contacts.</param>
    public IReadOnlyList<RuleTurn> Follow(Instant now, Func<SegmentId, ContactSet?> outside, MembershipRows.View before, int[] slots, CancellationToken cancel = default)
    {
        evaluator.BeginContacts(now, outside);
        var isShaped = machine == evaluator.Machine;
        machine = evaluator.Machine;
        var turns = new RuleTurn?[machine.Rules];
        for (var entry = 0; entry < seats.Count; entry++)
        {
            cancel.ThrowIfCancellationRequested();
            var seat = seats[entry];
            var rules = Touched(entry);
            if (!isShaped)
            {
                rules.Fill(ulong.MaxValue);
            }
            else if (rules.ContainsAnyExcept(ulong.MaxValue))
            {
                machine.Touch(seat, memories.AsSpan(entry * machine.Columns, machine.Columns), rules);
            }

            if (!rules.ContainsAnyExcept(0UL))
            {
                continue;
            }

            if (machine.Rules % 64 is > 0 and var used)
            {
                rules[^1] &= (1UL << used) - 1;
            }

            machine.Begin(seat, before, slots);
            machine.Decide(rules, turned);
            foreach (var (rule, enters) in turned)
            {
                var turn = turns[rule] ??= new(evaluator.SegmentOf(rule), [], []);
                (enters ? turn.Entered : turn.Left).Add(new(seat));
            }
        }

        return [.. turns.OfType<RuleTurn>()];
    }

    private Span<ulong> Touched(int entry) => touched.AsSpan(entry * Words, Words);

    private int Add(ContactIndex contact)
    {
        var entry = seats.Count;
        entries.Add(contact.Value, entry);
        seats.Add(contact.Value);
        if ((entry + 1) * Words > touched.Length)
        {
            Array.Resize(ref touched, Math.Max(4, (entry + 1) * 2) * Words);
            Array.Resize(ref memories, Math.Max(4, (entry + 1) * 2) * machine.Columns);
        }

        return entry;
    }
}

/// <summary>Who enters and who leaves a segment.</summary>
public sealed record RuleTurn(SegmentId Segment, List<ContactIndex> Entered, List<ContactIndex> Left);
