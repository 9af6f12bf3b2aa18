using Microsoft.Extensions.AI;
using SegmentEngine.Agents;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Agents;

public sealed class SegmentGateTests(TestServer server) : IClassFixture<TestServer>, IAsyncLifetime
{
    private readonly List<string> ran = [];
    private readonly string vip = Some.Name("vip");
    private readonly string trial = Some.Name("trial");
    private string lookUp = "";
    private string refund = "";
    private AgentAction refundAction = null!;

    public async Task InitializeAsync()
    {
        (lookUp, refund) = (Some.Name("look_up").Replace(' ', '_'), Some.Name("refund").Replace(' ', '_'));
        _ = await server.Client.SaveContact(Some.Contact("pro", vip));
        _ = await server.Client.SaveContact(Some.Contact("trial", trial));
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        _ = await server.Client.CreateAction(new() { Name = lookUp });
        refundAction = await server.Client.CreateAction(new() { Name = refund, RestrictedToSegments = [pros.Id] });
        _ = await server.Client.CreateInstruction(new() { Title = Some.Name("Tone"), Content = "Be kind." });
        _ = await server.Client.CreateInstruction(new() { Title = Some.Name("Pros"), Content = "Offer a call.", RestrictedToSegments = [pros.Id] });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public static TheoryData<bool, bool> Sides => new() { { true, false }, { true, true }, { false, false }, { false, true } };

    [Theory, MemberData(nameof(Sides))]
    public async Task A_vip_is_shown_the_refund_and_may_have_it_a_trial_user_neither(bool isOutside, bool streams)
    {
        var model = new ScriptedModel(refund);
        Assert.Contains("refund done", await Ask(model, vip, isOutside, streams), StringComparison.Ordinal);
        Assert.Equal([lookUp, refund], model.Shown.Order(StringComparer.Ordinal));
        Assert.Contains("Offer a call.", model.Instructions, StringComparison.Ordinal);

        model = new ScriptedModel(refund);
        ran.Clear();
        Assert.DoesNotContain("refund done", await Ask(model, trial, isOutside, streams), StringComparison.Ordinal);
        Assert.Equal([lookUp], model.Shown);
        Assert.DoesNotContain("Offer a call.", model.Instructions, StringComparison.Ordinal);
        Assert.StartsWith("You are the agent of a shop.", model.Instructions, StringComparison.Ordinal);
        Assert.Contains("Be kind.", model.Instructions, StringComparison.Ordinal);
        Assert.Empty(ran);
    }

    /// <summary>A plain filter inside of function invocation shows the model the shorter list, and the tool runs all the same.</summary>
    [Fact]
    public async Task What_a_plain_filter_lets_through_is_what_this_does_not()
    {
        var model = new ScriptedModel(refund);
        using var plain = model.AsBuilder().UseFunctionInvocation().ConfigureOptions(options => options.Tools = [.. options.Tools!.Where(tool => tool.Name != refund)]).Build();
        _ = await plain.GetResponseAsync("refund me", Options());
        Assert.DoesNotContain(refund, model.Shown);
        Assert.Equal([refund], ran);
    }

    [Theory, MemberData(nameof(Sides))]
    public async Task A_right_that_is_lost_in_the_middle_of_a_message_is_lost_at_once(bool isOutside, bool streams)
    {
        // Between the model's first call and its second the contact is no pro any more.
        var model = new ScriptedModel(lookUp, refund);
        Assert.DoesNotContain("refund done", await Ask(model, vip, isOutside, streams, async () => _ = await Demote(vip)), StringComparison.Ordinal);
        Assert.Equal([lookUp], ran);
    }

    [Fact]
    public async Task Nobody_in_particular_may_use_what_is_not_restricted_and_what_no_action_names_nobody_may()
    {
        var model = new ScriptedModel("hand_over", "unheard_of");
        var options = Options();
        options.Tools!.Add(Tool("hand_over"));
        options.Tools.Add(Tool("unheard_of"));
        using var client = Build(model, contact: null, isOutside: true, gate => gate.UngatedTools.Add("hand_over"));
        _ = await client.GetResponseAsync("hello", options);
        Assert.Equal(["hand_over", lookUp], model.Shown.Order(StringComparer.Ordinal));
        Assert.Equal(["hand_over"], ran);
        Assert.Equal(4, options.Tools.Count);
    }

    [Fact]
    public async Task A_contact_that_nobody_knows_is_nobody_in_particular()
    {
        var model = new ScriptedModel(refund, lookUp);
        using var client = Build(model, "external_id:nobody knows me", isOutside: false);
        _ = await client.GetResponseAsync("hello", Options());
        Assert.Equal([lookUp], model.Shown);
        Assert.Equal([lookUp], ran);
    }

    [Fact]
    public async Task A_tool_that_must_be_called_and_is_withheld_need_not_be()
    {
        var model = new ScriptedModel();
        var options = Options();
        options.ToolMode = ChatToolMode.RequireSpecific(refund);
        using var client = Build(model, "external_id:" + trial, isOutside: true);
        _ = await client.GetResponseAsync("refund me", options);
        Assert.Equal(ChatToolMode.Auto, model.ToolMode);
    }

    [Fact]
    public async Task While_the_server_cannot_be_asked_nothing_runs()
    {
        using var nowhere = new HttpClient { BaseAddress = new("http://127.0.0.1:1") };
        var model = new ScriptedModel(refund);
        using var strict = model.AsBuilder().UseSegmentGate("external_id:" + vip, new(nowhere)).UseFunctionInvocation().Build();
        _ = await Assert.ThrowsAsync<HttpRequestException>(() => strict.GetResponseAsync("refund me", Options()));
        using var mild = model.AsBuilder().UseFunctionInvocation().UseSegmentGate("external_id:" + vip, new(nowhere), static gate => gate.WhenUnreachable = WhenUnreachable.WithholdAll).Build();
        _ = await mild.GetResponseAsync("refund me", Options());
        Assert.Empty(model.Shown);
        Assert.Empty(ran);
        Assert.Contains("was not run", (await Tool(refund).WithSegmentGate(new(nowhere), "external_id:" + vip).InvokeAsync())!.ToString(), StringComparison.Ordinal);
        Assert.Empty(ran);
    }

    [Fact]
    public async Task A_tool_by_itself_asks_each_time_it_runs()
    {
        var tool = Tool(refund).WithSegmentGate(server.Client, "external_id:" + vip);
        Assert.Contains("refund done", (await tool.InvokeAsync())!.ToString(), StringComparison.Ordinal);
        _ = await Demote(vip);
        Assert.Contains("was not run", (await tool.InvokeAsync())!.ToString(), StringComparison.Ordinal);
        Assert.Equal([refund], ran);
    }

    /// <summary>Tools that only the invoker knows are in no request, so a gate outside of it could not keep them from running.</summary>
    [Fact]
    public async Task Tools_that_no_request_names_are_refused_with_what_to_do()
    {
        using var client = new ScriptedModel(refund).AsBuilder().UseSegmentGate("external_id:" + trial, server.Client).UseFunctionInvocation(configure: invoker => invoker.AdditionalTools = [Tool(refund)]).Build();
        Assert.Contains("ChatOptions.Tools", (await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetResponseAsync("refund me"))).Message, StringComparison.Ordinal);
        Assert.Empty(ran);
    }

