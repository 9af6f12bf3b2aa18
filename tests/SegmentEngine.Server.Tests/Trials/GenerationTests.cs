using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>Whoever reads while rules and contacts change sees all of one state or all of another.</summary>
public sealed class GenerationTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_reader_never_sees_a_mixture_of_generations_during_a_hundred_recomputes()
    {
        const int Recomputes = 100;
        var trait = Some.Name("side");
        var saved = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 500).Select(i => With(trait, i % 5 < 2 ? "left" : "right"))] });
        var names = new HashSet<string>();
        await foreach (var contact in server.Client.AllContacts().Where(contact => contact.CustomData?.TryGetProperty(trait, out _) == true))
        {
            _ = names.Add($"{contact.Id} {contact.CustomData!.Value.GetProperty(trait).GetString()}");
        }

        var sides = names.Select(static name => name.Split(' ')).ToDictionary(static name => Guid.Parse(name[0]), static name => name[1]);
        Assert.Equal(500, sides.Count);
        var chosen = await server.Publish(Some.Name("chosen"), Rule(trait, "left"));
        var rest = await server.Publish(Some.Name("rest"), $$"""{"and":[{"not":{{In(chosen.Id)}}},{{Known(trait)}}]}""");
        var both = await server.Publish(Some.Name("both"), $$"""{"or":[{{In(chosen.Id)}},{{In(rest.Id)}}]}""");
        _ = await Patience.Ask(() => server.Client.GetSegment(both.Id, atLeast: saved.Revision));

        var seen = new Dictionary<string, int>();
        using var done = new CancellationTokenSource();
        void Saw(string what)
        {
            lock (seen)
            {
                seen[what] = seen.GetValueOrDefault(what) + 1;
            }
        }

        async Task Keep(Func<Random, Task> asking)
        {
            var random = new Random();
            while (!done.IsCancellationRequested)
            {
                await asking(random);
            }
        }

        // The side that a set of members is; no set is but a whole side.
        string SideOf(IEnumerable<Guid> members)
        {
            var set = members.ToHashSet();
            var side = sides[set.First()];
            Assert.Equal(sides.Where(contact => contact.Value == side).Select(static contact => contact.Key).Order(), set.Order());
            return side;
        }

        Task[] readers =
        [
            Keep(async _ =>
            {
                var answer = await server.Client.CheckMany(new() { Checks = [.. sides.Keys.SelectMany(contact => new[] { chosen.Id, rest.Id }.Select(segment => new CheckItem(segment.ToString(), contact.ToString())))] });
                var checks = answer.Results.Select(static result => result.Check!).ToList();
                Saw($"batch {SideOf(checks.Where(check => check.SegmentId == chosen.Id && check.IsMember).Select(static check => check.ContactId))}");
                Assert.Equal(sides.Keys.Order(), checks.Where(static check => check.IsMember).Select(static check => check.ContactId).Order());
                Assert.All(checks, check => Assert.Equal((answer.Revision, answer.EvaluatedAt), (check.Revision, check.EvaluatedAt)));
            }),
            Keep(async random =>
            {
                var contact = sides.Keys.ElementAt(random.Next(sides.Count));
                var of = (await server.Client.SegmentsOf(contact.ToString())).Data.Select(static segment => segment.Id).Intersect([chosen.Id, rest.Id, both.Id]).ToList();
                Assert.Equal(2, of.Count);
                Assert.Contains(both.Id, of);
                Saw(of.Contains(chosen.Id) ? "list, chosen" : "list, rest");
            }),
            Keep(async random =>
            {
                var page = await server.Client.ListMembers(random.Next(2) == 0 ? chosen.Id : rest.Id, limit: 1_000);
                Assert.Equal(page.Items.Count, page.Total);
                Saw($"members {SideOf(page.Items.Select(static member => member.ContactId))}");
            }),
            Keep(async random =>
            {
                var (contact, side) = sides.ElementAt(random.Next(sides.Count));
                var check = await server.Client.Check(chosen.Id, contact.ToString());
                Assert.NotEqual("unknown", check.Status);
                Saw($"check {check.Status}");
                var listed = (await server.Client.ListSegments(limit: 100)).Data.Where(segment => segment.Id == chosen.Id || segment.Id == rest.Id).ToList();
                Assert.Equal(sides.Count, listed.Sum(static segment => segment.MemberCount));
                var (rule, count) = listed.Where(segment => segment.Id == chosen.Id).Select(static segment => (segment.Definition, segment.MemberCount)).Single();
                Assert.Equal(count, sides.Values.Count(each => each == rule.GetProperty("value").GetString()));
                Saw($"counts {count}");
            }),
        ];
        for (var i = 1; i <= Recomputes && !readers.Any(static reader => reader.IsFaulted); i++)
        {
            var side = i % 2 == 0 ? "left" : "right";
            var revision = await Republish(chosen.Id, Rule(trait, side));
            var page = await Patience.Ask(() => server.Client.ListMembers(chosen.Id, limit: 1_000, atLeast: revision));
            Assert.Equal(side, SideOf(page.Items.Select(static member => member.ContactId)));
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        output.WriteLine($"{Recomputes} recomputes; answers: {string.Join(", ", seen.OrderBy(static each => each.Key).Select(static each => $"{each.Value} {each.Key}"))}");
        Assert.Equal(10, seen.Count);
    }

    [Fact]
    public async Task Two_contacts_that_change_while_a_publish_runs_end_in_the_right_segments()
    {
        const int Publishes = 60;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var trait = Some.Name("seat");
        _ = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 500).Select(i => With(trait, $"{i % 7}"))] });
        var segment = await server.Publish(Some.Name("moving"), Rule(trait, "none"));
        var other = await server.Publish(Some.Name("others"), $$"""{"and":[{"not":{{In(segment.Id)}}},{{Known(trait)}}]}""");
        var (first, second) = (With(trait, "0"), With(trait, "0"));
        _ = await server.Client.SaveContacts(new() { Contacts = [first, second] });
        for (var i = 0; i < Publishes; i++)
        {
            // Every second time the rule reads a trait and an event that none has read before.
            var (value, name) = ($"{random.Next(3)}", i % 2 == 0 ? Some.Name("event") : "known event");
            var fresh = i % 2 == 0 ? Some.Name("fresh") : "known trait";
            var rule = $$"""{"or":[{{Rule(trait, value)}},{{Rule(fresh, $"yes {i}")}},{"type":"event","event":"{{name}}","where":{"type":"property","property":"turn","op":"eq","value":{{i}} } }]}""";
            var (seat, yes, tracked) = ($"{random.Next(3)}", random.Next(2) == 0, random.Next(2) == 0);
            async Task<long> Later(Func<Task<long>> write)
            {
                await Task.Delay(random.Next(0, 25));
                return await write();
            }

            var revisions = await Task.WhenAll(
                Later(() => Republish(segment.Id, rule)),
                Later(async () => (await server.Client.SaveContact(first with { CustomData = Some.Json($$"""{"{{trait}}":"{{seat}}","{{fresh}}":"{{(yes ? $"yes {i}" : "no")}}"}""") })).Revision),
                Later(async () => tracked
                    ? (await server.Client.Track(new() { UserId = second.ExternalId, Event = name, Properties = Some.Json($$"""{"turn":{{i}}}""") })).Revision
                    : (await server.Client.SaveContact(second with { CustomData = Some.Json($$"""{"{{trait}}":"{{seat}}"}""") })).Revision));
            var secondSeat = (await server.Client.GetContact($"external_id:{second.ExternalId}")).CustomData!.Value.GetProperty(trait).GetString();
            foreach (var (contact, expected) in new[] { (first, yes || seat == value), (second, tracked || secondSeat == value) })
            {
                var asked = $"external_id:{contact.ExternalId}";
                var check = await Patience.Ask(() => server.Client.Check(segment.Id, asked, atLeast: revisions.Max()));
                Assert.True(expected == check.IsMember, $"seed {seed}, publish {i}: {asked} should {(expected ? "" : "not ")}be in by {rule}");
                Assert.Equal(!expected, (await server.Client.Check(other.Id, asked)).IsMember);
            }
        }

        output.WriteLine($"{Publishes} publishes, seed {seed}");
    }

    [Fact]
    public async Task A_contact_is_never_seen_between_two_of_its_states()
    {
        const int Publishes = 40;
        var seat = Some.Name("seat");
        string[] fresh = [.. Enumerable.Range(0, Publishes).Select(static _ => Some.Name("fresh"))];
        var mover = With(seat, "left");
        ContactInput Sitting(string on) => mover with { CustomData = Some.Json(JsonSerializer.Serialize(fresh.Append(seat).ToDictionary(static trait => trait, _ => on))) };
        _ = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 1_000).Select(_ => With(seat, "nowhere")), Sitting("left")] });
        var held = await server.Publish(Some.Name("held"), Rule(seat, "left"));
        using var done = new CancellationTokenSource();
        async Task Move()
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                _ = await server.Client.SaveContact(Sitting(i % 2 == 0 ? "right" : "left"));
            }
        }

        // On the left by one trait, on the right by another: at no time is the contact both.
        var moving = Move();
        var torn = new List<Guid>();
        foreach (var trait in fresh)
        {
            torn.Add((await server.Publish(Some.Name("torn"), $$"""{"and":[{{Rule(seat, "left")}},{{Rule(trait, "right")}}]}""")).Id);
            torn.Add((await server.Publish(Some.Name("torn"), $$"""{"and":[{{In(held.Id)}},{{Rule(trait, "right")}}]}""")).Id);
        }

        await done.CancelAsync();
        await moving;
        foreach (var segment in torn)
        {
            Assert.Empty(server.Database.Memberships.History.OfSegment(server.Workspace, new(segment), Storage.HistoryCursor.Newest, 10));
        }
    }

    private async Task<long> Republish(Guid segment, string rule)
    {
        _ = await server.Client.EditSegment(segment, new() { Definition = Some.Json(rule) });
        return (await server.Client.PublishSegment(segment)).Revision;
    }

    private static ContactInput With(string trait, string value) => new() { ExternalId = Some.Name("user"), CustomData = Some.Json($$"""{"{{trait}}":"{{value}}"}""") };

    private static string Rule(string trait, string value) => $$"""{"type":"trait","trait":"{{trait}}","op":"eq","value":"{{value}}"}""";

    private static string Known(string trait) => $$"""{"type":"trait","trait":"{{trait}}","op":"is_set"}""";

    private static string In(Guid segment) => $$"""{"type":"segment","segment_id":"{{segment}}","op":"in"}""";
}
