using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Playwright;
using SegmentEngine.Dashboard.Tests.Support;
using SegmentEngine.Server.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SegmentEngine.Dashboard.Tests;

/// <summary>The whole way on a real shop's customers and orders: from two CSV files to proof of who may use an action.</summary>
public sealed class ShopTests(EmptyDashboard dashboard) : IClassFixture<EmptyDashboard>
{
    [ShopFact]
    public async Task Somebody_imports_a_shop_defines_who_is_lapsing_and_proves_who_may_use_an_action()
    {
        var (customers, orders) = (new List<string> { "Customer ID,Country" }, new List<string> { "Order no;Customer;Ordered at;Total" });
        var bought = new Dictionary<string, List<DateTimeOffset>>(StringComparer.Ordinal);
        foreach (var contact in Lines("contacts.jsonl.gz"))
        {
            customers.Add($"{contact.GetProperty("external_id").GetString()},{contact.GetProperty("custom_data").GetProperty("country").GetString()}");
        }

        foreach (var order in Lines("events.jsonl.gz").Where(static line => line.GetProperty("event").GetString() == "order"))
        {
            var (who, at) = (order.GetProperty("userId").GetString()!, order.GetProperty("timestamp").GetDateTimeOffset());
            orders.Add(string.Create(CultureInfo.InvariantCulture, $"{order.GetProperty("properties").GetProperty("invoice_no").GetString()};{who};{at:dd.MM.yyyy HH:mm};{order.GetProperty("properties").GetProperty("value").GetDecimal()}"));
            (bought.TryGetValue(who, out var times) ? times : bought[who] = []).Add(at);
        }

        var germans = customers.Where(static line => line.EndsWith(",Germany", StringComparison.Ordinal)).Select(static line => line.Split(',')[0]).ToHashSet(StringComparer.Ordinal);

        // The server's clock runs on; the nearest order to an end of a window is hours away.
        var expected = bought.Where(each => !germans.Contains(each.Key) && each.Value.Count(at => at > EmptyDashboard.Today.AddDays(-90)) >= 3 && !each.Value.Exists(static at => at > EmptyDashboard.Today.AddDays(-30))).Select(static each => each.Key).ToList();
        Assert.NotEmpty(expected);

        await using var visit = await dashboard.Visit();
        var page = await visit.Open("/welcome");
        await page.GetByRole(AriaRole.Link, new() { Name = "Import contacts" }).ClickAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "customers.csv", MimeType = "text/csv", Buffer = Bytes(customers) });
        await Expect(page.GetByLabel("What Customer ID becomes")).ToHaveValueAsync("external_id");
        await Expect(page.GetByLabel("Name of Country")).ToHaveValueAsync("country");
        await visit.Picture("journey-import");
        await visit.IsAccessible();
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin the import" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The import is done" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator(".figure", new() { HasText = "taken" }).Locator("strong")).ToHaveTextAsync((customers.Count - 1).ToString("N0", CultureInfo.InvariantCulture));

        await page.GetByRole(AriaRole.Button, new() { Name = "Import another file" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "events" }).CheckAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "orders.csv", MimeType = "text/csv", Buffer = Bytes(orders) });
        await page.GetByLabel("What Customer becomes").SelectOptionAsync("userId");
        await page.GetByLabel("What Ordered at becomes").SelectOptionAsync("timestamp");
        await page.GetByLabel("Every line is this event").FillAsync("order");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin the import" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The import is done" })).ToBeVisibleAsync(new() { Timeout = 120_000 });
        await Expect(page.Locator(".figure", new() { HasText = "refused" }).Locator("strong")).ToHaveTextAsync("0");
        await visit.Picture("journey-imported");

        // Bought three times in ninety days but not in the last thirty, not in Germany.
        await page.GetByRole(AriaRole.Link, new() { Name = "Build a segment" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Lapsing regulars abroad");
        await page.GetByLabel("Add a condition").SelectOptionAsync("event");
        await Choose(page.GetByRole(AriaRole.Combobox, new() { Name = "Event" }), "order");
        await page.GetByLabel("Number").FillAsync("3");
        await page.GetByLabel("Amount").FillAsync("90");
        await page.GetByLabel("Add a condition").SelectOptionAsync("event");
        await Choose(page.GetByRole(AriaRole.Combobox, new() { Name = "Event" }).Nth(1), "order");
        await page.GetByLabel("Done or not").Nth(1).SelectOptionAsync("not");
        await page.GetByLabel("Add a condition").SelectOptionAsync("trait");
        await Choose(page.GetByRole(AriaRole.Combobox, new() { Name = "Trait" }), "country");
        await page.GetByLabel("Operator").SelectOptionAsync("neq");
        await Choose(page.GetByRole(AriaRole.Combobox, new() { Name = "value" }), "Germany");
        await Expect(page.Locator(".total .figure strong").First).ToHaveTextAsync(expected.Count.ToString("N0", CultureInfo.InvariantCulture));
        await page.Locator(".total").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".old")).ToHaveCountAsync(0);
        await page.Locator("section.card", new() { HasText = "Who is in" }).First.EvaluateAsync("card => card.scrollIntoView()");
        await visit.Picture("journey-shop-rule");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and publish" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Lapsing regulars abroad", Exact = true }).WaitForAsync();
        await Expect(page.Locator(".figures .figure strong").First).ToHaveTextAsync(expected.Count.ToString("N0", CultureInfo.InvariantCulture), new() { Timeout = 30_000 });

        _ = await visit.Open("/actions/new");
        await page.GetByLabel("Name").FillAsync("offer_voucher");
        await page.GetByRole(AriaRole.Radio, new() { Name = "only members of these segments" }).CheckAsync();
        await page.GetByLabel("Add a segment").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "offer_voucher" })).ToBeVisibleAsync();
        foreach (var (who, may) in new[] { (expected[0], true), (germans.First(), false) })
        {
            _ = await visit.Open("/simulator");
            await page.GetByRole(AriaRole.Combobox, new() { Name = "Contact" }).FillAsync(who);
            await page.Locator(".pick", new() { HasText = who }).First.ClickAsync();
            await Expect(page.GetByText($"A message of {who}")).ToBeVisibleAsync();
            await Expect(page.Locator(".card", new() { HasText = may ? "What the agent may use" : "What is withheld" }).GetByRole(AriaRole.Link, new() { Name = "offer_voucher" })).ToBeVisibleAsync();
        }
    }

    private static async Task Choose(ILocator picker, string value)
    {
        await picker.FillAsync(value);
        await picker.Page.Locator(".pick", new() { HasText = value }).First.ClickAsync();
        await Expect(picker).ToHaveValueAsync(value);
    }

    private static byte[] Bytes(IEnumerable<string> lines) => System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines));

    private static IEnumerable<JsonElement> Lines(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Shared.At("data", "online-retail", file)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return JsonElement.Parse(line);
        }
    }
}
