using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Dashboard.Tests.Support;

/// <summary>A page in a browser, and whether all was well with it: no error in its console, nothing asked of anybody but our server.</summary>
public sealed class Visit : IAsyncDisposable
{
    private static readonly string pictures = Environment.GetEnvironmentVariable("SEGMENT_SCREENSHOTS") ?? Path.Combine(Tree.Root, "artifacts", "screenshots");

    private readonly IBrowserContext context;
    private readonly List<string> troubles = [];

    internal Visit(IBrowserContext context, IPage page, Uri address)
    {
        (this.context, Page) = (context, page);
        page.SetDefaultTimeout(20_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                troubles.Add($"{message.Type} in the console of {page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => troubles.Add($"a script failed at {page.Url}: {error}");
        page.Dialog += (_, dialog) =>
        {
            troubles.Add($"a script spoke up at {page.Url}: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" } to && to.Authority != address.Authority)
            {
                troubles.Add($"{page.Url} asked {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>What is expected of this visit alone, such as an answer that refuses.</summary>
    public void Expect(string trouble) => troubles.RemoveAll(each => each.Contains(trouble, StringComparison.Ordinal));

    /// <summary>Opens a page of the dashboard and waits until it shows what it is about.</summary>
    public async Task<IPage> Open(string path)
    {
        await Page.GotoAsync($"/dashboard{path}");
        await Page.Locator("#content h1").WaitForAsync();
        await Settled();
        return Page;
    }

    /// <summary>Until nothing says that it is loading.</summary>
    public async Task Settled()
    {
        await Assertions.Expect(Page.GetByText("Loading…")).ToHaveCountAsync(0, new() { Timeout = 20_000 });
        await Page.WaitForTimeoutAsync(300);
    }

    /// <summary>No rule of WCAG 2.2, level AA, that a machine can test is broken.</summary>
    public async Task IsAccessible()
    {
        var found = await Page.RunAxe(new() { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } });
        Assert.True(found.Violations.Length == 0, $"{Page.Url}\n" + string.Join('\n', found.Violations.Select(static each => $"{each.Id}: {each.Help}\n  {string.Join("\n  ", each.Nodes.Take(3).Select(static node => node.Html))}")));
    }

    /// <summary>Kept to be looked at.</summary>
    public async Task Picture(string name)
    {
        Directory.CreateDirectory(pictures);
        await Page.ScreenshotAsync(new() { Path = Path.Combine(pictures, $"{name}.png") });
    }

    /// <summary>Closes the page, and fails where something was wrong with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        Assert.True(troubles.Count == 0, string.Join('\n', troubles));
    }
}
