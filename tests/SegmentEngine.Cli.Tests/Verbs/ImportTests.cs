using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SegmentEngine.Cli.Tests.Support;
using SegmentEngine.Client;

namespace SegmentEngine.Cli.Tests.Verbs;

[Collection(RunningServer.Shared)]
public sealed class ImportTests(RunningServer server) : IDisposable
{
    private static readonly string[] unusable =
        ["line 2: it has no timestamp", "line 3: userId", "line 4: event", "line 5: timestamp", "line 6: ", "line 7: type", "line 8: the line is longer than 512 KiB"];

    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Contacts_of_JSON_Lines_go_in_and_what_is_refused_is_reported()
    {
        using var tenant = await server.NewWorkspace();
        var file = files.Write("c.jsonl", """
            {"external_id":"a","email":"a@example.com","custom_data":{"plan":"pro","price":2.50}}
            {"external_id":"b","created_at":"2024-01-01"}
            not JSON
            [1]
            {"external_id":"c","planet":"Mars"}
            {"name":"nobody"}
            {"external_id":"d","custom_data":{"a":1,"a":2}}
            {"external_id":"a","custom_data":{"plan":"free"}}
            """);
        var answer = await tenant.Import("contacts", file, "--report", files["report.txt"]);
        Assert.Equal(ExitCode.SomeRefused, answer.Exit);
        Assert.StartsWith("8 lines: 2 taken, 0 in already, 6 refused", answer.Output, StringComparison.Ordinal);
        Assert.Equal("""{"plan":"free","price":2.50}""", tenant.Contact("a").CustomData.GetRawText());
        Assert.Equal(1, tenant.Contacts);
        var report = (await File.ReadAllLinesAsync(files["report.txt"])).OrderBy(static line => line, StringComparer.Ordinal).ToList();
        Assert.Collection(
            report,
            static line => Assert.StartsWith("line 2: created_at: ", line, StringComparison.Ordinal),
            static line => Assert.StartsWith("line 3: malformed JSON: ", line, StringComparison.Ordinal),
            static line => Assert.Equal("line 4: the line is JSON, but no object", line),
            static line => Assert.Contains("planet", line, StringComparison.Ordinal),
            static line => Assert.StartsWith("line 6: ", line, StringComparison.Ordinal),
            static line => Assert.StartsWith("line 7: ", line, StringComparison.Ordinal));
        Assert.All(report, line => Assert.Contains(line, answer.Error, StringComparison.Ordinal));
        Assert.False(File.Exists(file + ".segment-import"));
    }

    [Fact]
    public async Task Names_that_mean_something_elsewhere_are_taken_as_they_are_and_steer_no_terminal()
    {
        using var tenant = await server.NewWorkspace();
        var file = files.Write("we'ird \n\u202e=na\u001bme.csv", "external_id,plan,created_at\n'=1+1,\"'+49, \"\"x\"\"\",2024-01-01T00:00:00Z\n'quoted,\u202ertl,2024-01-01T00:00:00Z\nlate,pro,\u001b[31mnever\n");
        var answer = await tenant.Import("contacts", file);
        Assert.StartsWith("3 lines: 2 taken, 0 in already, 1 refused", answer.Output, StringComparison.Ordinal);
        Assert.Equal("+49, \"x\"", tenant.Contact("=1+1").CustomData.GetProperty("plan").GetString());
        Assert.Equal("\u202ertl", tenant.Contact("'quoted").CustomData.GetProperty("plan").GetString());
        Assert.Contains("\\u001b[31mnever", answer.Error, StringComparison.Ordinal);
        var missing = await tenant.Import("contacts", file + "2");
        missing.IsRefused("\\u202e=na\\u001bme.csv2");
        Assert.DoesNotContain('\u001b', answer.Error + missing.Error);
        Assert.DoesNotContain('\u202e', answer.Error + missing.Error);
    }

