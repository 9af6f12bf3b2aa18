using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Rows by columns, a column for each value source: the contacts of a shard, or the events of one name.</summary>
internal sealed class ColumnTable
{
    private const int CapacityMin = 64;

    private readonly Dictionary<ValueSource, Column> columns = [];
    private int capacity;

    public IReadOnlyCollection<ValueSource> Sources => columns.Keys;

    public long Bytes => columns.Values.Sum(static column => column.Bytes);

    /// <summary>Room for this many rows, a whole number of words of 64.</summary>
    public int Capacity => capacity;

    public Column this[ValueSource source] => columns[source];

    public bool Has(ValueSource source) => columns.ContainsKey(source);

    public void Add(ValueSource source)
    {
        var column = Column.For(source);
        column.Grow(capacity);
        columns.Add(source, column);
    }

    public void Drop(ValueSource source) => columns.Remove(source);

    /// <summary>Makes room; true where there was none.</summary>
    public bool Reserve(int rows)
    {
        if (rows <= capacity)
        {
            return false;
        }

        // By a half: a doubled million rows of twenty columns would be 160 MB of air.
        capacity = Math.Max(CapacityMin, (Math.Max(rows, capacity + (capacity / 2)) + 63) / 64 * 64);
        foreach (var column in columns.Values)
        {
            column.Grow(capacity);
        }

        return true;
    }

    public void Set(int row, Contact contact)
    {
        foreach (var (source, column) in columns)
        {
            column.Set(row, source.Read(contact));
        }
    }

    public void Set(int row, ContactEvent happened)
    {
        foreach (var (source, column) in columns)
        {
            column.Set(row, source.Read(happened));
        }
    }

    public void Clear(int row)
    {
        foreach (var column in columns.Values)
        {
            column.Set(row, null);
        }
    }

    /// <summary>Lays rows in another order: each takes what the row of that number had. Those not named go.</summary>
    public void Reorder(ReadOnlySpan<int> order, int rows)
    {
        capacity = rows;
        foreach (var column in columns.Values)
        {
            column.Reorder(order, rows);
        }
    }

    /// <summary>Cells in another order, and the empty ones after them.</summary>
    public static T[] Reordered<T>(T[] cells, ReadOnlySpan<int> order, int capacity, T empty)
    {
        var reordered = new T[capacity];
        for (var i = 0; i < order.Length; i++)
        {
            reordered[i] = cells[order[i]];
        }

        reordered.AsSpan(order.Length).Fill(empty);
        return reordered;
    }
}