    /// <summary>Between a call and its approval hours may go by.</summary>
    [Fact]
    public async Task A_tool_that_is_approved_later_asks_when_it_runs_and_is_refused_where_it_could_not()
    {
        var options = Options();
        options.Tools![1] = new ApprovalRequiredAIFunction(Tool(refund));
        using var inside = Build(new ScriptedModel(refund), "external_id:" + vip, isOutside: false);
        Assert.Contains("before UseFunctionInvocation", (await Assert.ThrowsAsync<InvalidOperationException>(() => inside.GetResponseAsync("refund me", options))).Message, StringComparison.Ordinal);

        using var outside = Build(new ScriptedModel(refund), "external_id:" + vip, isOutside: true);
        List<ChatMessage> messages = [new(ChatRole.User, "refund me")];
        var asked = await outside.GetResponseAsync(messages, options);
        var request = Assert.Single(asked.Messages.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>());
        _ = await Demote(vip);
        messages.AddRange(asked.Messages);
        messages.Add(new(ChatRole.User, [request.CreateResponse(approved: true)]));
        _ = await outside.GetResponseAsync(messages, options);
        Assert.Empty(ran);
    }

    [Fact]
    public async Task The_contact_may_be_that_of_the_request_and_what_was_withheld_is_told()
    {
        var withheld = new List<WithheldItem>();
        var model = new ScriptedModel();
        using var client = Build(model, contact: null, isOutside: true, gate =>
        {
            gate.Contact = static (_, options) => options?.AdditionalProperties?["contact"] as string;
            gate.OnResolved = answer => withheld.AddRange(answer.Withheld);
        });
        var options = Options();
        options.AdditionalProperties = new() { ["contact"] = "external_id:" + vip };
        _ = await client.GetResponseAsync("hello", options);
        Assert.Contains(refund, model.Shown);
        _ = await client.GetResponseAsync("hello", Options());
        Assert.DoesNotContain(refund, model.Shown);
        Assert.Contains(withheld, item => item.Id == refundAction.Id.ToString() && item.Reason == "anonymous");
    }

    private async Task<MembershipCheck> Demote(string user)
    {
        var saved = await server.Client.SaveContact(Some.Contact("free", user));
        return await Patience.Ask(() => server.Client.Check(refundAction.RestrictedToSegments[0], "external_id:" + user, atLeast: saved.Revision));
    }

    private async Task<string> Ask(ScriptedModel model, string user, bool isOutside, bool streams, Func<Task>? afterFirst = null)
    {
        using var client = Build(model, "external_id:" + user, isOutside);
        var options = Options(afterFirst);
        return streams ? (await client.GetStreamingResponseAsync("refund me", options).ToChatResponseAsync()).Text : (await client.GetResponseAsync("refund me", options)).Text;
    }

    private IChatClient Build(IChatClient model, string? contact, bool isOutside, Action<SegmentGateOptions>? configure = null) => isOutside
        ? model.AsBuilder().UseSegmentGate(contact, server.Client, configure).UseFunctionInvocation().Build()
        : model.AsBuilder().UseFunctionInvocation().UseSegmentGate(contact, server.Client, configure).Build();

    private ChatOptions Options(Func<Task>? afterFirst = null) => new() { Instructions = "You are the agent of a shop.", Tools = [Tool(lookUp, afterFirst), Tool(refund)] };

    private AIFunction Tool(string name, Func<Task>? after = null) => AIFunctionFactory.Create(
        async () =>
        {
            ran.Add(name);
            await (after?.Invoke() ?? Task.CompletedTask);
            return name == refund ? "refund done" : "looked up";
        },
        name);
}