    [Fact]
    public async Task Every_field_of_a_contacts_file_is_stored_and_no_other_is_taken()
    {
        using var tenant = await server.NewWorkspace();
        var answer = await tenant.Import("contacts", files.Write("c.jsonl", """
            {"id":"423346ad-6631-59bc-8d38-539a7205f653","external_id":"a","email":"a@example.com","phone_number":"1","name":"A","created_at":"2020-01-01T00:00:00Z","updated_at":"2021-01-01T00:00:00Z","last_seen_at":"2022-01-01T00:00:00Z","custom_data":{"x":1},"non_verified_custom_data":{"y":2}}
            {"external_id":"b","lists":["l1"]}
            {"external_id":"c","sequences":["s1"],"custom_data":{"x":1}}
            {"external_id":"d","list":["l1"]}
            """));
        Assert.Equal(ExitCode.SomeRefused, answer.Exit);
        Assert.Equal(
            ["line 4: list: "],
            answer.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(static line => line[..Math.Min(line.Length, "line 4: list: ".Length)]));
        Assert.StartsWith("4 lines: 3 taken, 0 in already, 1 refused", answer.Output, StringComparison.Ordinal);
        Assert.Equal(["l1"], tenant.Contact("b").Lists.AsEnumerable());
        Assert.Equal(["s1"], tenant.Contact("c").Sequences.AsEnumerable());
        var contact = tenant.Contact("a");
        Assert.Equal(("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z"), (contact.CreatedAt.ToString(), contact.UpdatedAt.ToString(), contact.LastSeenAt.ToString()));
        Assert.Equal(("{\"x\":1}", "{\"y\":2}"), (contact.CustomData.GetRawText(), contact.NonVerifiedCustomData.GetRawText()));
        (await tenant.Import("contacts", files.Write("c.csv", "external_id,updated_at\nd,2021-01-01T00:00:00Z\n"))).TookAll(1, already: 0);
        Assert.Equal("2021-01-01T00:00:00Z", tenant.Contact("d").UpdatedAt.ToString());
    }

    [Fact]
    public async Task Events_of_JSON_Lines_go_in_once_however_often_they_are_imported()
    {
        using var tenant = await server.NewWorkspace();
        const string lines = """
            {"userId":"a","event":"order","timestamp":"2024-05-01T00:00:00Z","properties":{"value":1.10}}
            {"userId":"a","event":"order","timestamp":"2024-05-01T00:00:00Z","properties":{"value":1.10}}
            {"type":"track","userId":"a","event":"order","timestamp":1714608000000,"messageId":"m1"}
            {"messageId":"","type":null,"userId":"a","event":"späte","timestamp":"2024-05-03T00:00:00Z"}
            {"type":"identify","userId":"a","traits":{"plan":"pro"},"messageId":null}

            """;
        (await tenant.Import("events", files.Write("e.jsonl", lines))).TookAll(5, already: 0);
        (await tenant.Import("events", files.WriteBytes("again.jsonl.gz", TempFolder.Packed(lines)))).TookAll(0, already: 5);
        (await tenant.Import("events", files.Write("longer.jsonl", lines + """{"userId":"a","event":"last","timestamp":"2024-05-04T00:00:00Z"}"""))).TookAll(1, already: 5);
        Assert.Equal(
            ["order 2024-05-01T00:00:00Z {\"value\":1.10}", "order 2024-05-01T00:00:00Z {\"value\":1.10}", "order 2024-05-02T00:00:00Z {}", "späte 2024-05-03T00:00:00Z {}", "last 2024-05-04T00:00:00Z {}"],
            tenant.EventsOf("a"));
        Assert.Equal("""{"plan":"pro"}""", tenant.Contact("a").CustomData.GetRawText());
    }

