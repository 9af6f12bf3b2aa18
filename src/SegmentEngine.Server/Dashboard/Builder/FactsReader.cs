using Microsoft.Extensions.Localization;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.Frame;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>Looks up what there is in a workspace to build rules from.</summary>
public sealed class FactsReader(SegmentDatabase database)
{
    public async Task<(RuleFacts Facts, TraitSchema Schema)> Read(Session session, IStringLocalizer<Texts> texts, CancellationToken cancel)
    {
        var schema = await session.Client.GetSchema(cancel);
        _ = TraitSchema.TryParse(System.Text.Json.JsonElement.Parse(session.Workspace.TraitSchema), out var checkedSchema, out _);
        var traits = (schema.Traits ?? new Dictionary<string, string>()).Select(static trait => new Known(trait.Key, trait.Value));
        var segments = (await session.Client.ListManagedSegments(cancel: cancel)).Data.Where(static segment => segment.Status is not "archived" and not "draft");
        var lists = await session.Client.ListLists(cancel);
        return (new()
        {
            Traits = [.. traits, .. RuleFacts.BuiltIn.Select(static each => new Known(each.Name, each.Type))],
            Events = [.. (schema.Events?.Keys ?? []).Concat(database.Events.Names(session.Workspace.Id)).Distinct(StringComparer.Ordinal).Select(static name => new Suggestion(name))],
            Segments = [.. segments.Select(segment => new Suggestion(segment.Id.ToString(), segment.MemberCount.ToString("N0", System.Globalization.CultureInfo.CurrentCulture), segment.Name))],
            Lists = [.. lists.Data.Select(list => new Suggestion(list.Id, texts["ContactsOnList", list.Contacts]))],
            Zone = session.Workspace.TimeZone,
            Values = static (_, _) => Task.FromResult<IReadOnlyList<Suggestion>>([]),
            Properties = name => Task.FromResult<IReadOnlyList<Known>>([.. (schema.Events?.GetValueOrDefault(name) ?? new Dictionary<string, string>()).Select(static property => new Known(property.Key, property.Value))]),
            PropertyValues = static (_, _, _) => Task.FromResult<IReadOnlyList<Suggestion>>([]),
        }, checkedSchema ?? TraitSchema.Empty);
    }
}
