using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <content>One contact at a time: predicates composed once for the plan, each condition asked at most once a contact and run.</content>
public sealed partial class ShardEvaluator
{
    private Func<int, Truth>[] predicates = [];

    // The answer of an atom or rule for the contact in hand, kept beside the number of the asking: asking × 4 + truth.
    private int[] atomAnswers = [];
    private int[] ruleAnswers = [];
    private int asking;
    private int[] clockAtoms = [];
    private int[] outsideAtoms = [];
    private ContactMachine? machine;

    /// <summary>The instant that every condition was made ready for; null after some were made ready for another.</summary>
    private Instant? contactsAt;
    private Instant now;

    /// <summary>Evaluates one contact at a time. Holds until the next <see cref="At"/> or <see cref="Run"/> of this evaluator.</summary>
    /// <param name="now">The time of the answers.</param>
    /// <param name="members">The members of a segment outside of the plan; null while they are not known, which makes the condition UNKNOWN.</param>
    /// <exception cref="InvalidOperationException">The columns do not hold what the plan reads.</exception>
    public ContactEvaluation At(Instant now, Func<SegmentId, ContactSet?> members)
    {
        this.now = now;
        Begin(now, members, Chosen(only: null));
        return new(this);
    }

    /// <summary>The same as <see cref="Run"/>, contact by contact: slower by far, for checking one against the other.</summary>
    public PlanResult RunOneByOne(Instant now, Func<SegmentId, ContactSet?> members)
    {
        var contacts = At(now, members);
        var seats = plan.Segments.Select(static _ => new List<ContactIndex>()).ToArray();
        var changes = plan.Segments.Select(static _ => Instant.MaxValue).ToArray();
        var truths = new Truth[plan.Segments.Length];
        foreach (var contact in columns.Contacts)
        {
            contacts.Ask(contact, truths);
            for (var i = 0; i < truths.Length; i++)
            {
                if (truths[i] == Truth.True)
                {
                    seats[i].Add(contact);
                }
            }

            if (plan.ReadsClock)
            {
                var own = contacts.NextChanges(contact);
                for (var i = 0; i < changes.Length; i++)
                {
                    changes[i] = own[i] < changes[i] ? own[i] : changes[i];
                }
            }
        }

        return new([.. plan.Segments.Select((segment, i) => new RuleResult(segment, ContactSet.Of(seats[i]), changes[i]))]);
    }

    /// <summary>Sets when each contact is due next, by the conditions of the plan that read the clock.</summary>
    /// <param name="now">After when.</param>
    /// <param name="due">Where the times are kept.</param>
    /// <param name="held">A plan whose conditions it knows the times of already; null where all are to be set afresh.</param>
    public void SetDue(Instant now, DueTimes due, RulePlan? held = null)
    {
        BeginContacts(now, static _ => null);
        due.Sweep(
            columns.Seats,
            times =>
            {
                foreach (var atom in clockAtoms.Where(atom => held?.Has(plan.Atoms[atom]) != true))
                {
                    tests[atom].Due(now, columns.Occupied[..columns.Words], times);
                }
            },
            afresh: held is null);
    }

    /// <summary>One contact against every rule, bound to the columns as they are.</summary>
    internal ContactMachine Machine
    {
        get
        {
            Bind();
            return machine ??= new(plan, columns, tests);
        }
    }

    internal SegmentId SegmentOf(int rule) => plan.Rules[rule].Segment;

    /// <summary>Makes the conditions ready to be asked of single contacts.</summary>
    internal void BeginContacts(Instant now, Func<SegmentId, ContactSet?> members)
    {
        Bind();
        if (contactsAt is null)
        {
            _ = Begin(now, members, Chosen(only: null));
        }
        else if (contactsAt != now)
        {
            Array.ForEach(clockAtoms, atom => tests[atom].Begin(now));
        }

        foreach (var atom in outsideAtoms)
        {
            ((SetTest)tests[atom]).Members = members(((Atom.InSegment)plan.Atoms[atom]).Segment);
        }

        contactsAt = this.now = now;
    }

    internal void Ask(int seat, Span<Truth> truths)
    {
        AskAnew();
        for (var i = 0; i < truths.Length; i++)
        {
            truths[i] = AskRule(i, seat);
        }
    }

