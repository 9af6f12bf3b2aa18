using Microsoft.Data.Sqlite;
using SegmentEngine.Cli.Tests.Support;
using SegmentEngine.Client;

namespace SegmentEngine.Cli.Tests.Verbs;

[Collection(RunningServer.Shared)]
public sealed class VerifyTests(RunningServer server)
{
    [Fact]
    public async Task Every_membership_is_judged_and_what_is_wrong_is_found_said_and_mended()
    {
        using var tenant = await server.NewWorkspace();
        for (var i = 0; i < 30; i++)
        {
            _ = await tenant.Client.SaveContact(new() { ExternalId = $"u{i}", CustomData = System.Text.Json.JsonElement.Parse($$"""{"n":{{i}}}""") });
        }

        var segment = await tenant.Publish("low", System.Text.Json.JsonElement.Parse("""{"type":"trait","trait":"n","op":"lt","value":10}"""));
        var right = await Verify(tenant.Key);
        Assert.Equal(("", "30 contacts judged, each for every segment, 30 pairs: 0 wrong\n", ExitCode.Fine), (right.Error, right.Output.ReplaceLineEndings("\n"), right.Exit));

        // Somebody tampers with the table behind the engine's back.
        using (var raw = new SqliteConnection($"Data Source={server.DatabaseFile};Pooling=False"))
        {
            raw.Open();
            using var tamper = raw.CreateCommand();
            tamper.CommandText = "delete from memberships where segment_no = (select number from segments where id = $id) and contact_no in (select number from contacts where external_id in ('u3', 'u7'))";
            _ = tamper.Parameters.AddWithValue("$id", segment.ToString());
            Assert.Equal(2, tamper.ExecuteNonQuery());
        }

        var wrong = await Verify(tenant.Key);
        Assert.Equal(ExitCode.SomeWrong, wrong.Exit);
        Assert.Contains("2 wrong, 2 of them mended", wrong.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await tenant.Client.GetWorkspace()).SelfAudit!.Mismatches);
        Assert.Equal(ExitCode.Fine, (await Verify(tenant.Key)).Exit);
    }

    [Fact]
    public async Task A_server_that_cannot_be_asked_is_a_sentence()
    {
        using var reader = await server.NewWorkspace(Scopes.SegmentsRead);
        (await Verify(reader.Key)).IsRefused("does not let this key do that");
        (await Shell.Run("verify", "--server", "http://127.0.0.1:1", "--key", "sk_x_y")).IsRefused("cannot be reached");
    }

    private Task<Shell.Answer> Verify(string key) => Shell.Run("verify", "--server", server.Address, "--key", key);
}