    [Fact]
    public async Task Events_that_cannot_be_used_are_refused_with_their_line()
    {
        using var tenant = await server.NewWorkspace();
        var answer = await tenant.Import("events", files.Write("e.jsonl", $$$"""
            {"userId":"a","event":"order","timestamp":"2024-05-01T00:00:00Z"}
            {"userId":"a","event":"order"}
            {"event":"order","timestamp":"2024-05-01T00:00:00Z"}
            {"userId":"a","timestamp":"2024-05-01T00:00:00Z"}
            {"userId":"a","event":"order","timestamp":"2024-05-01T00:00:00"}
            {"userId":"a","event":"order","timestamp":"2024-05-01T00:00:00Z","properties":{"x":"{{{new string('x', 40_000)}}}"}}
            {"type":"page","userId":"a","timestamp":"2024-05-01T00:00:00Z"}
            {"userId":"a","event":"order","timestamp":"2024-05-01T00:00:00Z","properties":{"x":"{{{new string('x', 600_000)}}}"}}
            {"userId":"a","event":"order","timestamp":"2024-05-02T00:00:00Z"}
            """));
        Assert.Equal(ExitCode.SomeRefused, answer.Exit);
        Assert.StartsWith("9 lines: 2 taken, 0 in already, 7 refused", answer.Output, StringComparison.Ordinal);
        Assert.Equal(2, tenant.EventsOf("a").Count);
        Assert.All(unusable, line => Assert.Contains(line, answer.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lines_of_one_contact_arrive_in_their_order()
    {
        using var tenant = await server.NewWorkspace();
        var lines = from n in Enumerable.Range(0, 3_000) select $$$"""{"userId":"u{{{n % 7}}}","event":"step","timestamp":"2024-05-01T00:00:00Z","properties":{"n":{{{n}}}}}""";
        (await tenant.Import("events", files.Write("e.jsonl", string.Join('\n', lines)), "--batch", "40")).TookAll(3_000, already: 0);
        var seen = tenant.EventsOf("u3").Select(static line => line[(line.IndexOf("\"n\":", StringComparison.Ordinal) + 4)..^1]).Select(static n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(3_000 / 7 + 1, seen.Count);
    }

    [Fact]
    public async Task A_CSV_file_goes_by_the_names_of_its_columns()
    {
        using var tenant = await server.NewWorkspace();
        (await tenant.Import("contacts", files.Write("c.csv", "\uFEFFCustomer ID;Full Name;E-Mail;Phone;Plan;Zip;Note;\r\n17;\"Ann \"\"A\"\" Lee\"; a@example.com ;+44 1;pro;01067;\"two\r\nlines\";\r\n\r\n18;;;;;;;\r\n"))).TookAll(2, already: 0);
        var contact = tenant.Contact("17");
        Assert.Equal(("Ann \"A\" Lee", "a@example.com", "+44 1"), (contact.Name, contact.Email, contact.PhoneNumber));
        Assert.Equal("{\"Note\":\"two\\r\\nlines\",\"Plan\":\"pro\",\"Zip\":\"01067\"}", contact.CustomData.GetRawText());
        Assert.Equal("{}", tenant.Contact("18").CustomData.GetRawText());
    }

    [Fact]
    public async Task One_is_said_of_one()
    {
        using var tenant = await server.NewWorkspace();
        var answer = await tenant.Import("contacts", files.Write("c.csv", "id,email\n1\n"));
        Assert.Contains("line 2: it has 1 field, the header 2", answer.Error, StringComparison.Ordinal);
        Assert.StartsWith("1 line: 0 taken, 0 in already, 1 refused", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CSV_row_has_the_number_of_the_line_it_begins_on()
    {
        using var tenant = await server.NewWorkspace();
        var answer = await tenant.Import("contacts", files.Write("c.csv", "id,email,note\n1,a@example.com,\"three\nlines\nlong\"\n\n2,b@example.com\n3,c@example.com,\"x\"y\n4,d@example.com,5\" pipe\n5,e@example.com,\"never closed\n6,f,g\n"));
        Assert.Contains("line 6: it has 2 fields, the header 3", answer.Error, StringComparison.Ordinal);
        Assert.Contains("line 7: there is text after a closing quote", answer.Error, StringComparison.Ordinal);
        Assert.Contains("line 9: a quote is never closed", answer.Error, StringComparison.Ordinal);
        Assert.StartsWith("5 lines: 2 taken, 0 in already, 3 refused", answer.Output, StringComparison.Ordinal);
        Assert.Equal("{\"note\":\"5\\u0022 pipe\"}", tenant.Contact("4").CustomData.GetRawText());
    }

    [Fact]
    public async Task A_mapping_says_what_becomes_of_the_columns()
    {
        using var tenant = await server.NewWorkspace();
        var map = files.Write("map.json", """
            {
              "columns": {
                "Cust": {"to": "userId", "type": "integer"},
                "When": {"to": "timestamp", "format": "dd/MM/yyyy HH:mm", "zone": "Europe/London"},
                "Qty": {"to": "properties.order.quantity", "type": "number"},
                "Price": {"to": "properties.order.price", "type": "number"},
                "Gift": {"to": "properties.gift", "type": "boolean"},
                "Day": {"to": "properties.day", "type": "date", "format": "d.M.yyyy"},
                "Tags": {"to": "properties.tags", "type": "list<string>", "separator": "|"},
                "Secret": null
              },
              "constants": {"event": "order", "properties.source": "till", "properties.vat": 20},
              "missing": ["?", "N/A"]
            }
            """);
        var csv = files.Write("e.csv", """
            Cust,When,Qty,Price,Gift,Day,Tags,Secret,Other
            17850.0,01/07/2024 09:30,+6,2.50,Yes,1.7.2024,new| sale |,x,kept
            17850.0,31/03/2024 01:30,6.0e1,n/a,?,,,x,N/A
            17850.0,27/10/2024 01:30,7,1,no,31.2.2024,a,x,?
            17850.0,30/02/2024 01:30,7,1,no,,,x,
            """);
        var answer = await tenant.Import("events", csv, "--map", map);
        Assert.Equal(
            [
                """order 2024-03-31T01:30:00Z {"order":{"price":"n/a","quantity":60},"source":"till","vat":20}""",
                """order 2024-07-01T08:30:00Z {"Other":"kept","day":"2024-07-01","gift":true,"order":{"price":2.50,"quantity":6},"source":"till","tags":["new","sale"],"vat":20}""",
                """order 2024-10-27T00:30:00Z {"day":"31.2.2024","gift":false,"order":{"price":1,"quantity":7},"source":"till","tags":["a"],"vat":20}""",
            ],
            tenant.EventsOf("17850").Order(StringComparer.Ordinal));
        Assert.Contains("line 5: timestamp: \"30/02/2024 01:30\" is no instant", answer.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.SomeRefused, answer.Exit);
    }

    [Fact]
    public async Task The_mapping_in_the_documentation_does_what_is_said_there()
    {
        using var tenant = await server.NewWorkspace();
        var text = await File.ReadAllTextAsync(Path.Combine(Shared.Repository, "docs", "command-line.md"));
        string Block(string kind) => text.Split("```" + kind + "\n")[1].Split("```")[0];
        (await tenant.Import("events", files.Write("orders.csv", Block("csv")), "--map", files.Write("map.json", Block("json")))).TookAll(2, already: 0);
        Assert.Equal(
            [
                """order 2024-07-01T08:30:00Z {"shop":{"name":"Bath"},"source":"till","tags":["new","sale"],"value":2.50}""",
                """order 2024-07-02T16:05:00Z {"shop":{"name":"Bath"},"source":"till"}""",
            ],
            tenant.EventsOf("17850"));
    }

    [Fact]
    public async Task JSON_Lines_in_anothers_form_are_mapped_too()
    {
        using var tenant = await server.NewWorkspace();
        var map = files.Write("map.json", """{"columns":{"user.key":"external_id","user.born":{"to":"custom_data.born","type":"date","format":"dd.MM.yyyy"},"at":{"to":"created_at","format":"epoch_s"}},"others":"keep"}""");
        var file = files.Write("c.jsonl", """
            {"user":{"key":7,"born":"05.01.1980"},"at":1714608000,"score":1.50,"tags":["a",1],"address":{"city":"Rome"}}
            {"user":{"key":"8"},"at":"soon"}
            """);
        var answer = await tenant.Import("contacts", file, "--map", map);
        Assert.Contains("line 2: created_at: \"soon\" is no instant", answer.Error, StringComparison.Ordinal);
        Assert.Equal("""{"address":{"city":"Rome"},"born":"1980-01-05","score":1.50,"tags":["a",1]}""", tenant.Contact("7").CustomData.GetRawText());
        Assert.Equal("2024-05-02T00:00:00Z", tenant.Contact("7").CreatedAt.ToString());
    }

    [Fact]
    public async Task An_import_that_was_broken_off_goes_on()
    {
        using var tenant = await server.NewWorkspace();
        var lines = Enumerable.Range(1, 500).Select(static n => $$"""{"userId":"u{{n}}","event":"e","timestamp":"2024-05-01T00:00:00Z"}""").ToList();
        var file = files.Write("e.jsonl", string.Join('\n', lines));
        using var stop = new CancellationTokenSource();
        var clock = new StoppingClock(stop);
        var stopped = await Shell.RunWith(new() { Cancel = stop.Token, Clock = clock }, "import", "events", file, "--server", server.Address, "--key", tenant.Key, "--batch", "1");
        stopped.IsRefused("--resume goes on from there");
        Assert.True(File.Exists(file + ".segment-import"), stopped.Error);
        var went = await tenant.Import("events", file, "--resume");
        Assert.Equal(ExitCode.Fine, went.Exit);
        Assert.True(int.Parse(went.Output.Split(' ')[0], CultureInfo.InvariantCulture) < 500, went.Output);
        Assert.Equal(500, tenant.Contacts);
        Assert.All(Enumerable.Range(1, 500), n => Assert.Single(tenant.EventsOf($"u{n}")));
        Assert.False(File.Exists(file + ".segment-import"));
        Assert.Contains("starting with its first line", (await tenant.Import("events", file, "--resume")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_that_was_killed_goes_on_and_counts_every_event_once()
    {
        const int Lines = 40_000;
        using var tenant = await server.NewWorkspace();
        var file = files.WriteBytes("e.jsonl.gz", TempFolder.Packed(string.Concat(Enumerable.Range(1, Lines).Select(static n => $"{{\"userId\":\"u{n % 50}\",\"event\":\"e\",\"timestamp\":\"2024-05-01T00:00:00Z\"}}\n"))));
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "segment.dll"), "import", "events", file, "--server", server.Address, "--batch", "1" },
            Environment = { ["SEGMENT_KEY"] = tenant.Key },
        };
        using (var import = Process.Start(start)!)
        {
            var error = import.StandardError.ReadToEndAsync();
            while (!File.Exists(file + ".segment-import") && !import.HasExited)
            {
                await Task.Delay(10);
            }

            Assert.False(import.HasExited, import.HasExited ? await error : "");
            import.Kill();
            await import.WaitForExitAsync();
        }

        var stored = Enumerable.Range(0, 50).Sum(user => tenant.EventsOf($"u{user}").Count);
        Assert.InRange(stored, 1, Lines - 1);
        var went = await tenant.Import("events", file, "--resume");
        Assert.Equal(ExitCode.Fine, went.Exit);
        Assert.InRange(int.Parse(went.Output.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture), Lines - stored, Lines - 1);
        Assert.All(Enumerable.Range(0, 50), user => Assert.Equal(Lines / 50, tenant.EventsOf($"u{user}").Count));
        Assert.False(File.Exists(file + ".segment-import"));
    }

    [Fact]
    public async Task A_packed_file_that_is_cut_off_goes_on_when_the_whole_one_is_there()
    {
        using var tenant = await server.NewWorkspace();
        var whole = TempFolder.Packed(string.Concat(Enumerable.Range(1, 20_000).Select(static n => $"{{\"userId\":\"u{n % 50}\",\"event\":\"e{n * 7919}\",\"timestamp\":\"2024-05-01T00:00:00Z\"}}\n")));
        var file = files.WriteBytes("e.jsonl.gz", whole[..(whole.Length * 3 / 4)]);
        var cut = await tenant.Import("events", file, "--batch", "10");
        cut.IsRefused($"cannot read '{file}'");
        Assert.Matches(", after line 1[0-9]{4}\n1?[0-9],[0-9]{3} lines are done with; --resume goes on from there", cut.Error.ReplaceLineEndings("\n"));
        files.WriteBytes("e.jsonl.gz", whole);
        Assert.Equal(ExitCode.Fine, (await tenant.Import("events", file, "--resume")).Exit);
        Assert.All(Enumerable.Range(0, 50), user => Assert.Equal(400, tenant.EventsOf($"u{user}").Count));
    }

    [Fact]
    public async Task What_is_no_text_refuses_a_CSV_file_and_every_line_of_JSON_Lines()
    {
        using var tenant = await server.NewWorkspace();
        var garbage = new byte[50_000];
        new Random(1).NextBytes(garbage);
        (await tenant.Import("contacts", files.WriteBytes("c.csv", garbage))).IsRefused($"'{files["c.csv"]}' has no header that can be read: its first line is not UTF-8 text");
        (await tenant.Import("contacts", files.WriteBytes("c.csv.gz", [0x1F, 0x8B, .. garbage]))).IsRefused($"cannot read '{files["c.csv.gz"]}'");
        var lines = await tenant.Import("events", files.WriteBytes("e.jsonl", garbage), "--report", files["report.txt"]);
        Assert.Equal(ExitCode.SomeRefused, lines.Exit);
        Assert.Contains(": 0 taken, 0 in already, ", lines.Output, StringComparison.Ordinal);
        Assert.All(await File.ReadAllLinesAsync(files["report.txt"]), static line => Assert.Matches("^line [0-9]+: (the line is not UTF-8|malformed JSON: )", line));
        (await tenant.Import("contacts", files.Write("empty.jsonl", ""))).TookAll(0, already: 0);
        Assert.Equal(0, tenant.Contacts);
    }

    [Fact]
    public async Task A_row_or_a_line_that_is_too_long_is_refused_alone()
    {
        using var tenant = await server.NewWorkspace();
        var huge = new string('x', 1 << 20);
        var csv = await tenant.Import("contacts", files.Write("c.csv", $"external_id,name\na,A\nb,{huge}\nc,C\n"));
        Assert.Contains("line 3: the row is longer than 512 KiB", csv.Error, StringComparison.Ordinal);
        Assert.StartsWith("3 lines: 2 taken, 0 in already, 1 refused", csv.Output, StringComparison.Ordinal);
        var lines = await tenant.Import("contacts", files.Write("c.jsonl", $"\uFEFF{{\"external_id\":\"d\"}}\r\n{{\"external_id\":\"{huge}\"}}\r\n{{\"external_id\":\"e\"}}\r\n"));
        Assert.Contains("line 2: the line is longer than 512 KiB", lines.Error, StringComparison.Ordinal);
        Assert.StartsWith("3 lines: 2 taken, 0 in already, 1 refused", lines.Output, StringComparison.Ordinal);
        Assert.Equal(4, tenant.Contacts);
        (await tenant.Import("contacts", files.Write("c.csv", $"external_id,name\nf,F\ng,\"{string.Concat(Enumerable.Repeat(huge + "\n", 5))}")))
            .IsRefused("line 3: the row is longer than 4 MiB; perhaps a quote is never closed");
    }

    [Fact]
    public async Task A_column_of_a_mapping_that_no_line_has_is_noted()
    {
        using var tenant = await server.NewWorkspace();
        var map = files.Write("map.json", """{"columns":{"key":"external_id","mail":"email"}}""");
        var answer = await tenant.Import("contacts", files.Write("c.jsonl", "{\"key\":\"a\"}\n"), "--map", map);
        Assert.Equal(("the mapping names \"mail\", which no line has", ExitCode.Fine), (answer.Error.TrimEnd(), answer.Exit));
    }

    [Fact]
    public async Task An_address_where_something_else_answers_is_said_in_a_sentence()
    {
        using var other = new HttpListener();
        var address = OtherProgram(other);
        var file = files.Write("c.jsonl", "{\"external_id\":\"a\"}\n");
        var import = await Shell.Run("import", "contacts", file, "--server", address, "--key", "k");
        import.IsRefused("200: the answer is not one of SegmentEngine's");
        Assert.EndsWith("no line is done with", import.Error.TrimEnd(), StringComparison.Ordinal);
        (await Shell.Run("key", "create", "--server", address, "--key", "k", "--scope", "manage")).IsRefused("200: the answer is not one of SegmentEngine's");
    }

    [Fact]
    public async Task An_import_goes_on_only_with_the_file_it_was()
    {
        using var tenant = await server.NewWorkspace();
        var file = files.Write("e.jsonl", "{}\n{}\n{}\n");
        files.Write("e.jsonl.segment-import", $$"""{"server":"{{server.Address}}/","kind":"Events","line":2,"fingerprint":"00"}""");
        (await tenant.Import("events", file, "--resume")).IsRefused("is not the file it was");
        files.Write("e.jsonl.segment-import", """{"server":"http://elsewhere/","kind":"Events","line":2,"fingerprint":"00"}""");
        (await tenant.Import("events", file, "--resume")).IsRefused("brought events to http://elsewhere/");
        files.Write("e.jsonl.segment-import", "{");
        (await tenant.Import("events", file, "--resume")).IsRefused("remove it");
    }

    [Fact]
    public async Task Standard_input_is_imported()
    {
        using var tenant = await server.NewWorkspace();
        var given = Shell.Given.Text("{\"external_id\":\"a\"}\n") with { Variables = new Dictionary<string, string> { ["SEGMENT_KEY"] = tenant.Key } };
        (await Shell.RunWith(given, "import", "contacts", "-", "--format", "jsonl", "--server", server.Address)).TookAll(1, already: 0);
        Assert.Equal("a", tenant.Contact("a").ExternalId);
        (await tenant.Import("contacts", "-", "--format", "jsonl", "--resume")).IsRefused("cannot be resumed");
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_a_sentence()
    {
        using var tenant = await server.NewWorkspace(Scopes.SegmentsRead);
        var file = files.Write("c.jsonl", "{\"external_id\":\"a\"}\n");
        (await tenant.Import("contacts", file)).IsRefused("does not let this key do that");
        (await Shell.Run("import", "contacts", file, "--server", server.Address, "--key", "sk_wrong_key")).IsRefused("does not know this key");
        (await Shell.Run("import", "contacts", file, "--server", "http://127.0.0.1:9", "--key", "k")).IsRefused("cannot be reached");
        (await Shell.Run("import", "contacts", file, "--server", "localhost", "--key", "k")).IsRefused("is no address of a server");
        (await Shell.Run("import", "contacts", file, "--server", server.Address)).IsRefused("a key is needed");
        (await Shell.Run("import", "contacts", file, "--server", server.Address, "--key", "a\nb")).IsRefused("characters that no key has");
        (await Shell.Run("import", "people", file)).IsRefused("people");
        (await tenant.Import("contacts", file, "--batch", "0")).IsRefused("--batch is from 1 to 2500");
        (await tenant.Import("contacts", file, "--batch", "many")).IsRefused("many");
        (await tenant.Import("contacts", file, "--format", "xml")).IsRefused("there is no format \"xml\"");
        (await tenant.Import("contacts", files["none.csv"])).IsRefused("there is no file");
        (await tenant.Import("contacts", files.Path, "--format", "csv")).IsRefused("is a folder");
        (await tenant.Import("contacts", files.Write("contacts.dat", "x"))).IsRefused("add --format csv or --format jsonl");
        (await tenant.Import("contacts", files.Write("empty.csv", ""))).IsRefused("is empty");
        (await tenant.Import("contacts", files.Write("c.csv", "plan,seats\npro,3\n"))).IsRefused("so nobody is named");
        (await tenant.Import("events", files.Write("e.csv", "user_id,time\n1,2\n"))).IsRefused("no column becomes `event`");
        (await tenant.Import("contacts", files.Write("c.csv", "email,plan,plan\na,b,c\n"))).IsRefused("the column \"plan\" twice");
        (await tenant.Import("contacts", files.Write("c.csv", "email,x\na,b\n"), "--map", files.Write("m.json", """{"columns":{"mail":"email"}}"""))).IsRefused("the mapping names \"mail\"; the columns are \"email\", \"x\"");
        (await tenant.Import("contacts", files["c.csv"], "--map", files.Write("m.json", """{"columns":{"email":"custom_data.x","x":"custom_data.x"}}"""))).IsRefused("both become `custom_data.x`");
        (await tenant.Import("contacts", files["c.csv"], "--map", files.Write("m.json", """{"columns":{"email":{"to":"e_mail","type":"text","zone":"Mars"},"x":5},"more":1,"others":"drop","delimiter":"ab"}""")))
            .IsRefused("m.json: $.columns.email.to: `e_mail` is no field of a contact");
        (await tenant.Import("contacts", files["c.csv"], "--map", files.Write("m.json", "{"))).IsRefused("is no JSON");
        (await tenant.Import("contacts", file, "--report", files.Path)).IsRefused("");
        Assert.Equal(0, tenant.Contacts);
    }

    /// <summary>Answers everything with a page, until it is disposed of.</summary>
    private static string OtherProgram(HttpListener listener)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            listener.Prefixes.Add($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        listener.Start();
        listener.BeginGetContext(Answer, null);
        return listener.Prefixes.Single();

        void Answer(IAsyncResult asked)
        {
            if (!listener.IsListening)
            {
                return;
            }

            var context = listener.EndGetContext(asked);
            listener.BeginGetContext(Answer, null);
            context.Response.ContentType = "text/html";
            context.Response.Close("<html></html>"u8.ToArray(), willBlock: true);
        }
    }

    /// <summary>Asks for the import to be stopped a little after it began.</summary>
    private sealed class StoppingClock(CancellationTokenSource stop) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            stop.CancelAfter(TimeSpan.FromMilliseconds(150));
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

internal static class ImportAnswers
{
    public static void TookAll(this Shell.Answer answer, int taken, int already)
    {
        Assert.Equal("", answer.Error);
        Assert.StartsWith($"{taken + already:N0} line{(taken + already == 1 ? "" : "s")}: {taken:N0} taken, {already:N0} in already, 0 refused", answer.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, answer.Exit);
    }
}