    internal Truth Ask(int seat, SegmentId segment)
    {
        AskAnew();
        return AskRule(Place(segment), seat);
    }

    internal Instant[] NextChanges(int seat) => Changes(Chosen(only: null), atom => tests[atom].NextChange(seat, now));

    internal Instant NextChange(int seat) => clockAtoms.Aggregate(Instant.MaxValue, (next, atom) => tests[atom].NextChange(seat, now) is var own && own < next ? own : next);

    internal bool Has(ContactIndex contact) => columns.Has(contact);

    internal int Rules => plan.Rules.Length;

    private void AskAnew()
    {
        if (++asking > int.MaxValue >> 2)
        {
            // The numbers begin again: no answer of the last round may be taken for one of this.
            (asking, atomAnswers, ruleAnswers) = (1, new int[atomAnswers.Length], new int[ruleAnswers.Length]);
        }
    }

    private void Compile()
    {
        var readers = new int[plan.Atoms.Length];
        foreach (var rule in plan.Rules)
        {
            foreach (var atom in rule.Formula.Atoms)
            {
                readers[plan.NumberOf(atom)]++;
            }
        }

        (machine, contactsAt) = (null, null);
        outsideAtoms = [.. Enumerable.Range(0, plan.Atoms.Length).Where(atom => plan.Atoms[atom] is Atom.InSegment { Segment: var segment } && plan.IndexOf(segment) < 0)];
        clockAtoms = [.. Enumerable.Range(0, plan.Atoms.Length).Where(atom => plan.Atoms[atom].ReadsClock)];
        atomAnswers = new int[plan.Atoms.Length];
        ruleAnswers = new int[plan.Rules.Length];
        predicates = [.. plan.Rules.Select(rule => Predicates.Compile(rule.Formula, atom => LeafOf(plan.NumberOf(atom), readers)))];
    }

    private Func<int, Truth> LeafOf(int atom, int[] readers)
    {
        if (plan.Atoms[atom] is Atom.InSegment { Segment: var segment } && plan.IndexOf(segment) is >= 0 and var rule)
        {
            // Membership has two values: UNKNOWN is not a member.
            return seat => Kleene.Of(AskRule(rule, seat) == Truth.True);
        }

        var test = tests[atom];
        return readers[atom] == 1 ? test.Of : seat =>
        {
            var known = atomAnswers[atom];
            if (known >> 2 == asking)
            {
                return (Truth)(known & 3);
            }

            var truth = test.Of(seat);
            atomAnswers[atom] = (asking << 2) | (int)truth;
            return truth;
        };
    }

    private Truth AskRule(int rule, int seat)
    {
        var known = ruleAnswers[rule];
        if (known >> 2 == asking)
        {
            return (Truth)(known & 3);
        }

        var truth = predicates[rule](seat);
        ruleAnswers[rule] = (asking << 2) | (int)truth;
        return truth;
    }
}

/// <summary>Answers about one contact at a time, for one instant. A seat that nobody has is UNKNOWN to every rule.</summary>
public sealed class ContactEvaluation
{
    private readonly ShardEvaluator evaluator;

    internal ContactEvaluation(ShardEvaluator evaluator) => this.evaluator = evaluator;

    /// <summary>What each rule of the plan says of a contact, in the plan's order.</summary>
    public void Ask(ContactIndex contact, Span<Truth> truths)
    {
        if (truths.Length != evaluator.Rules)
        {
            throw new ArgumentException($"room for {truths.Length} answers of {evaluator.Rules} rules", nameof(truths));
        }

        if (evaluator.Has(contact))
        {
            evaluator.Ask(contact.Value, truths);
        }
        else
        {
            truths.Fill(Truth.Unknown);
        }
    }

    /// <summary>What one rule says of a contact.</summary>
    public Truth Ask(ContactIndex contact, SegmentId segment) => evaluator.Has(contact) ? evaluator.Ask(contact.Value, segment) : Truth.Unknown;

    /// <summary>For each rule no later than the first instant after now at which its answer for a contact may change merely because time passes.</summary>
    public Instant[] NextChanges(ContactIndex contact) => evaluator.NextChanges(contact.Value);

    /// <summary>The same for all rules at once.</summary>
    public Instant NextChange(ContactIndex contact) => evaluator.NextChange(contact.Value);
}
