using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <summary>What is known of a trait across contacts.</summary>
/// <param name="Name">As rules name it, in the shorter form.</param>
/// <param name="Declared">Null where the schema does not say; built-in traits always have a type.</param>
/// <param name="IsBuiltIn">Whether every contact has it by itself, beside its data.</param>
/// <param name="Types">What its values look like, most frequent first; empty where nobody has it.</param>
/// <param name="Usable">How many of those looked at have a verified value that rules can use.</param>
/// <param name="NonVerified">How many have one in the data that came from browsers, which rules read only with <c>"source": "any"</c>.</param>
/// <param name="LookedAt">How many contacts were looked at: all, or some from evenly spread places where there are many.</param>
/// <param name="Contacts">How many there are.</param>
/// <param name="Samples">A few different values, as text; not escaped for any page.</param>
/// <param name="Misfits">How many values do not fit the declared type, in whole or, of a list, in part.</param>
/// <param name="MisfitExamples">Some of them.</param>
public sealed record TraitSummary(
    string Name, TraitType? Declared, bool IsBuiltIn, IReadOnlyList<TypeCount> Types, long Usable, long NonVerified, long LookedAt, long Contacts, IReadOnlyList<string> Samples, long Misfits, IReadOnlyList<TraitMisfit> MisfitExamples)
{
    public bool IsSampled => LookedAt < Contacts;
}

/// <param name="Contact">Whose.</param>
/// <param name="Value">As JSON, shortened; not escaped for any page.</param>
public sealed record TraitMisfit(ContactId Contact, string Value);

/// <summary>
/// What traits there are, and which values they have, for people who write rules. Both are found in the background and kept: a summary from a sample of contacts, values counted over all of them.
/// It goes by the tables and not by the engine's columns, which hold only what some rule reads, and whose turn evaluation needs.
/// </summary>
public sealed class TraitInsight
{
    private readonly SegmentDatabase database;
    private readonly InsightThread thread;
    private readonly RecentAnswers<string, IReadOnlyList<TraitSummary>> summaries;
    private readonly RecentAnswers<(TraitPath, TraitType?), List<ValueCount>> values;
    private readonly Lock gate = new();

    /// <summary>Traits that are to be counted. Whatever waits when a workspace's contacts are gone through is counted in one go.</summary>
    private readonly List<AskedTrait> waiting = [];

    public TraitInsight(SegmentDatabase database, InsightThread thread, TimeProvider clock)
    {
        (this.database, this.thread) = (database, thread);
        summaries = new(database, clock, (workspace, schema) => thread.Run(_ => Summarise(workspace, schema)), static found => found.Count, weightMax: 10_000);
        values = new(database, clock, (workspace, trait) => Count(workspace, trait.Item1, trait.Item2), static found => found.Count + 100, InsightLimits.ValuesKept);
    }

    /// <summary>Every trait that is declared or that contacts looked at have, by name.</summary>
    public Task<IReadOnlyList<TraitSummary>> Traits(WorkspaceId workspace, CancellationToken cancel = default) => summaries.Get(workspace, SchemaText(workspace), cancel);

    /// <summary>
    /// The values that hold a text, whatever its case, most frequent first. Texts, numbers, booleans and days, alone or in lists, of verified data. The first time all contacts are gone through, about a second for a
    /// million; from then on it answers from memory. Ids and e-mail addresses, which one contact has each, are looked up by how they begin; of instants that are built in there is no choice to be made.
    /// </summary>
    public async Task<IReadOnlyList<ValueCount>> Values(WorkspaceId workspace, string trait, string prefix, int limit, CancellationToken cancel = default)
    {
        var path = TraitPath.Of(trait);
        limit = Math.Clamp(limit, 0, InsightLimits.PageMax);
        switch (path.BuiltIn)
        {
            case BuiltInTrait.CreatedAt or BuiltInTrait.UpdatedAt or BuiltInTrait.LastSeenAt:
                return [];
            case BuiltInTrait.Id:
                return await Unique(workspace, IndexedName.Id, prefix, limit, static contact => contact.Id!.Value.ToString(), cancel);
            case BuiltInTrait.ExternalId:
                return await Unique(workspace, IndexedName.ExternalId, prefix, limit, static contact => contact.ExternalId!, cancel);
            case BuiltInTrait.Email:
                return await Unique(workspace, IndexedName.Email, prefix, limit, static contact => contact.Email!, cancel);
            default:
                var counts = await values.Get(workspace, (path, Schema(SchemaText(workspace)).TypeOf(path)), cancel);
                return Holding(counts, prefix, limit);
        }
    }

    internal static List<ValueCount> Holding(List<ValueCount> counts, string text, int limit) =>
        [.. counts.Where(value => value.Value.Contains(text, StringComparison.OrdinalIgnoreCase)).Take(limit)];

    internal static TraitSchema Schema(string text) => TraitSchema.TryParse(JsonElement.Parse(text), out var schema, out _) ? schema : TraitSchema.Empty;

    private Task<List<ValueCount>> Unique(WorkspaceId workspace, IndexedName name, string prefix, int limit, Func<Contact, string> valueOf, CancellationToken cancel) => Task.Run(
        () => Beginnings.Of(name, prefix).SelectMany(beginning => database.Contacts.BeginningWith(workspace, name, beginning, limit))
            .Select(contact => valueOf(contact.Contact)).Distinct(StringComparer.Ordinal).Take(limit).Select(static value => new ValueCount(value, TraitKind.Text, 1, IsExact: true)).ToList(),
        cancel);

