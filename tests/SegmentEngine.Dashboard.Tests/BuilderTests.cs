using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SegmentEngine.Dashboard.Tests.Support;
using SegmentEngine.Server.Demo;
using SegmentEngine.Storage;
using static Microsoft.Playwright.Assertions;

namespace SegmentEngine.Dashboard.Tests;

/// <summary>A rule is built, seen as text and JSON, previewed and published; what the page says is what the engine does.</summary>
[Collection(SharedDemo.Name)]
public sealed class BuilderTests(DemoDashboard dashboard)
{
    [BrowserFact]
    public async Task Somebody_builds_a_rule_sees_the_count_change_publishes_it_and_it_is_live()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/segments/new");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Regulars outside Germany");

        // "has done login at least 3 times in the last 30 days"
        await page.GetByLabel("Add a condition").SelectOptionAsync("event");
        await Choose(page.GetByRole(AriaRole.Combobox, new() { Name = "Event" }), "log", "login");
        await Expect(Row(page, 0).Locator(".holding strong")).Not.ToHaveTextAsync("");
        var once = await Count(Row(page, 0));
        await page.GetByLabel("Number").FillAsync("3");
        await Expect(Row(page, 0).Locator(".holding strong")).Not.ToHaveTextAsync(Shown(once));
        var thrice = await Count(Row(page, 0));
        Assert.InRange(thrice, 1, once - 1);

        // The languages come from the contacts, each with how many have it; a negative operator asks about those without one.
        await page.GetByLabel("Add a condition").SelectOptionAsync("trait");
        await Choose(page.GetByRole(AriaRole.Combobox, new() { Name = "Trait" }), "lang", "language");
        await page.GetByLabel("Operator").SelectOptionAsync("not_in");
        var values = page.GetByRole(AriaRole.Combobox, new() { Name = "add a value" });
        await values.FillAsync("de");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "contacts" }).First).ToBeVisibleAsync();
        await values.PressAsync("ArrowDown");
        await values.PressAsync("Enter");
        await Expect(Row(page, 1).Locator(".chip.value")).ToHaveCountAsync(1);
        await Expect(Row(page, 1).Locator(".holding strong")).Not.ToHaveTextAsync("0");
        var without = await Count(Row(page, 1));
        var tick = page.GetByRole(AriaRole.Checkbox, new() { Name = "also contacts without a value" });
        await Expect(tick).Not.ToBeCheckedAsync();
        await tick.CheckAsync();
        await Expect(Row(page, 1).Locator(".holding strong")).Not.ToHaveTextAsync(Shown(without));
        Assert.True(await Count(Row(page, 1)) > without);
        await visit.Picture("journey-builder");
        await visit.IsAccessible();

        // The same rule in three forms.
        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        var text = await page.Locator("textarea.code").InputValueAsync();
        Assert.Contains("Event(\"login\").Last(30.Days()).Count() >= 3", text, StringComparison.Ordinal);
        await visit.Picture("journey-text");
        await page.Locator("textarea.code").FillAsync(text.Replace(">= 3", ">= 2", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Tab, new() { Name = "JSON" }).ClickAsync();
        await Expect(page.Locator("textarea.code")).ToHaveValueAsync(new Regex(@"^\{"));
        var json = JsonElement.Parse(await page.Locator("textarea.code").InputValueAsync());
        Assert.Equal(2, json.GetProperty("and")[0].GetProperty("count").GetProperty("n").GetInt32());
        await page.GetByRole(AriaRole.Tab, new() { Name = "Builder" }).ClickAsync();
        await Expect(page.GetByLabel("Number")).ToHaveValueAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByLabel("Number")).ToHaveValueAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "Redo" }).ClickAsync();
        await Expect(page.GetByLabel("Number")).ToHaveValueAsync("2");
        await Expect(page.Locator(".total strong.old")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and publish" })).ToBeEnabledAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Review and publish" }).ClickAsync();
        await page.GetByLabel("Note").FillAsync("Who to call first");
        await visit.Picture("journey-preview");
        await visit.IsAccessible();
        var expected = await page.Locator(".total .figure strong").First.InnerTextAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Regulars outside Germany", Exact = true }).WaitForAsync();
        await Expect(page.Locator(".figures .figure strong").First).ToHaveTextAsync(expected);
        await Expect(page.GetByText("Ready").First).ToBeVisibleAsync();
        await visit.Picture("journey-published");

        await page.GetByRole(AriaRole.Link, new() { Name = "Rule and revisions" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "Who to call first" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = DemoDashboard.Email })).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Parts_are_grouped_moved_doubled_folded_and_taken_out_by_keyboard_and_by_mouse()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/segments/new");
        foreach (var (share, i) in new[] { ("10", 0), ("20", 1), ("30", 2) })
        {
            await page.GetByLabel("Add a condition").SelectOptionAsync("sample");
            await page.GetByLabel("Percent").Nth(i).FillAsync(share);
        }

        await Expect(page.GetByLabel("Percent")).ToHaveCountAsync(3);
        Assert.Equal(["10", "20", "30"], await Shares(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Move down" }).First.PressAsync("Enter");
        Assert.Equal(["20", "10", "30"], await Shares(page));
        await Drag(page, Row(page, 2).Locator(".grip"), 0);
        Assert.Equal(["30", "20", "10"], await Shares(page));

        await page.GetByRole(AriaRole.Button, new() { Name = "Put into a group of its own" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "any" })).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Group, new() { Name = "any" }).GetByLabel("How the parts go together").SelectOptionAsync("None");
        Assert.Contains("""{"not":{"or":[""", await Json(page), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Group, new() { Name = "none" }).GetByRole(AriaRole.Button, new() { Name = "Collapse" }).ClickAsync();
        await Expect(page.GetByLabel("Percent")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Group, new() { Name = "none" }).GetByRole(AriaRole.Button, new() { Name = "Expand" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dissolve the group" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "none" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Duplicate" }).First.ClickAsync();
        Assert.Equal(["30", "30", "20", "10"], await Shares(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).First.ClickAsync();
        Assert.Equal(["30", "20", "10"], await Shares(page));
    }

    [BrowserFact]
    public async Task What_is_wrong_is_said_on_the_row_it_concerns_and_the_rest_is_counted()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/segments/new");
        await page.GetByLabel("Add a condition").SelectOptionAsync("sample");
        await page.GetByLabel("Add a condition").SelectOptionAsync("event");
        await Expect(Row(page, 1).GetByText("Error:").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Conditions that are not finished are left out of these numbers.")).ToBeVisibleAsync();
        await Expect(Row(page, 0).Locator(".holding strong")).Not.ToHaveTextAsync("0");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and publish" })).ToBeDisabledAsync();

        await page.GetByRole(AriaRole.Tab, new() { Name = "Text" }).ClickAsync();
        await page.Locator("textarea.code").FillAsync("plan == \"pro\" && seats >= \"many\"");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "line 1, column" }).First).ToBeVisibleAsync();
        await page.Locator("textarea.code").FillAsync("pl");
        await page.Locator("textarea.code").PressAsync("Control+Space");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "plan" }).First).ToBeVisibleAsync();
        await page.Locator("textarea.code").PressAsync("Enter");
        await Expect(page.Locator("textarea.code")).ToHaveValueAsync("plan");
    }

    [BrowserFact]
    public async Task Rules_of_other_products_are_pasted_and_templates_are_taken()
    {
        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/segments/new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Paste a rule" }).ClickAsync();
        await page.GetByLabel("Format").SelectOptionAsync("react-querybuilder");
        await page.GetByLabel("Paste the rule here").FillAsync("""{"combinator":"and","rules":[{"field":"plan","operator":"=","value":"pro"}]}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this rule" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Trait" })).ToHaveValueAsync("plan");
        await page.GetByRole(AriaRole.Button, new() { Name = "Paste a rule" }).ClickAsync();
        await page.GetByLabel("Format").SelectOptionAsync("jsonlogic");
        await page.GetByLabel("Paste the rule here").FillAsync("this is no rule");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this rule" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.GetByLabel("Paste the rule here").FillAsync("""{">=":[{"var":"seats"},10]}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this rule" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Trait" })).ToHaveValueAsync("seats");
        await page.GetByRole(AriaRole.Button, new() { Name = "Templates" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Used to come, not lately" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Condition" })).ToHaveCountAsync(2);
    }

    [BrowserFact]
    public async Task A_draft_outlives_a_lost_connection_and_two_who_edit_it_are_told_of_each_other()
    {
        var segment = DemoSegments.IdOf("everyone");
        await using var first = await dashboard.Visit();
        var page = await first.Open($"/segments/{segment}/edit");
        await page.GetByLabel("Add a condition").First.SelectOptionAsync("sample");
        await page.GetByLabel("Percent").FillAsync("77");
        await Expect(page.GetByText("Not saved yet")).ToBeVisibleAsync();
        await page.WaitForTimeoutAsync(500);

        // As when the server went away with the page's state.
        await page.ReloadAsync();
        await page.GetByText("This browser kept changes that were not saved.").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore them" }).ClickAsync();
        await Expect(page.GetByLabel("Percent")).ToHaveValueAsync("77");

        var people = dashboard.Service<PeopleStore>();
        var ada = people.FindByEmail(DemoDashboard.Email.ToUpperInvariant())!;
        dashboard.Service<SegmentEngine.Server.Dashboard.Frame.Drafting>().Begin(this, segment.Value, Guid.NewGuid(), "Bob");
        await Expect(page.GetByText("Bob has this rule open too.")).ToBeVisibleAsync();
        dashboard.Service<SegmentEngine.Server.Dashboard.Frame.Drafting>().End(this);
        await Expect(page.GetByText("Bob has this rule open too.")).ToHaveCountAsync(0);
        Assert.Equal(PersonRole.Admin, ada.Role);
    }

    private static ILocator Row(IPage page, int at) => page.Locator(".leaf").Nth(at);

    private static string Shown(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static async Task<long> Count(ILocator row) => long.Parse(await row.Locator(".holding strong").InnerTextAsync(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    private static async Task Choose(ILocator picker, string typed, string value)
    {
        await picker.FillAsync(typed);
        await picker.Page.GetByRole(AriaRole.Option, new() { Name = value }).First.ClickAsync();
        await Expect(picker).ToHaveValueAsync(value);
    }

    private static async Task<IReadOnlyList<string>> Shares(IPage page)
    {
        await page.WaitForTimeoutAsync(300);
        return await page.GetByLabel("Percent").EvaluateAllAsync<string[]>("fields => fields.map(field => field.value)");
    }

    /// <summary>Step by step, for where a part can be dropped is seen only while one is dragged.</summary>
    private static async Task Drag(IPage page, ILocator grip, int to)
    {
        await grip.HoverAsync();
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(300, 300, new() { Steps = 4 });
        await page.Locator(".drop").Nth(to).WaitForAsync();
        var box = (await page.Locator(".drop").Nth(to).BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + 40, box.Y + (box.Height / 2), new() { Steps = 6 });
        await page.Mouse.UpAsync();
    }

    private static async Task<string> Json(IPage page)
    {
        await page.GetByRole(AriaRole.Tab, new() { Name = "JSON" }).ClickAsync();
        await Expect(page.Locator("textarea.code")).ToHaveValueAsync(new Regex(@"^\{"));
        var json = JsonElement.Parse(await page.Locator("textarea.code").InputValueAsync());
        await page.GetByRole(AriaRole.Tab, new() { Name = "Builder" }).ClickAsync();
        return JsonSerializer.Serialize(json);
    }
}
