using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace SegmentEngine.Server.Hosting;

/// <summary>Refuses a body that says it is too large, before any of it is read.</summary>
public static class LargeBody
{
    public static readonly Refusal Refusal = Refusal.Of(StatusCodes.Status413PayloadTooLarge, "the body is larger than this call takes");

    /// <summary>A sender that talks before it listens hears the answer only if it can finish; it has this long.</summary>
    private static readonly TimeSpan hearingOut = TimeSpan.FromSeconds(2);

    public static bool IsAnnounced(HttpContext context) =>
        context.Request.ContentLength > context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;

    /// <summary>Answers first. Then what is on its way is thrown away for a moment: closing the connection at once would reset it, and the answer would be lost with it.</summary>
    public static async Task Refuse(HttpContext context)
    {
        context.Response.Headers.Connection = "close";
        await Refusal.ExecuteAsync(context);
        await context.Response.CompleteAsync();
        if (context.Request.Headers.Expect.Count > 0 || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } size)
        {
            return;
        }

        size.MaxRequestBodySize = null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(hearingOut);
        var discarded = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            while (await context.Request.Body.ReadAsync(discarded, end.Token) > 0)
            {
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // Enough was listened to, or the sender has gone.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(discarded);
        }
    }
}
