using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>What every page of the dashboard has: whoever looks, the texts, and a way to say what went wrong.</summary>
[Authorize]
public abstract partial class DashboardPage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource gone = new();

    [Inject]
    protected Session Session { get; set; } = null!;

    [Inject]
    protected IStringLocalizer<Texts> T { get; set; } = null!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    protected ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    protected IDialogService Dialogs { get; set; } = null!;

    [Inject]
    protected IJSRuntime Js { get; set; } = null!;

    [Inject]
    private ILogger<DashboardPage> Log { get; set; } = null!;

    [CascadingParameter]
    protected Viewer Viewer { get; set; } = null!;

    protected SegmentEngineClient Client => Session.Client;

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Gone => gone.Token;

    /// <summary>What went wrong with the last thing tried, in words; null where nothing did.</summary>
    protected string? Failure { get; set; }

    public void Dispose()
    {
        gone.Cancel();
        Leave();
        gone.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The page is left.</summary>
    protected virtual void Leave()
    {
    }

    /// <summary>Does it, and where it cannot be done says so on the page.</summary>
    protected async Task<bool> Try(Func<Task> work)
    {
        try
        {
            await work();
            Failure = null;
            return true;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return false;
        }
        catch (SegmentEngineException refused)
        {
            Failure = Words(refused);
        }
        catch (Exception bug) when (bug is not JSDisconnectedException)
        {
            LogBug(Log, bug, GetType().Name);
            Failure = T["Unexpected", bug.Message];
        }

        return false;
    }

    /// <summary>Does it and says that it is done, in a note that goes away by itself.</summary>
    protected async Task<bool> Try(Func<Task> work, string done)
    {
        if (!await Try(work))
        {
            return false;
        }

        _ = Snackbar.Add(done, Severity.Success);
        return true;
    }

    /// <summary>Does it now and again and again while the page is open.</summary>
    protected async Task Repeat(TimeSpan every, Func<Task> work)
    {
        _ = await Try(work);
        _ = Again(every, work);
    }

    protected static string Words(SegmentEngineException refused) =>
        refused.Body?.Details is [_, ..] details ? string.Join("; ", details.Select(static detail => detail.Message)) : refused.Body?.Message ?? refused.Message;

    private async Task Again(TimeSpan every, Func<Task> work)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            while (await timer.WaitForNextTickAsync(Gone))
            {
                await InvokeAsync(async () =>
                {
                    _ = await Try(work);
                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The page {Page} failed")]
    private static partial void LogBug(ILogger logger, Exception bug, string page);
}
