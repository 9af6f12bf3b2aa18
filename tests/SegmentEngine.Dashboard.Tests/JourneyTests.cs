using Microsoft.Playwright;
using SegmentEngine.Dashboard.Tests.Support;
using SegmentEngine.Server.Demo;
using SegmentEngine.Storage;
using static Microsoft.Playwright.Assertions;

namespace SegmentEngine.Dashboard.Tests;

/// <summary>What people come to the dashboard for, done as they would do it.</summary>
[Collection(SharedDemo.Name)]
public sealed class JourneyTests(DemoDashboard dashboard)
{
    private const string Vip = "vip-with-an-open-ticket";

    [BrowserFact]
    public async Task The_set_up_link_worked_once_and_signing_in_and_out_works()
    {
        await using var visit = await dashboard.Visit(asAda: false);
        _ = await visit.Page.GotoAsync(dashboard.SetUpLink);
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not valid any more");

        _ = await visit.Page.GotoAsync("/dashboard/contacts");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await visit.Page.GetByLabel("E-mail address").FillAsync(DemoDashboard.Email);
        await visit.Page.GetByLabel("Password").FillAsync("wrong");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("do not belong together");
        await visit.Page.GetByLabel("Password").FillAsync(DemoDashboard.Password);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Contacts" })).ToBeVisibleAsync();
        var cookie = (await visit.Page.Context.CookiesAsync()).Single(static each => each.Name == "segmentengine");
        Assert.True(cookie is { HttpOnly: true, SameSite: SameSiteAttribute.Lax });
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        _ = await visit.Page.GotoAsync("/dashboard/segments");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_form_without_its_token_is_refused()
    {
        await using var visit = await dashboard.Visit();
        foreach (var (path, fields) in new[] { ("sign-in", "_handler=sign-in&Given.Email=a@example.com&Given.Password=x"), ("sign-out", ""), ("set-up?secret=x", "_handler=set-up"), ("invited?secret=x", "_handler=invited") })
        {
            var answer = await visit.Page.APIRequest.PostAsync($"/dashboard/{path}", new() { Data = fields, Headers = new Dictionary<string, string> { ["Content-Type"] = "application/x-www-form-urlencoded" } });
            Assert.True(answer.Status == 400, $"{path}: {answer.Status}");
        }

        // Nobody was signed out by it.
        _ = await visit.Open("/segments");
    }

    [BrowserFact]
    public async Task Segments_are_searched_sorted_filtered_and_archived_unless_they_are_used()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Size" }).ClickAsync();
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("Everyone");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("trial users");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Trial users gone quiet" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Everyone", Exact = true })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Searchbox).FillAsync("");
        foreach (var name in new[] { "Called José", "VIP customers" })
        {
            await page.GetByRole(AriaRole.Searchbox).FillAsync(name);
            await page.GetByRole(AriaRole.Checkbox, new() { Name = $"Choose {name}" }).CheckAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Archive" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Archive" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("VIP customers: ");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("");
        await page.GetByLabel("Status").SelectOptionAsync("archived");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Called José" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "VIP customers" })).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task One_segment_tells_its_members_overlaps_and_lists_and_a_part_becomes_a_segment()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open($"/segments/{DemoSegments.IdOf(Vip)}?tab=overlap");
        await page.GetByLabel("Other segment 1").SelectOptionAsync(new SelectOptionValue { Label = "Speaks German" });
        await page.GetByLabel("Other segment 2").SelectOptionAsync(new SelectOptionValue { Label = "Loyal customers" });
        await Expect(page.Locator(".venn tbody tr")).ToHaveCountAsync(7);
        await visit.Picture("journey-venn");
        await visit.IsAccessible();
        var part = page.Locator(".venn tbody tr").Nth(2);
        var count = await part.Locator("td").Nth(1).InnerTextAsync();
        await part.GetByRole(AriaRole.Link, new() { Name = "Make a segment of it" }).ClickAsync();
        await Expect(page.Locator(".total .figure strong").First).ToHaveTextAsync(count);

        _ = await visit.Open($"/segments/{DemoSegments.IdOf(Vip)}?tab=members");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export as CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!);
        Assert.Equal("contact_id,external_id,since", lines[0]);
        await Expect(page.GetByText($"100 of {lines.Length - 1} shown")).ToBeVisibleAsync();

        _ = await visit.Open($"/segments/{DemoSegments.IdOf("speaks-german")}?tab=lists");
        await page.GetByRole(AriaRole.Textbox).First.FillAsync("c-00001\nnobody@nowhere.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Put on the list" }).First.ClickAsync();
        await Expect(page.GetByText("1 put on, 0 taken off")).ToBeVisibleAsync();
        await Expect(page.GetByText("1 are no contacts here: email:nobody@nowhere.example")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task A_contact_is_found_and_why_it_is_in_a_segment_is_told()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/contacts");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("c-00092");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.Locator("tbody a").First.ClickAsync();
        await page.GetByLabel("Ask about a segment").SelectOptionAsync(new SelectOptionValue { Label = "VIP customers" });
        await Expect(page.GetByText("Is in this segment")).ToBeVisibleAsync();
        await Expect(page.Locator(".why .seen").First).ToBeVisibleAsync();
        await page.GetByLabel("Ask about a segment").SelectOptionAsync(new SelectOptionValue { Label = "Trial users" });
        await Expect(page.GetByText("Is not in this segment")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Events" }).ClickAsync();
        await Expect(page.Locator(".timeline li").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Traits" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "c-00092" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task An_action_is_restricted_and_the_simulator_proves_who_may_use_it()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/actions/new");
        await page.GetByLabel("Name").FillAsync("waive_fee");
        await page.GetByRole(AriaRole.Radio, new() { Name = "only members of these segments" }).CheckAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nobody can use this");
        await page.GetByLabel("Add a segment").SelectOptionAsync(DemoSegments.IdOf(Vip).ToString());
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "waive_fee" })).ToBeVisibleAsync();

        _ = await visit.Open("/simulator");
        await Expect(page.Locator(".card", new() { HasText = "What is withheld" }).GetByRole(AriaRole.Link, new() { Name = "waive_fee" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Contact" }).FillAsync("c-00092");
        await Expect(page.Locator(".pick")).ToHaveCountAsync(1);
        await page.Locator(".pick").ClickAsync();
        await Expect(page.Locator(".card", new() { HasText = "What the agent may use" }).GetByRole(AriaRole.Link, new() { Name = "waive_fee" })).ToBeVisibleAsync();
        await Expect(page.Locator(".pick")).ToHaveCountAsync(0);
        await visit.Picture("journey-simulator");
    }

    [BrowserFact]
    public async Task The_dashboard_speaks_German()
    {
        await using var visit = await dashboard.Visit(language: "de-DE");
        var page = await visit.Open("");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Segmente" })).ToBeVisibleAsync();
        await Expect(page.GetByText("10.000").First).ToBeVisibleAsync();
        await page.GetByLabel("Sprache").SelectOptionAsync("en");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Segments" })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Nothing_that_is_stored_runs_as_a_script()
    {
        var database = dashboard.Service<SegmentDatabase>();
        var client = dashboard.Ada();
        var actions = new List<Guid>();
        foreach (var payload in Payloads.Scripts)
        {
            actions.Add((await client.CreateAction(new() { Name = payload, Description = payload })).Id);
            _ = await client.CreateInstruction(new() { Title = payload, Content = payload });
            _ = await client.CreateSegment(new() { Name = payload, Description = payload, Tags = [payload[..Math.Min(40, payload.Length)]], Definition = System.Text.Json.JsonElement.Parse("""{"type":"all_contacts"}""") });
            _ = await client.SaveContact(new() { ExternalId = payload, Name = payload, CustomData = System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { [payload] = payload }) });
            _ = await client.Track(new() { UserId = payload, Event = payload, Properties = System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, string> { [payload] = payload }) });
        }

        var contact = (await client.GetContact($"external_id:{Payloads.Scripts[0]}")).Id;
        var segment = (await client.ListManagedSegments()).Data.First(static each => each.Name == Payloads.Scripts[0]).Id;
        await using (var visit = await dashboard.Visit())
        {
            foreach (var path in new[]
            {
                "", "/contacts", $"/contacts/{contact}", $"/contacts/{contact}?tab=traits", $"/contacts/{contact}?tab=events", $"/contacts/{contact}?tab=gate", $"/segments/{segment}", $"/segments/{segment}/edit",
                "/actions", $"/actions/{actions[0]}", "/instructions", $"/simulator?contact={contact}",
            })
            {
                _ = await visit.Open(path);
            }
        }

        // The others see the demo as it was.
        foreach (var made in (await client.ListManagedSegments()).Data.Where(static each => Payloads.Scripts.Contains(each.Name)))
        {
            _ = await client.DeleteSegment(made.Id);
        }

        Assert.Equal(Payloads.Scripts.Count, database.Actions.List(DemoSeed.Workspace).Count(static action => Payloads.Scripts.Contains(action.Name)));
        foreach (var action in actions)
        {
            _ = await client.DeleteAction(action);
        }

        foreach (var instruction in (await client.ListInstructions()).Where(static each => Payloads.Scripts.Contains(each.Title)))
        {
            _ = await client.DeleteInstruction(instruction.Id);
        }

        foreach (var payload in Payloads.Scripts)
        {
            _ = await client.DeleteContact($"external_id:{payload}");
        }
    }
}
