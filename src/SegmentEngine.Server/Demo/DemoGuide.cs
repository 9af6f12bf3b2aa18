using SegmentEngine.Client;

namespace SegmentEngine.Server.Demo;

/// <summary>Says what there is to try: commands to paste, each with the answer it gave a moment ago.</summary>
/// <param name="address">Where the server listens.</param>
/// <param name="key">With all scopes.</param>
/// <param name="setUp">The link for the first person; null where there is somebody.</param>
/// <param name="output">Where it is said.</param>
internal sealed class DemoGuide(Uri address, string key, string? setUp, TextWriter output)
{
    private readonly SegmentEngineClient client = SegmentEngineClient.Connect(address, key);

    public async Task Print(CancellationToken cancel)
    {
        await output.WriteLineAsync($"""

            SegmentEngine is listening on {address}
            The dashboard: {(setUp is null ? $"{address}dashboard" : $"{setUp} (opens once, to make the first account)")}
            Key (all scopes, this workspace; a new one at each start): {key}
            The API, to read and to try: {address}docs (for programs: {address}openapi/v1.json)

            """);
        if (await Example(cancel) is not var (example, contact))
        {
            await output.WriteLineAsync("No segment has a member any more, so there is no example to show.");
            return;
        }

        var page = await client.ListSegments(limit: 3, cancel: cancel);
        await Show("Which segments are there?", $"contacts/segments?limit=3", $"{page.Total} segments; first {string.Join(", ", page.Data.Select(static segment => $"{segment.Name} ({segment.MemberCount:N0})"))}");

        var segment = await client.GetSegment(example, cancel: cancel);
        await Show($"What is the segment \"{segment.Name}\"?", $"contacts/segments/{example}", $"{segment.MemberCount:N0} members, {segment.Status}");

        var segments = await client.SegmentsOf(contact, cancel: cancel);
        await Show("Which segments is a contact in?", $"contacts/segments/contacts/{contact}", string.Join(", ", segments.Data.Select(static segment => segment.Name)));

        var check = await client.Check(example, contact, cancel: cancel);
        await Show("Is this contact in this segment?", $"contacts/segments/{example}/contacts/{contact}", $"is_member {(check.IsMember ? "true" : "false")}, status {check.Status}");

        var gate = await client.Resolve(new() { ContactId = contact, Channel = "web" }, cancel: cancel);
        await Show(
            "A message of this contact has arrived: what may the agent use?", "gating/resolve",
            $"actions {string.Join(", ", gate.Actions.Select(static action => action.Name))}; instructions {string.Join(", ", gate.Instructions.Select(static instruction => instruction.Title))}; {gate.Withheld.Count} withheld",
            $$"""{\"contact_id\": \"{{contact}}\", \"channel\": \"web\"}""");
        await output.WriteLineAsync("Ctrl+C stops it; the same command starts it again.");
        await output.FlushAsync(cancel);
    }

    /// <summary>A segment with its first member: the one that shows most, or another where its user has changed that.</summary>
    private async Task<(Guid Segment, string Contact)?> Example(CancellationToken cancel)
    {
        var segments = (await client.ListSegments(limit: 100, cancel: cancel)).Data.Where(static segment => segment.MemberCount > 0).ToList();
        var shown = segments.Find(static segment => segment.Id == DemoSegments.IdOf("vip-with-an-open-ticket").Value) ?? segments.FirstOrDefault();
        if (shown is null || (await client.ListMembers(shown.Id, limit: 1, cancel: cancel)).Items is not [var member])
        {
            return null;
        }

        return (shown.Id, member.ExternalId is { } external ? $"external_id:{external}" : member.ContactId.ToString());
    }

    private async Task Show(string question, string path, string answer, string? body = null)
    {
        var sent = body is null ? "" : $" -H \"Content-Type: application/json\" -d \"{body}\"";
        await output.WriteLineAsync($"""
            {question}
              curl -s -H "Authorization: Bearer {key}"{sent} "{address}{path}"
              → {answer}

            """);
    }
}
