using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// What one shard's contacts are and did, a typed column for each trait and each event property that some rule reads, and nothing else: a million contacts
/// with ten numbers and ten texts take about 100 MB. One thread at a time: whoever evaluates a whole shard also lays its events in order.
/// </summary>
public sealed class ShardColumns
{
    private readonly ColumnTable contacts = new();
    private readonly Dictionary<string, EventTable> events = new(StringComparer.Ordinal);
    private ulong[] occupied = [];
    private IdColumn? ids;

    /// <summary>How many contacts there are.</summary>
    public int Count { get; private set; }

    /// <summary>An estimate of the memory taken, in bytes.</summary>
    public long Bytes => contacts.Bytes + (occupied.Length * 8L) + (ids?.Bytes ?? 0) + events.Values.Sum(static table => table.Bytes);

    /// <summary>The seats that are taken.</summary>
    public ContactSet Contacts => ContactSet.FromWords(occupied.AsSpan(0, Words));

    /// <summary>One more than the highest seat ever taken.</summary>
    internal int Seats { get; private set; }

    /// <summary>Words of 64 seats.</summary>
    internal int Words => (Seats + 63) / 64;

    internal ReadOnlySpan<ulong> Occupied => occupied;

    /// <summary>Another number whenever columns came or went, so that whoever holds columns fetches them anew.</summary>
    internal int Shape { get; private set; }

    /// <summary>What must be streamed again before a plan can be evaluated.</summary>
    public ColumnNeeds Needs(RulePlan plan) => new(
        Contacts: plan.Traits.Where(source => !contacts.Has(source)).Aggregate(plan.ReadsIds && ids is null ? ContactParts.BuiltIn : ContactParts.None, static (parts, source) => parts | source.Parts),
        Events: [.. plan.Properties.Where(wanted => !events.TryGetValue(wanted.Key, out var table) || wanted.Value.Any(source => !table.Properties.Has(source))).Select(static wanted => wanted.Key)]);

    /// <summary>Whether everything a plan reads is held.</summary>
    public bool Holds(RulePlan plan) => Needs(plan).IsNone;

    /// <summary>Whether events of a name are held.</summary>
    public bool HoldsEvents(string name) => events.ContainsKey(name);

    /// <summary>
    /// Fills what a plan reads and is not held. All contacts of the shard are to be streamed when <see cref="Needs"/> asks for contacts, and all events of the
    /// names it lists, of contacts that are here; events of other names are passed over. They take the place of what was held of those events. Contacts that are not here yet are put, so of those all parts are to be
    /// streamed; of the others those that it asks for.
    /// Where a stream throws, what was held is held as before.
    /// </summary>
    public void Extend(RulePlan plan, IEnumerable<(ContactIndex Contact, Contact Data)> contacts, IEnumerable<(ContactIndex Contact, ContactEvent Event)> events)
    {
        var needs = Needs(plan);
        var missing = plan.Traits.Where(source => !this.contacts.Has(source)).ToList();
        var fillsIds = plan.ReadsIds && ids is null;
        var before = needs.Events.ToDictionary(static name => name, name => this.events.GetValueOrDefault(name), StringComparer.Ordinal);
        missing.ForEach(this.contacts.Add);
        if (fillsIds)
        {
            ids = new();
            ids.Grow(this.contacts.Capacity);
        }

        foreach (var name in needs.Events)
        {
            Rebuild(name, plan.Properties[name]);
        }

        Shape++;
        try
        {
            Fill();
        }
        catch
        {
            // A column half filled would be taken for a whole one.
            missing.ForEach(this.contacts.Drop);
            ids = fillsIds ? null : ids;
            foreach (var (name, table) in before)
            {
                _ = this.events.Remove(name);
                if (table is not null)
                {
                    this.events.Add(name, table);
                }
            }

            Shape++;
            throw;
        }

        void Fill()
        {
            foreach (var (seat, contact) in contacts)
            {
                if (!Has(seat))
                {
                    Put(seat, contact);
                    continue;
                }

                missing.ForEach(source => this.contacts[source].Set(seat.Value, source.Read(contact)));
                if (fillsIds)
                {
                    ids!.Set(seat.Value, contact.Id);
                }
            }

            foreach (var (seat, happened) in events)
            {
                if (needs.Events.Contains(happened.Name))
                {
                    TableOf(seat, happened)?.Load(seat.Value, happened);
                }
            }

            foreach (var name in needs.Events)
            {
                this.events[name].Pack();
            }
        }
    }

