using CsvHelper;
using SegmentEngine.Importing;

namespace SegmentEngine.Server.Dashboard.Data;

/// <summary>The beginning of a CSV file, to be looked at before it is imported.</summary>
internal static class CsvPreview
{
    private const int RowBytesMax = 1 << 20;

    /// <summary>More are no table that anybody maps by hand.</summary>
    private const int ColumnsMax = 500;

    /// <exception cref="InvalidOperationException">There is no header, or it cannot be read; the message is for whoever chose the file.</exception>
    public static (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) Read(string path, int rowsMax)
    {
        try
        {
            using var file = InputFile.Open(path, static () => Stream.Null);
            using var reader = CsvReader.Create(file, new CsvReaderOptions { TrackLineNumbers = true, MaxRecordSize = RowBytesMax });
            var columns = reader.Headers.ToList();
            if (columns.Count == 0)
            {
                throw new InvalidOperationException("the file is empty; a CSV file begins with a header");
            }

            if (columns.Count > ColumnsMax)
            {
                throw new InvalidOperationException($"the header has {columns.Count} columns; at most {ColumnsMax} can be imported here, and more with the command `segment import`");
            }

            if (columns.Exists(static column => column.Any(static letter => letter == '\uFFFD' || (char.IsControl(letter) && !char.IsWhiteSpace(letter)))))
            {
                throw new InvalidOperationException("the first line is no text that can be read; save the file as CSV in UTF-8");
            }

            var rows = new List<IReadOnlyList<string>>();
            while (rows.Count < rowsMax && reader.Read())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetString(i))]);
            }

            return (columns, rows);
        }
        catch (CsvFormatException broken)
        {
            throw new InvalidOperationException($"line {broken.LineNumber}: {broken.Message.TrimEnd('.')}", broken);
        }
        catch (RefusedException refused)
        {
            throw new InvalidOperationException(refused.Message.Replace(path, "the file", StringComparison.Ordinal), refused);
        }
    }
}
