using System.Globalization;
using Microsoft.Extensions.Localization;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.Frame;
using SegmentEngine.Server.Insight;

namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>Looks up what there is in a workspace to build rules from.</summary>
public sealed class FactsReader(TraitInsight traits, EventInsight events)
{
    private const int Offered = 20;

    public async Task<(RuleFacts Facts, TraitSchema Schema)> Read(Session session, IStringLocalizer<Texts> texts, CancellationToken cancel)
    {
        var workspace = session.Workspace.Id;
        _ = TraitSchema.TryParse(System.Text.Json.JsonElement.Parse(session.Workspace.TraitSchema), out var schema, out _);
        var segments = (await session.Client.ListManagedSegments(cancel: cancel)).Data.Where(static segment => segment.Status is not "archived" and not "draft");
        var lists = await session.Client.ListLists(cancel);
        var known = await traits.Traits(workspace, cancel);
        var happened = await events.Events(workspace, cancel);
        IReadOnlyList<Suggestion> Show(IEnumerable<ValueCount> counts, string what) => [.. counts.Select(count => new Suggestion(count.Value, texts[what, (count.IsExact ? "" : "≥ ") + Number(count.Count)]))];
        return (new()
        {
            Traits = [.. known.Where(static trait => !trait.IsBuiltIn).Concat(known.Where(static trait => trait.IsBuiltIn)).Select(trait => new Known(trait.Name, trait.Declared?.ToString() ?? Seen(trait.Types), Coverage(trait.Usable, trait.LookedAt)))],
            Events = [.. happened.Select(each => new Suggestion(each.Name, texts["TimesIn30Days", Number(each.Total)]))],
            Segments = [.. segments.Select(segment => new Suggestion(segment.Id.ToString(), Number(segment.MemberCount), segment.Name))],
            Lists = [.. lists.Data.Select(list => new Suggestion(list.Id, texts["ContactsOnList", Number(list.Contacts)]))],
            Zone = session.Workspace.TimeZone,
            Values = async (trait, typed) => Show(await traits.Values(workspace, trait, typed, Offered, cancel), "ContactsOnList"),
            Properties = async name => name.Length == 0 ? [] : [.. (await events.Properties(workspace, name, cancel)).Select(property => new Known(property.Name, property.Declared?.ToString() ?? Seen(property.Types), Coverage(property.Usable, property.LookedAt)))],
            PropertyValues = async (name, property, typed) => name.Length == 0 ? [] : Show(await events.PropertyValues(workspace, name, property, typed, Offered, cancel), "EventsHaveIt"),
        }, schema ?? TraitSchema.Empty);
    }

    /// <summary>What most values look like, by the names that schemas have for it.</summary>
    private static string Seen(IReadOnlyList<TypeCount> types) => types is [{ Type: var type }, ..] && TraitType.TryParse(type, out _) ? type : "";

    private static string Number(long number) => number.ToString("N0", CultureInfo.CurrentCulture);

    private static string Coverage(long usable, long of) => of == 0 ? "" : ((double)usable / of).ToString("P0", CultureInfo.CurrentCulture);
}
