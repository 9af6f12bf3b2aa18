using SegmentEngine.Client;

namespace SegmentEngine.Server.Demo;

/// <summary>Says what there is to try: commands to paste, each with the answer it gave a moment ago.</summary>
internal sealed class DemoGuide(Uri address, string key, TextWriter output)
{
    private readonly SegmentEngineClient client = SegmentEngineClient.Connect(address, key);

    public async Task Print(CancellationToken cancel)
    {
        var callToday = DemoSegments.IdOf("vip-with-an-open-ticket").Value;
        var members = await client.ListMembers(callToday, limit: 1, cancel: cancel);
        var contact = $"external_id:{members.Items[0].ExternalId}";

        await output.WriteLineAsync($"""

            SegmentEngine is listening on {address}
            Key (all scopes, this workspace; a new one at each start): {key}
            The API is described at {address}openapi/v1.json

            """);
        var page = await client.ListSegments(limit: 3, cancel: cancel);
        await Show("Which segments are there?", $"contacts/segments?limit=3", $"{page.Total} segments; first {string.Join(", ", page.Data.Select(static segment => $"{segment.Name} ({segment.MemberCount:N0})"))}");

        var segment = await client.GetSegment(callToday, cancel: cancel);
        await Show($"What is the segment \"{segment.Name}\"?", $"contacts/segments/{callToday}", $"{segment.MemberCount:N0} members, {segment.Status}");

        var segments = await client.SegmentsOf(contact, cancel: cancel);
        await Show("Which segments is a contact in?", $"contacts/segments/contacts/{contact}", string.Join(", ", segments.Data.Select(static segment => segment.Name)));

        var check = await client.Check(callToday, contact, cancel: cancel);
        await Show("Is this contact in this segment?", $"contacts/segments/{callToday}/contacts/{contact}", $"is_member {(check.IsMember ? "true" : "false")}, status {check.Status}");

        var gate = await client.Resolve(new() { ContactId = contact, Channel = "web" }, cancel: cancel);
        await Show(
            "A message of this contact has arrived: what may the agent use?", "gating/resolve",
            $"actions {string.Join(", ", gate.Actions.Select(static action => action.Name))}; instructions {string.Join(", ", gate.Instructions.Select(static instruction => instruction.Title))}; {gate.Withheld.Count} withheld",
            $$"""{\"contact_id\": \"{{contact}}\", \"channel\": \"web\"}""");
        await output.WriteLineAsync("Ctrl+C stops it; the same command starts it again.");
        await output.FlushAsync(cancel);
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