    private string SchemaText(WorkspaceId workspace) => (database.Workspaces.Find(workspace) ?? throw new NotInWorkspaceException($"no workspace {workspace}")).TraitSchema;

    private IReadOnlyList<TraitSummary> Summarise(WorkspaceId workspace, string schemaText)
    {
        var schema = Schema(schemaText);
        var places = new SeenPlaces(static joined => TraitPath.Of($"custom_data.{joined}"), schema.TypeOf);
        var builtIns = TraitPath.BuiltInNames.Select(TraitPath.Of).Select(path => new SeenPlace(path, schema.TypeOf(path))).ToList();
        var sample = database.Contacts.Sample(workspace, InsightLimits.SampleContacts);
        foreach (var contact in sample.Select(static stored => stored.Contact))
        {
            places.See(contact.CustomData, contact.Id);
            places.SeeNonVerified(contact.NonVerifiedCustomData);
            foreach (var builtIn in builtIns)
            {
                if (TraitSchema.Read(contact, builtIn.Path, builtIn.Declared, any: false) is { } value)
                {
                    builtIn.See(value);
                }
            }
        }

        var seen = places.Places.Where(static place => !place.IsWayOnly).ToList();
        var known = seen.Select(static place => place.Path).ToHashSet();
        var count = sample.Count < InsightLimits.SampleContacts ? sample.Count : database.Contacts.Count(workspace);
        return [.. builtIns.Concat(seen).Concat(schema.Traits.Where(trait => !known.Contains(trait.Key)).Select(static trait => new SeenPlace(trait.Key, trait.Value)))
            .Select(place => new TraitSummary(NameOf(place.Path), place.Declared, place.Path.BuiltIn is not null, place.Types, place.Usable, place.NonVerified, sample.Count, Math.Max(count, sample.Count), place.Samples, place.Misfits, place.MisfitExamples))
            .OrderBy(static trait => trait.Name, StringComparer.OrdinalIgnoreCase).ThenBy(static trait => trait.Name, StringComparer.Ordinal)];
    }

    /// <summary>The short name, unless it means something else.</summary>
    private static string NameOf(TraitPath path)
    {
        var full = path.ToString();
        var shortened = path.BuiltIn is null ? full["custom_data.".Length..] : full;
        return TraitPath.Of(shortened).Equals(path) ? shortened : full;
    }

    private Task<List<ValueCount>> Count(WorkspaceId workspace, TraitPath path, TraitType? type)
    {
        var asked = new AskedTrait(workspace, path, type);
        lock (gate)
        {
            waiting.Add(asked);
        }

        _ = thread.Run(stop => CountWaiting(workspace, stop));
        return asked.Counted.Task;
    }

    private bool CountWaiting(WorkspaceId workspace, CancellationToken stop)
    {
        List<AskedTrait> asked;
        lock (gate)
        {
            asked = waiting.FindAll(trait => trait.Workspace == workspace);
            _ = waiting.RemoveAll(trait => trait.Workspace == workspace);
        }

        try
        {
            foreach (var column in asked.GroupBy(static trait => trait.Column))
            {
                Count(workspace, column.Key, [.. column], stop);
            }

            asked.ForEach(static trait => trait.Counted.SetResult(trait.Counts()));
        }
        catch (OperationCanceledException)
        {
            asked.ForEach(static trait => trait.Counted.TrySetCanceled(CancellationToken.None));
        }
        catch (Exception failure)
        {
            asked.ForEach(trait => trait.Counted.TrySetException(failure));
        }

        return true;
    }

    private void Count(WorkspaceId workspace, ReadColumn column, AskedTrait[] traits, CancellationToken stop)
    {
        for (long? last = 0; last is { } after;)
        {
            stop.ThrowIfCancellationRequested();
            last = database.Contacts.Read(workspace, column, after, InsightLimits.ReadMax, (contact, value) =>
            {
                foreach (var trait in traits)
                {
                    trait.Take(contact, value);
                }
            });
        }
    }

    /// <summary>A trait that somebody asked the values of.</summary>
    private sealed class AskedTrait(WorkspaceId workspace, TraitPath path, TraitType? type)
    {
        private readonly ValueTally tally = new();
        private readonly PathReader? reader = path.BuiltIn is null ? new(path, type) : null;

        public WorkspaceId Workspace => workspace;
        public TaskCompletionSource<List<ValueCount>> Counted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ReadColumn Column => path.BuiltIn switch
        {
            null => ReadColumn.CustomData,
            BuiltInTrait.Name => ReadColumn.Name,
            BuiltInTrait.PhoneNumber => ReadColumn.PhoneNumber,
            _ => throw new ArgumentException($"the values of {path} are not counted"),
        };

        public void Take(long contact, ReadOnlySpan<byte> value)
        {
            if (reader is null)
            {
                tally.Add(contact, value);
            }
            else
            {
                reader.Count(tally, contact, value);
            }
        }

        public List<ValueCount> Counts() => tally.Counts(reader is null ? static text => new TraitValue.Text(Encoding.UTF8.GetString(text)) : json => ValueTally.Read(json, type));
    }
}
