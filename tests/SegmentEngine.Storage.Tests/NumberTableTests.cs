namespace SegmentEngine.Storage.Tests;

public sealed class NumberTableTests
{
    [Fact]
    public async Task A_blob_of_numbers_is_a_table_in_its_own_order()
    {
        long[] numbers = [3, long.MinValue, 0, 3, long.MaxValue];
        using var database = new SqliteTestDatabase();
        Assert.Equal(numbers, await Select(database, "select value from numbers(?1)", numbers));
        Assert.Empty(await Select(database, "select value from numbers(?1)", []));
        Assert.Equal([3, 3, 3], await Select(database, "select value from numbers(?1) where value > 0 and value < 9 union all select value from numbers(?1) limit 3", numbers));
        Assert.Equal([25], await Select(database, "select count(*) from numbers(?1) as a join numbers(?1) as b", numbers));
    }

    private static Task<List<long>> Select(SqliteTestDatabase database, string sql, long[] numbers) => database.Open().Writer.Run(tx =>
    {
        var found = new List<long>();
        using var select = tx.Prepare(sql).SetBlob(1, NumberTable.Blob(numbers));
        while (select.Step())
        {
            found.Add(select.Integer(0));
        }

        return found;
    });
}
