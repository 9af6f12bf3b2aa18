using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <param name="Contacts">Whoever has the text as id, external id, e-mail address, phone number or name comes first, then whoever has one of these beginning with it.</param>
/// <param name="Complete">False where there may be more: more were found than were asked for, or the time was up before all contacts were gone through.</param>
public sealed record FoundContacts(IReadOnlyList<StoredContact> Contacts, bool Complete);

/// <param name="Contacts">The page.</param>
/// <param name="Next">What the next page is asked for by; null where there is none.</param>
public sealed record ContactsPage(IReadOnlyList<StoredContact> Contacts, long? Next);

/// <summary>
/// Finds contacts as people type them, whatever the case. Ids, external ids, e-mail addresses and phone numbers are found by their indexes; for names, and external ids in a mixture of capitals and small letters,
/// contacts are gone through, newest first, for as long as somebody who types waits.
/// </summary>
public sealed class ContactSearch(SegmentDatabase database, TimeProvider clock) : IDisposable
{
    private const int StepMax = 5_000;

    private static readonly IndexedName[] indexed = [IndexedName.Email, IndexedName.ExternalId, IndexedName.PhoneNumber];

    /// <summary>Those who search take turns at going through contacts: one core's worth of work at most.</summary>
    private readonly SemaphoreSlim turn = new(1, 1);

    public async Task<FoundContacts> Find(WorkspaceId workspace, string text, int limit, CancellationToken cancel = default)
    {
        text = text.Trim();
        limit = Math.Clamp(limit, 0, InsightLimits.PageMax);
        if (text.Length == 0 || limit == 0)
        {
            return new([], Complete: false);
        }

        var found = await Task.Run(() => ByIndex(workspace, text, limit), cancel);
        var isComplete = false;
        if (found.Count <= limit)
        {
            await turn.WaitAsync(cancel);
            try
            {
                isComplete = await Task.Run(() => GoThrough(workspace, text, limit, found, cancel), cancel);
            }
            finally
            {
                _ = turn.Release();
            }
        }

        return new([.. found.Values.OrderBy(contact => Rank(contact.Contact, text)).ThenBy(static contact => contact.Number).Take(limit)], isComplete && found.Count <= limit);
    }

    /// <summary>Contacts in the order they were made, or against it, from where another page ended.</summary>
    public Task<ContactsPage> Page(WorkspaceId workspace, long? after, int limit, bool newestFirst = false, CancellationToken cancel = default) => Task.Run(
        () =>
        {
            limit = Math.Clamp(limit, 1, InsightLimits.PageMax);
            var page = newestFirst ? database.Contacts.PageBack(workspace, after ?? long.MaxValue, limit + 1) : database.Contacts.Page(workspace, after ?? 0, limit + 1);
            return page.Count > limit ? new ContactsPage([.. page.Take(limit)], page[limit - 1].Number) : new(page, null);
        },
        cancel);

    public void Dispose() => turn.Dispose();

    /// <summary>By their numbers; at most one more than are asked for of each kind.</summary>
    private Dictionary<long, StoredContact> ByIndex(WorkspaceId workspace, string text, int limit)
    {
        IEnumerable<StoredContact?> exact = [Guid.TryParse(text, out var id) ? database.Contacts.Find(workspace, new(id)) : null, database.Contacts.FindByExternalId(workspace, text)];
        return exact.OfType<StoredContact>()
            .Concat(indexed.SelectMany(name => Beginnings.Of(name, text).SelectMany(beginning => database.Contacts.BeginningWith(workspace, name, beginning, limit + 1))))
            .DistinctBy(static contact => contact.Number).ToDictionary(static contact => contact.Number);
    }

    /// <summary>True when all contacts were gone through.</summary>
    private bool GoThrough(WorkspaceId workspace, string text, int limit, Dictionary<long, StoredContact> found, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        for (var before = long.MaxValue; found.Count <= limit && clock.GetElapsedTime(started) < InsightLimits.SearchTime;)
        {
            cancel.ThrowIfCancellationRequested();
            var names = database.Contacts.Names(workspace, before, StepMax);
            var fitting = names.Where(contact => !found.ContainsKey(contact.Number) && (Begins(contact.Name, text) || Begins(contact.ExternalId, text) || Begins(contact.PhoneNumber, text)))
                .Select(static contact => contact.Number).Take(limit + 1 - found.Count).ToList();
            foreach (var contact in database.Contacts.ByNumbers(workspace, fitting))
            {
                found[contact.Number] = contact;
            }

            if (names.Count < StepMax)
            {
                return true;
            }

            before = names[^1].Number;
        }

        return false;
    }

    private static int Rank(Contact contact, string text) =>
        Guid.TryParse(text, out var id) && contact.Id?.Value == id ? 0
        : contact.ExternalId == text ? 1
        : new[] { contact.Email, contact.ExternalId, contact.PhoneNumber, contact.Name }.Contains(text, StringComparer.OrdinalIgnoreCase) ? 2
        : Begins(contact.Email, text) ? 3
        : Begins(contact.Name, text) ? 4
        : 5;

    private static bool Begins(string? name, string text) => name is not null && name.StartsWith(text, StringComparison.OrdinalIgnoreCase);
}
