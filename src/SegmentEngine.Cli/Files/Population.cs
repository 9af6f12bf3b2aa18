using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Cli.Files;

/// <summary>The contacts of a file in the order of their first lines, each in a seat.</summary>
internal sealed class Population
{
    private const int LineBytesMax = 64 << 20;

    private readonly List<Contact> contacts = [];
    private readonly List<string> names = [];
    private readonly Dictionary<string, int> byExternalId = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> byId = [];
    private readonly HashSet<string> lists = new(StringComparer.Ordinal);
    private readonly HashSet<string> sequences = new(StringComparer.Ordinal);

    public IReadOnlyList<Contact> Contacts => contacts;

    /// <summary>The ids of all static lists that some line names.</summary>
    public IReadOnlySet<string> Lists => lists;

    /// <summary>The ids of all sequences that some line names.</summary>
    public IReadOnlySet<string> Sequences => sequences;

    /// <summary>What is printed of each contact: its external id, else its id, as it came.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The seat of the contact with this external id, else of the one with this id; null where there is none.</summary>
    public int? Find(string user) =>
        byExternalId.TryGetValue(user, out var seat) || (Guid.TryParseExact(user, "D", out var id) && byId.TryGetValue(id, out seat)) ? seat : null;

    public static Population Read(InputFile contacts, Terminal terminal)
    {
        var population = new Population();
        var notes = new Notes(terminal.Error, contacts.Name);
        var lines = new LineReader(contacts, LineBytesMax);
        while (lines.TryRead(out var line))
        {
            if (population.Take(ContactLine.Parse(Checked(lines, line, contacts.Name), contacts.Name, lines.Number)) is { } fault)
            {
                notes.LeftOut(lines.Number, fault);
            }
        }

        notes.Done();
        return population;
    }

    /// <summary>Reads the events of a file whose names are wanted, as they are asked for. A message id counts once, by its first line, whoever that speaks of; a user who is nobody here is passed over.</summary>
    public IEnumerable<(ContactIndex Seat, ContactEvent Happened)> ReadEvents(InputFile file, IReadOnlySet<string> wanted, Terminal terminal)
    {
        var notes = new Notes(terminal.Error, file.Name);
        var lines = new LineReader(file, LineBytesMax);
        var reader = new EventLineReader(wanted);
        while (lines.TryRead(out var line))
        {
            switch (reader.Read(Checked(lines, line, file.Name), file.Name, lines.Number, out var happened, out var user, out var fault))
            {
                case EventLine.Wanted when Find(user) is { } seat:
                    yield return (new(seat), happened!);
                    break;
                case EventLine.Unusable:
                    notes.LeftOut(lines.Number, fault!);
                    break;
            }
        }

        notes.Done();
    }

    private static ReadOnlyMemory<byte> Checked(LineReader lines, ReadOnlyMemory<byte> line, string file) =>
        lines.Fault is { } fault ? throw new RefusedException($"{file}, line {lines.Number}: the line {fault}") : line;

    /// <summary>Seats a new contact, or brings a known one up to date; says what is wrong with a line that can be used for neither.</summary>
    private string? Take(JsonElement json)
    {
        if (ContactLine.TryRead(json, out var read) is { } fault)
        {
            return fault;
        }

        var found = (byId: read.Id is { } id && byId.TryGetValue(id, out var seat) ? seat : (int?)null, byExternalId: read.ExternalId is { } name && byExternalId.TryGetValue(name, out seat) ? seat : (int?)null);
        if (found is { byId: { } one, byExternalId: { } other } && one != other)
        {
            return $"its id is the contact \"{names[one]}\", its external_id another";
        }

        if ((found.byId ?? found.byExternalId) is not { } known)
        {
            Seat(read.ApplyTo(new Contact()), read.ExternalId ?? read.IdText!);
            return null;
        }

        if (contacts[known].Id is { } kept && read.Id is { } given && kept.Value != given)
        {
            return $"the contact \"{names[known]}\" has another id";
        }

        return Update(known, read);
    }

    private void Seat(Contact contact, string name)
    {
        Index(contact, contacts.Count);
        contacts.Add(contact);
        names.Add(name);
    }

    private string? Update(int seat, ContactLine line)
    {
        var before = contacts[seat];
        try
        {
            contacts[seat] = line.ApplyTo(before);
        }
        catch (InvalidOperationException)
        {
            return "a key of its data holds half a surrogate pair";
        }

        if (before.ExternalId is { } old && line.ExternalId is { } renamed && old != renamed)
        {
            _ = byExternalId.Remove(old);
        }

        names[seat] = line.ExternalId ?? before.ExternalId ?? line.IdText ?? names[seat];
        Index(contacts[seat], seat);
        return null;
    }

    private void Index(Contact contact, int seat)
    {
        if (contact.ExternalId is { } external)
        {
            byExternalId[external] = seat;
        }

        if (contact.Id is { } id)
        {
            byId[id.Value] = seat;
        }

        lists.UnionWith(contact.Lists);
        sequences.UnionWith(contact.Sequences);
    }
}
