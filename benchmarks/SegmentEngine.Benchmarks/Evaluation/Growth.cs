using System.Diagnostics;
using System.Globalization;
using System.Text;
using SegmentEngine.Evaluation;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>How the time of a whole recomputation grows with the contacts, and with the segments: a table and a picture.</summary>
internal static class Growth
{
    private const int Segments = ManySegments.Segments;
    private const int Contacts = ManySegments.Contacts;
    private const int Runs = 5;

    private static readonly int[] contacts = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];
    private static readonly int[] segments = [10, 100, 1_000, 10_000];

    public static void Write()
    {
        Results.UseOneCore();
        var plan = RulePlan.Of(ManySegments.Rules());
        var columns = new ShardColumns();
        var everyone = ManySegments.Everyone().GetEnumerator();
        List<Point> byContacts = [], bySegments = [];
        long peak = 0;
        columns.Extend(RulePlan.Of(ManySegments.Rules(segments[^1])), [], []);
        foreach (var many in contacts)
        {
            while (columns.Count < many && everyone.MoveNext())
            {
                columns.Put(everyone.Current.Seat, everyone.Current.Contact);
            }

            byContacts.Add(Measure(plan, columns));
            if (many == Contacts)
            {
                using var process = Process.GetCurrentProcess();
                peak = process.PeakWorkingSet64;
                bySegments.AddRange(segments.Select(count => count == Segments ? byContacts[^1] : Measure(RulePlan.Of(ManySegments.Rules(count)), columns)));
            }
        }

        Results.Write("growth.svg", Picture(byContacts, bySegments));
        Results.Write("growth.md", Table(byContacts, bySegments, peak));
    }

    private static Point Measure(RulePlan plan, ShardColumns columns)
    {
        var evaluator = new ShardEvaluator(plan, columns);
        PlanResult result = null!;
        var seconds = Results.Time(Runs, () => result = evaluator.Run(ManySegments.Now, static _ => null), warmUps: 4);
        var point = new Point(columns.Count, plan.Segments.Length, plan.Conditions, seconds, columns.Bytes, result.Rules.Sum(static rule => rule.Members.Bytes));
        Console.WriteLine(point);
        return point;
    }

    private static string Table(List<Point> byContacts, List<Point> bySegments, long peak)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Growth with contacts and with segments

            `dotnet run -c Release --project benchmarks/SegmentEngine.Benchmarks -- growth`

            The whole recomputation in memory, on one core: every segment's members as a set, counted. Contacts and rules are those of [many-segments.md](many-segments.md); twice as many
            segments have twice as many different conditions. Medians of {Runs} runs. With {Contacts:#,0} contacts and {Segments:#,0} segments the process had taken {peak / 1_000_000} MB at most, old and new sets, plan and runtime included.

            ![seconds against contacts and against segments](growth.svg)

            | contacts | segments | conditions | seconds | ns a contact | µs a segment | columns, MB | sets, MB |
            |---:|---:|---:|---:|---:|---:|---:|---:|

            """);
        foreach (var point in byContacts.Concat(bySegments.Where(static point => point.Segments != Segments)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {point.Contacts:#,0} | {point.Segments:#,0} | {point.Conditions:#,0} | {Results.Seconds(point.Seconds)} | {point.Seconds / point.Contacts * 1e9:#,0} | {point.Seconds / point.Segments * 1e6:#,0} | {point.ColumnBytes / 1e6:#,0} | {point.SetBytes / 1e6:#,0} |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n{Results.Machine}\n").ToString();
    }

    private static string Picture(List<Point> byContacts, List<Point> bySegments)
    {
        var text = new StringBuilder("""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 420" font-family="sans-serif" font-size="13">
            <rect width="960" height="420" fill="white"/>

            """);
        Panel(text, 80, $"contacts ({Segments:#,0} segments)", [.. byContacts.Select(static point => ((double)point.Contacts, point.Seconds))]);
        Panel(text, 560, $"segments ({Contacts:#,0} contacts)", [.. bySegments.Select(static point => ((double)point.Segments, point.Seconds))]);
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>Both axes by powers of ten; the dashed line is what would be linear from the last point down.</summary>
    private static void Panel(StringBuilder text, int left, string title, List<(double X, double Y)> points)
    {
        const int width = 340, top = 40, height = 300;
        var (firstX, lastX) = (Math.Floor(Math.Log10(points[0].X)), Math.Ceiling(Math.Log10(points[^1].X)));
        var (firstY, lastY) = (Math.Floor(Math.Log10(points.Min(static point => point.Y))), Math.Ceiling(Math.Log10(points.Max(static point => point.Y))));
        for (var power = firstX; power <= lastX; power++)
        {
            var x = X(Math.Pow(10, power));
            Line(x, top, x, top + height, "#ddd");
            Text(x, top + height + 20, "middle", Math.Pow(10, power).ToString("#,0", CultureInfo.InvariantCulture));
        }

        for (var power = firstY; power <= lastY; power++)
        {
            var y = Y(Math.Pow(10, power));
            Line(left, y, left + width, y, "#ddd");
            Text(left - 8, y + 4, "end", $"{Math.Pow(10, power).ToString(CultureInfo.InvariantCulture)} s");
        }

        // Only as much of it as lies in the picture.
        var (endX, endY) = points[^1];
        var startX = Math.Max(points[0].X, endX * Math.Pow(10, firstY) / endY);
        text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(startX):0.#} {Y(endY * startX / endX):0.#}L{X(endX):0.#} {Y(endY):0.#}\" stroke=\"#999\" stroke-dasharray=\"5 4\"/>\n");
        text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{string.Join('L', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.#} {Y(point.Y):0.#}")))}\" fill=\"none\" stroke=\"#06c\" stroke-width=\"2\"/>\n");
        foreach (var (x, y) in points)
        {
            text.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"4\" fill=\"#06c\"/>\n");
            Text(X(x) - 6, Y(y) - 8, "end", $"{Results.Seconds(y)} s");
        }

        Text(left + (width / 2), top + height + 44, "middle", title);

        double X(double value) => left + ((Math.Log10(value) - firstX) / (lastX - firstX) * width);

        double Y(double value) => top + height - ((Math.Log10(value) - firstY) / (lastY - firstY) * height);

        void Line(double fromX, double fromY, double toX, double toY, string colour) =>
            text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{fromX:0.#} {fromY:0.#}L{toX:0.#} {toY:0.#}\" stroke=\"{colour}\"/>\n");

        void Text(double x, double y, string anchor, string what) =>
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{what}</text>\n");
    }

    private sealed record Point(int Contacts, int Segments, int Conditions, double Seconds, long ColumnBytes, long SetBytes);
}
