using System.Collections.Concurrent;
using Hangfire;
using SegmentEngine.Client;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Gating;

/// <summary>A message that brings data of its contact along is gated on what follows from that data.</summary>
public sealed class MessageDataTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_visitor_becomes_a_contact_and_is_gated_as_one()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var refund = await server.Client.CreateAction(new() { Name = "refund", RestrictedToSegments = [segment.Id] });
        var visitor = Some.Name("visitor");
        Task<GateAnswer> Ask(string? contact, ContactInput data) => server.Client.Resolve(new() { ContactId = contact, Contact = data, ActionIds = [refund.Id.ToString()], InstructionIds = [] });

        var first = await Ask(null, new() { ExternalId = visitor, CustomData = Some.Json("""{"plan":"pro"}""") });
        Assert.True(first.Contact!.Created);
        Assert.Equal([refund.Id], first.Actions.Select(static action => action.Id));
        Assert.Contains(segment.Id, first.Segments);
        Assert.True(first.Revision >= first.Contact.Revision);

        var second = await Ask($"external_id:{visitor}", new() { CustomData = Some.Json("""{"plan":"free"}""") });
        Assert.Equal((first.Contact.Id, false), (second.Contact!.Id, second.Contact.Created));
        Assert.Equal("not_a_member", Assert.Single(second.Withheld).Reason);

        // Without data, as ever.
        Assert.Null((await server.Client.Resolve(new() { ContactId = $"external_id:{visitor}" })).Contact);
    }

    [Fact]
    public async Task Data_needs_the_scope_and_must_be_right()
    {
        var gate = server.Connect(await server.NewKey(server.Workspace, [Scopes.GatingRead]));
        async Task<SegmentEngineException> Refused(SegmentEngineClient client, GateQuestion question) => await Assert.ThrowsAsync<SegmentEngineException>(() => client.Resolve(question));

        var before = (await server.Client.GetWorkspace()).Revision;
        var forbidden = await Refused(gate, new() { Contact = new() { ExternalId = Some.Name("nobody") } });
        Assert.Equal(403, forbidden.Status);
        Assert.Contains("contacts:write", forbidden.Message, StringComparison.Ordinal);
        var nameless = await Refused(server.Client, new() { Contact = new() { Name = "Ada" } });
        Assert.Equal((400, "$.contact"), (nameless.Status, Assert.Single(nameless.Details).Path));
        var empty = await Refused(server.Client, new() { Contact = new() { ExternalId = "" } });
        Assert.Equal((400, "$.contact.external_id"), (empty.Status, Assert.Single(empty.Details).Path));
        Assert.Equal(404, (await Refused(server.Client, new() { ContactId = "external_id:nobody", Contact = new() { Name = "Ada" } })).Status);
        Assert.Equal(before, (await server.Client.GetWorkspace()).Revision);
    }

    [Fact]
    public async Task Where_memberships_are_late_the_contact_is_judged_at_once()
    {
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        var others = await server.Publish(Some.Name("others"), $$"""{"not":{"type":"segment","op":"in","segment_id":"{{pros.Id}}"} }""");
        var buyers = await server.Publish(Some.Name("buyers"), """{"type":"event","event":"order"}""");
        var paused = await server.Publish(Some.Name("paused"), Some.EveryoneRule);
        var user = Some.Name("user");
        var contact = await server.Client.SaveContact(Some.Contact(plan: "free", user));
        _ = await server.Client.GetSegment(pros.Id, atLeast: contact.Revision);
        var halted = await server.Client.PauseSegment(paused.Id);
        _ = await server.Client.GetSegment(pros.Id, atLeast: halted.Revision);
        var refund = await server.Client.CreateAction(new() { Name = "refund", RestrictedToSegments = [pros.Id] });
        _ = await Patience.Ask(() => server.Client.GetSegment(pros.Id, atLeast: refund.Revision));
        using var occupied = new Occupation(server);

        // Without data the answer is that of the last snapshot; with it, that of the data.
        Assert.False((await Authorize(null)).Allowed);
        var resolved = await server.Client.Resolve(new() { ContactId = contact.Id.ToString(), Contact = new() { CustomData = Some.Json("""{"plan":"pro"}""") } });
        Assert.True(resolved.JudgedAtOnce);
        Assert.Equal((false, resolved.Contact!.Revision), (resolved.Stale, resolved.Revision));
        Assert.Contains(resolved.Actions, action => action.Id == refund.Id);
        Guid[] mine = [pros.Id, others.Id, buyers.Id, paused.Id];
        Assert.Equal([pros.Id, paused.Id], mine.Intersect(resolved.Segments));

        // Whoever asks again says what must be reflected.
        Assert.Equal((false, false), await Authorize(null) is var old ? (old.Allowed, old.JudgedAtOnce) : default);
        Assert.Equal((true, true), await Authorize(resolved.Revision) is var now ? (now.Allowed, now.JudgedAtOnce) : default);

        // Somebody new, and somebody whose last order is new.
        var visitor = await server.Client.Resolve(new() { Contact = new() { ExternalId = Some.Name("visitor"), CustomData = Some.Json("""{"plan":"pro"}""") } });
        Assert.Equal((true, false), (visitor.Segments.Contains(pros.Id), visitor.Segments.Contains(others.Id)));
        Assert.Contains(others.Id, (await server.Client.Resolve(new() { Contact = new() { ExternalId = Some.Name("visitor") } })).Segments);
        var ordered = await server.Client.Track(Some.Event(user, "order"));
        Assert.Equal([pros.Id, buyers.Id, paused.Id], mine.Intersect((await server.Client.Resolve(new() { ContactId = $"external_id:{user}" }, ordered.Revision)).Segments));

        // A rule that is published and not in force yet is not judged by.
        _ = await server.Client.EditSegment(pros.Id, new() { Definition = Some.Json(Some.EveryoneRule) });
        var published = await server.Client.PublishSegment(pros.Id);
        var behind = await Assert.ThrowsAsync<SegmentEngineException>(() => Authorize(published.Revision));
        Assert.Equal(409, behind.Status);
        Assert.Equal(409, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.Resolve(new(), published.Revision))).Status);

        Task<AuthorizeAnswer> Authorize(long? atLeast) => server.Client.Authorize(new() { ContactId = contact.Id.ToString(), ActionId = refund.Id.ToString() }, atLeast);
    }

    [Fact]
    public async Task A_contact_that_is_judged_at_once_is_where_evaluation_puts_it()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var first = await server.Publish(Some.Name("first"), Rule(random, null));
        var segments = new List<Segment> { first };
        for (var i = 0; i < 20; i++)
        {
            segments.Add(await server.Publish(Some.Name("next"), Rule(random, segments[random.Next(segments.Count)].Id)));
        }

        var view = server.Service<MembershipView>();
        for (var i = 0; i < 100; i++)
        {
            var saved = await server.Client.SaveContact(new() { ExternalId = Some.Name("random"), CustomData = Some.Json($$"""{"plan":"{{(random.Next(2) == 0 ? "pro" : "free")}}","score":{{random.Next(10)}}}""") });
            var snapshot = await view.AtLeast(server.Workspace, saved.Revision, TimeSpan.FromSeconds(30), default);
            var judged = server.Service<MembershipJudge>().AtOnce(server.Workspace, new(saved.Id), snapshot)!;
            Assert.True(snapshot.TryFindSeat(new(saved.Id), out var seat));
            Assert.True(snapshot.SegmentsOf(seat).Select(static each => each.Name).SequenceEqual(snapshot.Shown.Among(judged.Row).Select(static each => each.Name)), $"seed {seed}, contact {i}");
        }

        string Rule(Random random, Guid? reads)
        {
            var score = $$"""{"type":"trait","trait":"score","op":"gte","value":{{random.Next(10)}}}""";
            var plan = $$"""{"type":"trait","trait":"plan","op":"{{(random.Next(2) == 0 ? "eq" : "neq")}}","value":"pro"}""";
            var segment = reads is { } id ? $$""",{"type":"segment","op":"{{(random.Next(2) == 0 ? "in" : "not_in")}}","segment_id":"{{id}}"}""" : "";
            return $$"""{"{{(random.Next(2) == 0 ? "and" : "or")}}":[{{score}},{{plan}}{{segment}}]}""";
        }
    }

    /// <summary>Takes every worker of a server, so that nothing is evaluated until it is let go.</summary>
    public sealed class Occupation : IDisposable
    {
        private static readonly ConcurrentDictionary<Guid, Occupation> all = [];
        private readonly Guid id = Guid.NewGuid();
        private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CountdownEvent taken = new(Math.Max(2, Environment.ProcessorCount));

        public Occupation(TestServer server)
        {
            all[id] = this;
            for (var i = taken.InitialCount; i > 0; i--)
            {
                _ = server.Service<IBackgroundJobClient>().Enqueue(() => Work(id));
            }

            Assert.True(taken.Wait(TimeSpan.FromSeconds(30)));
        }

        public static Task Work(Guid id)
        {
            _ = all[id].taken.Signal();
            return all[id].over.Task;
        }

        public void Dispose()
        {
            _ = over.TrySetResult();
            taken.Dispose();
        }
    }
}
