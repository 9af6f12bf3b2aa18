using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.Frame;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Demo;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Dashboard.Tests.Support;

/// <summary>A server with the demo's support desk, a browser, and Ada, who set the dashboard up.</summary>
public class DemoDashboard : IAsyncLifetime
{
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery";

    private readonly string folder = Directory.CreateTempSubdirectory("segment-dashboard-").FullName;
    private IPlaywright? playwright;
    private IBrowser? browser;
    private WebApplication? app;
    private string? signedIn;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>The link that the server told of when it started.</summary>
    public string SetUpLink { get; private set; } = "";

    protected virtual bool WithDemo => true;

    /// <summary>What the server takes for the time.</summary>
    protected virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>A part of the running server.</summary>
    public T Service<T>() where T : notnull => app!.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        if (Browser.Absent is not null)
        {
            return;
        }

        app = SegmentServer.Build(["--database", Path.Combine(folder, "demo.db"), "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error", "--JobsDashboard", "true"], Clock);
        if (WithDemo)
        {
            await new DemoSeed(Service<SegmentDatabase>(), Instant.From(DateTimeOffset.UtcNow), TextWriter.Null).Run(CancellationToken.None);
        }

        await app.StartAsync();
        Address = new(app.Urls.Single());
        await UntilReady();
        SetUpLink = Service<SetUpLink>().Under(Address.ToString())!;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Browser.Path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        await SetUp();
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A page of a browser of its own.</summary>
    /// <param name="asAda">Signed in; otherwise a browser that was never here.</param>
    /// <param name="width">Of the window.</param>
    /// <param name="isDark">What its viewer likes.</param>
    /// <param name="language">Of the browser.</param>
    public async Task<Visit> Visit(bool asAda = true, int width = 1280, bool isDark = false, string language = "en-GB")
    {
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = Address.ToString(), ViewportSize = new() { Width = width, Height = 900 }, Locale = language, TimezoneId = "Europe/Paris", AcceptDownloads = true, StorageState = asAda ? signedIn : null,
        });
        await context.AddCookiesAsync([new() { Name = "segmentengine-theme", Value = isDark ? "dark" : "light", Url = Address.ToString() }]);
        return new(context, await context.NewPageAsync(), Address);
    }

    /// <summary>The API in her name, as the pages have it.</summary>
    public SegmentEngineClient Ada()
    {
        var ada = Service<PeopleStore>().FindByEmail(Email.ToUpperInvariant())!;
        return new(new HttpClient(Service<LocalServer>().For(ada.Id, ada.SecurityStamp)) { BaseAddress = Address }, keptAnswersMax: 0);
    }

    /// <summary>As a person does it: the link, a form, and the first page.</summary>
    private async Task SetUp()
    {
        await using var visit = await Visit(asAda: false);
        await visit.Page.GotoAsync(SetUpLink);
        await visit.Page.GetByLabel("Your name").FillAsync("Ada Lovelace");
        await visit.Page.GetByLabel("E-mail address").FillAsync(Email);
        await visit.Page.GetByLabel("Choose a password").FillAsync(Password);
        if (!WithDemo)
        {
            await visit.Page.GetByLabel("Name of the workspace").FillAsync("Shop");
        }

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Welcome, Ada Lovelace" }).WaitForAsync();
        signedIn = await visit.Page.Context.StorageStateAsync();
    }

    private async Task UntilReady()
    {
        var view = Service<MembershipView>();
        for (var tries = 0; tries < 1_200; tries++)
        {
            if (view.IsLoaded && (!WithDemo || (view.For(DemoSeed.Workspace) is { Segments.Length: > 0 } snapshot && snapshot.Segments.All(static segment => segment.Readiness == Readiness.Ready))))
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("the demo is not ready after a minute");
    }
}

/// <summary>A server with nothing in it, on the day that the shop's cases are about.</summary>
public sealed class EmptyDashboard : DemoDashboard
{
    public static readonly DateTimeOffset Today = new(2011, 12, 10, 0, 0, 0, TimeSpan.Zero);

    protected override bool WithDemo => false;

    protected override TimeProvider Clock { get; } = new ShiftedClock(Today);
}

[CollectionDefinition(Name)]
public sealed class SharedDemo : ICollectionFixture<DemoDashboard>
{
    public const string Name = "demo";
}
