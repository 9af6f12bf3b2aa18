using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>
/// Requests at a fixed rate over raw connections: each is sent when its time has come, whether or not those before are answered, and is timed from that time to the end of its answer, so that a server that
/// stands still is charged for all who would have asked meanwhile. No <see cref="HttpClient"/>, since the server runs on the same machine.
/// </summary>
internal static class OpenLoop
{
    private const int Connections = 32;

    /// <param name="port">Of this machine.</param>
    /// <param name="perSecond">The rate.</param>
    /// <param name="requests">Sent one after the other, again and again.</param>
    /// <param name="milliseconds">Gets the time of each.</param>
    /// <param name="end">When to send no more.</param>
    public static async Task Run(int port, int perSecond, IReadOnlyList<byte[]> requests, List<double> milliseconds, CancellationToken end)
    {
        var lines = new List<Line>();
        for (var i = 0; i < Connections; i++)
        {
            lines.Add(await Line.Open(port));
        }

        // A thread of its own: what else makes the load must not delay it.
        new Thread(() => Send(perSecond, requests, lines, end)) { IsBackground = true }.Start();
        foreach (var line in lines)
        {
            milliseconds.AddRange(await line.Answers);
        }
    }

    private static void Send(int perSecond, IReadOnlyList<byte[]> requests, List<Line> lines, CancellationToken end)
    {
        var started = Stopwatch.GetTimestamp();
        var perRequest = Stopwatch.Frequency / (double)perSecond;
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            var due = started + (long)(i * perRequest);
            while (Stopwatch.GetTimestamp() < due)
            {
                Thread.Sleep(1);
            }

            lines[i % lines.Count].Send(requests[i % requests.Count], due);
        }

        lines.ForEach(static line => line.End());
    }

    /// <summary>A connection, whose answers come in the order of its requests.</summary>
    private sealed class Line
    {
        private readonly Socket socket;
        private readonly ConcurrentQueue<long> sent = [];

        private Line(Socket socket)
        {
            this.socket = socket;
            Answers = Read();
        }

        /// <summary>All times, once the last answer is in.</summary>
        public Task<List<double>> Answers { get; }

        public static async Task<Line> Open(int port)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return new(socket);
        }

        public void Send(byte[] request, long due)
        {
            sent.Enqueue(due);
            _ = socket.Send(request);
        }

        /// <summary>Once all is answered: a server takes a connection that is shut for one whose caller has gone.</summary>
        public void End()
        {
            while (!sent.IsEmpty)
            {
                Thread.Sleep(1);
            }

            socket.Shutdown(SocketShutdown.Send);
        }

        private async Task<List<double>> Read()
        {
            await Task.Yield();
            var times = new List<double>();
            var buffer = new byte[65_536];
            var filled = 0;
            while (await socket.ReceiveAsync(buffer.AsMemory(filled)) is > 0 and var count)
            {
                filled += count;
                var start = 0;
                while (LengthOfFirst(buffer.AsSpan(start, filled - start)) is > 0 and var length)
                {
                    start += length;
                    _ = sent.TryDequeue(out var due);
                    times.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }

            socket.Dispose();
            return sent.IsEmpty ? times : throw new InvalidOperationException($"{sent.Count} requests were not answered");
        }

        /// <summary>Of an answer that says its length; 0 while it is not all there.</summary>
        private static int LengthOfFirst(ReadOnlySpan<byte> answers)
        {
            if (answers.IndexOf("\r\n\r\n"u8) is not (>= 0 and var head))
            {
                return 0;
            }

            var length = answers[..head].IndexOf("Content-Length: "u8);
            if (!answers.StartsWith("HTTP/1.1 200"u8) || length < 0)
            {
                throw new InvalidOperationException(Encoding.ASCII.GetString(answers));
            }

            _ = Utf8Parser.TryParse(answers[(length + "Content-Length: "u8.Length)..], out int body, out _);
            var whole = head + "\r\n\r\n"u8.Length + body;
            return answers.Length >= whole ? whole : 0;
        }
    }
}
