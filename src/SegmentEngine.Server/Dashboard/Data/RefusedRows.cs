using System.Globalization;
using SegmentEngine.Importing;
using SegmentEngine.Server.Contacts;

namespace SegmentEngine.Server.Dashboard.Data;

/// <summary>The lines that an import refused, as a CSV file to download.</summary>
internal sealed class RefusedRows : ImportReport, IDisposable
{
    private const int FirstMax = 10;

    private readonly List<(long Line, string Reason)> first = [];
    private readonly FileStream file;
    private readonly StreamWriter writer;

    public RefusedRows(string path)
    {
        file = Uploads.Create(path);
        writer = new(file);
        writer.WriteLine("line,reason");
    }

    /// <summary>Some of them, to be shown.</summary>
    public IReadOnlyList<(long Line, string Reason)> First => first;

    /// <summary>All of them, from the start. Only after the import.</summary>
    public Stream Open()
    {
        writer.Flush();
        return new FileStream(file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    public void Dispose() => writer.Dispose();

    protected override void Note(long line, string reason, long count)
    {
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line},{ContactsExport.Field(reason)}"));
        if (count <= FirstMax)
        {
            first.Add((line, reason));
        }
    }
}
