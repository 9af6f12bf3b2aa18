using Microsoft.EntityFrameworkCore;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>Who may sign in to the dashboard, of all workspaces: an address is unique in the file, for signing in asks for nothing else.</summary>
public sealed class PeopleStore
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal PeopleStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    public bool Any() => readers.Read(static session => session.Management.People.Any());

    public Person? Find(Guid id) => Find(people => people.Where(person => person.Id == id));

    public Person? FindByEmail(string emailKey) => Find(people => people.Where(person => person.EmailKey == emailKey));

    /// <summary>Whose invitation it is, while it is open.</summary>
    public Person? FindByInvitation(byte[] hash, Instant now) =>
        Find(people => people.Where(person => person.InvitationHash == hash)) is { InvitationEnds: { } end } person && now < end ? person : null;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<Person> List(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Management.People.Where(person => person.WorkspaceNumber == number).OrderBy(person => person.Name).ThenBy(person => person.Number).ToList())
            .ConvertAll(person => In(person, workspace));
    }

    /// <summary>False where the address is somebody's already.</summary>
    /// <param name="person">Its workspace is set.</param>
    /// <param name="first">Only while there is nobody: of two who set the dashboard up at once, one succeeds.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<bool> Add(Person person, bool first = false, CancellationToken cancel = default)
    {
        person.WorkspaceNumber = workspaces.Key(person.Workspace).Number;
        return writer.Run(
            tx =>
            {
                if (tx.Management.People.Any(other => first || other.EmailKey == person.EmailKey))
                {
                    return false;
                }

                _ = tx.Management.Add(person);
                _ = tx.Management.SaveChanges();
                tx.Management.ChangeTracker.Clear();
                return true;
            },
            cancel);
    }

    /// <summary>Stores everything of a person but the workspace, over whatever was changed since it was read.</summary>
    /// <exception cref="StoreConflictException">The workspace would have no admin left, or the address is somebody else's.</exception>
    public Task<bool> Save(Person person, CancellationToken cancel = default) =>
        writer.Run(tx => tx.Management.People.FirstOrDefault(other => other.Id == person.Id) is { } before && Store(tx, before, person), cancel);

    /// <summary>Changes a person as it is stored, so that of two changes at once neither undoes the other. False where there is no such person, or the change says so: then nothing is stored.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="change">Runs on the thread that writes; it does not see the workspace.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StoreConflictException">The workspace would have no admin left, or the address is somebody else's.</exception>
    public Task<bool> Change(Guid id, Func<Person, bool> change, CancellationToken cancel = default) =>
        writer.Run(
            tx =>
            {
                if (tx.Management.People.FirstOrDefault(other => other.Id == id) is not { } before)
                {
                    return false;
                }

                var person = before with { };
                return change(person) && Store(tx, before, person);
            },
            cancel);

    /// <summary>False where the workspace has no such person.</summary>
    /// <exception cref="StoreConflictException">The workspace would have no admin left.</exception>
    public Task<bool> Remove(WorkspaceId workspace, Guid id, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                if (tx.Management.People.FirstOrDefault(person => person.Id == id && person.WorkspaceNumber == number) is not { } person)
                {
                    return false;
                }

                KeepAnAdmin(tx, person);
                return tx.Management.People.Where(person => person.Id == id).ExecuteDelete() > 0;
            },
            cancel);
    }

    private static bool Store(WriteTransaction tx, Person before, Person person)
    {
        if (person.Role != PersonRole.Admin)
        {
            KeepAnAdmin(tx, before);
        }

        if (tx.Management.People.Any(other => other.EmailKey == person.EmailKey && other.Id != person.Id))
        {
            throw new StoreConflictException("somebody else has this e-mail address");
        }

        (person.Number, person.WorkspaceNumber) = (before.Number, before.WorkspaceNumber);
        _ = tx.Management.Update(person);
        _ = tx.Management.SaveChanges();
        tx.Management.ChangeTracker.Clear();
        return true;
    }

    /// <summary>An invited admin who has not come yet can let nobody in.</summary>
    private static void KeepAnAdmin(WriteTransaction tx, Person without)
    {
        if (without is { Role: PersonRole.Admin, PasswordHash: not null }
            && !tx.Management.People.Any(other => other.WorkspaceNumber == without.WorkspaceNumber && other.Id != without.Id && other.Role == PersonRole.Admin && other.PasswordHash != null))
        {
            throw new StoreConflictException("the workspace would have no admin left: make somebody else an admin first");
        }
    }

    private Person? Find(Func<DbSet<Person>, IQueryable<Person>> which) => readers.Read(session =>
    {
        var found = which(session.Management.People).Join(session.Management.Workspaces, person => person.WorkspaceNumber, workspace => workspace.Number, (person, workspace) => new { Person = person, workspace.Id })
            .FirstOrDefault();
        return found is null ? null : In(found.Person, found.Id);
    });

    private static Person In(Person person, WorkspaceId workspace)
    {
        person.Workspace = workspace;
        return person;
    }
}