    /// <summary>Lets go of what none of some plans reads.</summary>
    public void TrimTo(params ReadOnlySpan<RulePlan> plans)
    {
        var traits = new HashSet<ValueSource>();
        var properties = new Dictionary<string, HashSet<ValueSource>>(StringComparer.Ordinal);
        var readsIds = false;
        foreach (var plan in plans)
        {
            traits.UnionWith(plan.Traits);
            readsIds |= plan.ReadsIds;
            foreach (var (name, read) in plan.Properties)
            {
                properties.TryAdd(name, []);
                properties[name].UnionWith(read);
            }
        }

        foreach (var source in contacts.Sources.Where(source => !traits.Contains(source)).ToList())
        {
            contacts.Drop(source);
        }

        ids = readsIds ? ids : null;
        foreach (var (name, table) in events.ToList())
        {
            if (!properties.TryGetValue(name, out var read))
            {
                events.Remove(name);
                continue;
            }

            foreach (var source in table.Properties.Sources.Where(source => !read.Contains(source)).ToList())
            {
                table.Properties.Drop(source);
            }
        }

        Shape++;
    }

    /// <summary>Whether a seat is taken.</summary>
    public bool Has(ContactIndex contact) => (uint)contact.Value < (uint)Seats && BitKernels.Contains(occupied, contact.Value);

    /// <summary>Adds a contact, or replaces what is known of it; its events stay.</summary>
    public void Put(ContactIndex seat, Contact contact)
    {
        Reserve(seat.Value + 1);
        if (!BitKernels.Contains(occupied, seat.Value))
        {
            BitKernels.Set(occupied, seat.Value);
            Count++;
        }

        contacts.Set(seat.Value, contact);
        ids?.Set(seat.Value, contact.Id);
    }

    /// <summary>Takes an event in, if some rule reads events of its name.</summary>
    /// <exception cref="ArgumentException">Nobody has that seat.</exception>
    public void Add(ContactIndex contact, ContactEvent happened) => TableOf(contact, happened)?.Add(contact.Value, happened);

    /// <summary>Forgets a contact and its events; the seat is free again.</summary>
    public void Remove(ContactIndex contact)
    {
        if (!Has(contact))
        {
            return;
        }

        BitKernels.Clear(occupied, contact.Value);
        Count--;
        contacts.Clear(contact.Value);
        ids?.Set(contact.Value, null);
        foreach (var table in events.Values)
        {
            table.Remove(contact.Value);
        }
    }

    internal Column this[ValueSource source] => contacts[source];

    internal IdColumn Ids => ids!;

    internal EventTable EventsOf(string name) => events[name];

    private EventTable? TableOf(ContactIndex contact, ContactEvent happened) =>
        Has(contact) ? events.GetValueOrDefault(happened.Name) : throw new ArgumentException($"an event for seat {contact.Value}, where no contact is", nameof(contact));

    /// <summary>An empty table with the columns of before and those a plan adds.</summary>
    private void Rebuild(string name, ImmutableHashSet<ValueSource> read)
    {
        var before = events.TryGetValue(name, out var table) ? table.Properties.Sources : [];
        var rebuilt = new EventTable();
        foreach (var source in read.Union(before))
        {
            rebuilt.Properties.Add(source);
        }

        events[name] = rebuilt;
    }

    private void Reserve(int seats)
    {
        if (contacts.Reserve(seats))
        {
            ids?.Grow(contacts.Capacity);
            Array.Resize(ref occupied, contacts.Capacity / 64);
        }

        Seats = Math.Max(Seats, seats);
    }
}

/// <summary>What must be streamed into a shard's columns before a plan can be evaluated.</summary>
/// <param name="Contacts">What of every contact must be streamed again.</param>
/// <param name="Events">The names of the events that must be streamed again.</param>
public sealed record ColumnNeeds(ContactParts Contacts, ImmutableHashSet<string> Events)
{
    /// <summary>Everything is held.</summary>
    public bool IsNone => Contacts == ContactParts.None && Events.IsEmpty;
}
