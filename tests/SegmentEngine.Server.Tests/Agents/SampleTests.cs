using System.Diagnostics;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Agents;

public sealed class SampleTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_sample_shows_a_vip_the_refund_and_refuses_it_to_a_trial_user_whose_model_asks_for_it_all_the_same()
    {
        var (vip, trial) = (Some.Name("user"), Some.Name("user"));
        _ = await server.Client.SaveContact(Some.Contact("pro", vip));
        _ = await server.Client.SaveContact(Some.Contact("trial", trial));
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        _ = await server.Client.CreateAction(new() { Name = "look_up_order" });
        _ = await server.Client.CreateAction(new() { Name = "refund_order", RestrictedToSegments = [pros.Id] });

        Assert.Equal(["the model is shown: look_up_order, refund_order; it calls refund_order", "the agent says: order 1001 is refunded"], await Run(vip));
        var refused = await Run(trial);
        Assert.Equal("the model is shown: look_up_order; it calls refund_order", refused[0]);
        Assert.DoesNotContain("is refunded", refused[1], StringComparison.Ordinal);
    }

    private async Task<string[]> Run(string user)
    {
        using var sample = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "GatedAgent.dll"), server.Address.ToString(), server.Key, $"external_id:{user}"]) { RedirectStandardOutput = true })!;
        var output = await sample.StandardOutput.ReadToEndAsync();
        await sample.WaitForExitAsync();
        Assert.Equal(0, sample.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
