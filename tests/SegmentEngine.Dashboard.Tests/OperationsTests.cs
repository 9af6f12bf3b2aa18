using Microsoft.Playwright;
using SegmentEngine.Dashboard.Tests.Support;
using SegmentEngine.Storage;
using static Microsoft.Playwright.Assertions;

namespace SegmentEngine.Dashboard.Tests;

/// <summary>What admins do: people, keys, and a look at the work. And what those who are none may not.</summary>
[Collection(SharedDemo.Name)]
public sealed class OperationsTests(DemoDashboard dashboard)
{
    [BrowserFact]
    public async Task Somebody_is_invited_comes_in_sees_but_changes_nothing_and_is_signed_out_everywhere()
    {
        await using var admin = await dashboard.Visit();
        var page = await admin.Open("/operations?tab=people");
        await page.GetByLabel("E-mail address").FillAsync("bob@example.com");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        var link = await page.Locator(".fine code").InnerTextAsync();
        await admin.Picture("journey-invite");

        await using var guest = await dashboard.Visit(asAda: false);
        _ = await guest.Page.GotoAsync(link);
        await guest.Page.GetByLabel("Your name").FillAsync("Bob");
        await guest.Page.GetByLabel("Choose a password").FillAsync("too short");
        await guest.Page.EvaluateAsync("document.querySelector('[minlength]').removeAttribute('minlength')");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await Expect(guest.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("At least 10 characters");
        await guest.Page.GetByLabel("Choose a password").FillAsync("another horse staple");
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await Expect(guest.Page.GetByRole(AriaRole.Heading, new() { Name = "Segments" })).ToBeVisibleAsync();
        await Expect(guest.Page.GetByRole(AriaRole.Link, new() { Name = "New segment" })).ToHaveCountAsync(0);
        _ = await guest.Open("/operations?tab=keys");
        await Expect(guest.Page.GetByText("Only admins may do this.")).ToBeVisibleAsync();
        var jobs = await guest.Page.APIRequest.GetAsync("/jobs");
        Assert.Equal(401, jobs.Status);
        Assert.Equal(200, (await page.APIRequest.GetAsync("/jobs")).Status);

        // The link opened once.
        await using (var late = await dashboard.Visit(asAda: false))
        {
            _ = await late.Page.GotoAsync(link);
            await Expect(late.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not valid any more");
        }

        _ = await admin.Open("/operations?tab=people");
        await page.GetByRole(AriaRole.Row, new() { Name = "bob@example.com" }).GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await page.WaitForTimeoutAsync(500);
        _ = await guest.Page.GotoAsync("/dashboard/segments");
        await Expect(guest.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await page.GetByLabel($"Role of {DemoDashboard.Email}").SelectOptionAsync("Viewer");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no admin left");
        Assert.Equal(PersonRole.Admin, dashboard.Service<PeopleStore>().FindByEmail(DemoDashboard.Email.ToUpperInvariant())!.Role);
    }

    [BrowserFact]
    public async Task A_key_is_made_shown_once_and_revoked_and_the_audit_log_tells_who_did_it()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/operations?tab=keys");
        await page.GetByLabel("Name").FillAsync("support agent");
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).ClickAsync();
        await Expect(page.Locator(".fine code")).ToContainTextAsync("sk_");
        await page.GetByRole(AriaRole.Row, new() { Name = "support agent" }).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "support agent" })).ToContainTextAsync("revoked");
        _ = await visit.Open("/operations?tab=audit");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("RevokeKey");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync(DemoDashboard.Email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Check that nothing was changed" }).ClickAsync();
        await Expect(page.GetByText("none changed or taken out")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Work_is_shown_and_every_membership_is_judged()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/operations");
        await page.GetByRole(AriaRole.Button, new() { Name = "Judge every membership now" }).ClickAsync();
        await Expect(page.GetByText("0 memberships wrong")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByText("None: every published rule runs.")).ToBeVisibleAsync();
    }
}
