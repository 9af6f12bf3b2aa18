using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using SegmentEngine.Client;

namespace SegmentEngine.Importing;

/// <summary>
/// Sends the lines of a source to the server in batches. There are a few lanes, each with one request in flight; a contact's lines all go by one lane, so they arrive in their order.
/// A request that the server refuses as a whole is sent in halves until the lines at fault stand alone.
/// </summary>
internal sealed partial class Import
{
    private readonly LineSource source;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task<BatchAccepted>> send;
    private readonly ImportReport report;
    private readonly string list;
    private readonly int batchItems;
    private readonly Lane[] lanes;
    private readonly Lock gate = new();
    private Mark read;
    private long revision;

    public Import(LineSource source, ImportKind kind, SegmentEngineClient client, ImportReport report, int batchItems, Mark start)
    {
        this.source = source;
        this.report = report;
        this.batchItems = batchItems;
        (list, send) = kind == ImportKind.Contacts ? ("contacts", (json, cancel) => client.SaveContactsJson(json, cancel)) : ("batch", new Func<ReadOnlyMemory<byte>, CancellationToken, Task<BatchAccepted>>(client.SendEventsJson));
        lanes = [.. Enumerable.Range(0, kind == ImportKind.Contacts ? ImportLimits.ContactLanes : ImportLimits.EventLanes).Select(static _ => new Lane())];
        read = start;
    }

    /// <summary>The place up to which every line is done with.</summary>
    public Mark Done
    {
        get
        {
            lock (gate)
            {
                var open = lanes.SelectMany(static lane => lane.Open).Select(static batch => batch.Before).ToList();
                return open.Count == 0 ? read : open.MinBy(static mark => mark.Line);
            }
        }
    }

    /// <summary>The workspace's revision after the last batch.</summary>
    public long Revision => Interlocked.Read(ref revision);

    /// <summary>Ends when all lines are done with; throws when the server cannot be reached or does not let us in.</summary>
    public async Task Run(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var work = lanes.Select(lane => OrStop(() => Deliver(lane, stop.Token), stop)).Append(OrStop(() => ReadAll(stop.Token), stop)).ToArray();
        try
        {
            await Task.WhenAll(work);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // One failed and stopped the others: say why the one failed.
            await Task.WhenAll(work.Where(static task => task.IsFaulted));
            throw;
        }
    }

    private static async Task OrStop(Func<Task> work, CancellationTokenSource stop)
    {
        try
        {
            await Task.Run(work);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task ReadAll(CancellationToken cancel)
    {
        while (source.TryRead())
        {
            if (source.Fault is { } fault)
            {
                report.Refuse(source.Number, fault);
            }
            else
            {
                await Take(cancel);
            }

            // Only whoever reads writes this; it is whole whenever a batch is looked at.
            lock (gate)
            {
                read = new(source.Number, source.Fingerprint.Value);
            }
        }

        foreach (var lane in lanes)
        {
            await lane.Send(cancel);
            lane.Complete();
        }
    }

    private async Task Take(CancellationToken cancel)
    {
        var lane = lanes[(source.Contact & int.MaxValue) % lanes.Length];
        if (lane.Building is { } full && (full.Lines.Count >= batchItems || full.Bytes + source.Message.Length + full.Lines.Count > ImportLimits.BatchBytesMax))
        {
            await lane.Send(cancel);
        }

        if (lane.Building is null)
        {
            lock (gate)
            {
                lane.Begin(new(list, read));
            }
        }

        lane.Building!.Add(source.Number, source.Message.Span);
    }

    private async Task Deliver(Lane lane, CancellationToken cancel)
    {
        await foreach (var batch in lane.Sent(cancel))
        {
            await Deliver(batch, 0, batch.Lines.Count, cancel);
            lock (gate)
            {
                lane.End();
            }
        }
    }

    private async Task Deliver(Batch batch, int first, int count, CancellationToken cancel)
    {
        try
        {
            var answer = await send(batch.Body(first, count), cancel);
            report.Took(answer.Accepted, answer.Duplicates);
            Refuse(batch, first, answer.Refused.Select(static each => (each.Index, each.Path, each.Message)));
            _ = Interlocked.Exchange(ref revision, Math.Max(Revision, answer.Revision));
        }
        catch (SegmentEngineException refused) when (refused.Status is 400 or 413 or 422)
        {
            var named = refused.Details.Select(detail => (Index: IndexIn(detail.Path), detail.Path, detail.Message)).ToList();
            if (named.Select(static each => each.Index).Distinct().Count(index => index >= 0 && index < count) == count)
            {
                Refuse(batch, first, named);
            }
            else if (count == 1)
            {
                report.Refuse(batch.Lines[first], refused.Details is [var only, ..] ? only.Message : refused.Body?.Message ?? refused.Message);
            }
            else
            {
                await Deliver(batch, first, count / 2, cancel);
                await Deliver(batch, first + (count / 2), count - (count / 2), cancel);
            }
        }
    }

    private void Refuse(Batch batch, int first, IEnumerable<(int Index, string Path, string Message)> refused)
    {
        foreach (var item in refused.GroupBy(static each => each.Index))
        {
            report.Refuse(batch.Lines[first + item.Key], string.Join("; ", item.Select(static each => Item().Replace(each.Path, "") is { Length: > 0 } path ? $"{path}: {each.Message}" : each.Message)));
        }
    }

    private static int IndexIn(string path) =>
        Item().Match(path) is { Success: true } found ? int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : -1;

    [GeneratedRegex("""^\$\.(?:batch|contacts)\[(\d{1,9})\]\.?""")]
    private static partial Regex Item();

    /// <summary>Batches in order, one request at a time.</summary>
    private sealed class Lane
    {
        private readonly Channel<Batch> sent = Channel.CreateBounded<Batch>(1);

        /// <summary>Batches that are not done with, the one being built the last; looked at and changed under the gate.</summary>
        private readonly Queue<Batch> open = [];

        public IEnumerable<Batch> Open => open;

        /// <summary>Null between batches.</summary>
        public Batch? Building { get; private set; }

        public void Begin(Batch batch)
        {
            open.Enqueue(batch);
            Building = batch;
        }

        public async Task Send(CancellationToken cancel)
        {
            if (Building is { } batch)
            {
                Building = null;
                await sent.Writer.WriteAsync(batch, cancel);
            }
        }

        public void Complete() => sent.Writer.Complete();

        public IAsyncEnumerable<Batch> Sent(CancellationToken cancel) => sent.Reader.ReadAllAsync(cancel);

        public void End() => _ = open.Dequeue();
    }
}
