using SegmentEngine.Importing;
using SegmentEngine.Server.Dashboard.Data;

namespace SegmentEngine.Server.Tests.Dashboard;

/// <summary>What a file's columns are taken for before anybody has said so.</summary>
public sealed class ColumnGuessTests
{
    [Fact]
    public void A_shop_s_export_is_understood_by_header_and_content()
    {
        var guessed = Of("Customer ID,E-Mail,Full Name,Signed Up,Seats,Plan,Newsletter,Last order,", "17850,a@example.com,Anna,01.02.2026,5,pro,yes,2026-03-01 10:15:00,x", "17851,,Bert,28.02.2026,12.5,free,no,2026-03-02 11:00:00,");
        Assert.Equal(["external_id", "email", "name", "data", "data", "data", "data", "data", ""], guessed.Select(static choice => choice.Field));
        Assert.Equal([("signed_up", "date", "dd.MM.yyyy"), ("seats", "number", null), ("plan", "string", null), ("newsletter", "boolean", null), ("last_order", "datetime", null)], guessed.Skip(3).Take(5).Select(static choice => (choice.Name, choice.Type, choice.Format)));
        Assert.Equal(["custom_data.signed_up", "custom_data.seats"], guessed.Skip(3).Take(2).Select(static choice => choice.Target(ImportKind.Contacts).Field));
    }

    [Fact]
    public void Without_a_speaking_name_the_values_say_who_it_is()
    {
        Assert.Equal("email", Of("wohin,plan", "a@example.com,pro", "b@example.com,free")[0].Field);
        Assert.Equal("external_id", Of("ref id,plan", "a-1,pro", "b-2,free")[0].Field);
        Assert.Equal("integer", Of("customer_id", "17850.0", "17851.0")[0].Type);
        Assert.Equal("userId", Of(ImportKind.Events, "client id;what", ["a", "b"])[0].Field);
    }

    [Theory]
    [InlineData("string", "00123", "00456")]
    [InlineData("string", "12", "x")]
    [InlineData("number", "12", "-3.5e4")]
    [InlineData("integer", "12", "3.0")]
    [InlineData("date", "2026-01-31")]
    [InlineData("datetime", "2026-01-31T10:00:00Z")]
    [InlineData("string", "31/31/2026")]
    [InlineData("string", "=1+1")]
    [InlineData("string")]
    public void A_type_is_guessed_only_where_every_value_is_of_it(string type, params string[] values) => Assert.Equal(type, ColumnGuess.TypeOf(values).Type);

    [Theory]
    [InlineData("Signed Up", "signed_up")]
    [InlineData("signedUpAt", "signed_up_at")]
    [InlineData("MRR (€)", "mrr")]
    [InlineData("a.b", "a_b")]
    [InlineData("  ", "column")]
    [InlineData("Straße", "straße")]
    public void Names_are_what_rules_can_be_read_with(string column, string name) => Assert.Equal(name, ColumnGuess.Snake(column));

    [Fact]
    public void Odd_files_are_refused_in_words_or_looked_at_as_far_as_they_go()
    {
        Assert.Throws<InvalidOperationException>(() => Preview(""));
        Assert.Throws<InvalidOperationException>(() => Preview("\0\u0001binary"));
        Assert.Throws<InvalidOperationException>(() => Preview(string.Join(',', Enumerable.Range(0, 2_000).Select(static i => $"c{i}"))));
        Assert.Equal((1, 0), Counts(Preview("only a header")));
        Assert.Equal((2, 3), Counts(Preview("\uFEFFa;b\n1;2;3\n4\n\"x;\ny\";5\n")));
        Assert.Equal(["a", "b"], Preview("\uFEFFa\tb\n1\t2\n").Columns);
        var ragged = Preview("email,plan\na@example.com\nb@example.com,pro,more\n");
        Assert.Equal("email", ColumnGuess.Of(ragged.Columns, ragged.Rows, ImportKind.Contacts)[0].Field);
        Assert.Equal(["a", "a_2"], Of("a,A", "1,2").Select(static choice => choice.Name));
    }

    private static (int Columns, int Rows) Counts((IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) preview) => (preview.Columns.Count, preview.Rows.Count);

    private static (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) Preview(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return CsvPreview.Read(file, 100);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IReadOnlyList<ColumnChoice> Of(string header, params string[] rows) => ColumnGuess.Of(header.Split(','), [.. rows.Select(static row => (IReadOnlyList<string>)row.Split(','))], ImportKind.Contacts);

    private static IReadOnlyList<ColumnChoice> Of(ImportKind kind, string header, params string[][] rows) => ColumnGuess.Of(header.Split(';'), [.. rows], kind);
}
