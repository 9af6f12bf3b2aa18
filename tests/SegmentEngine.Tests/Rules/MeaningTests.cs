using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Segments;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Rules;

/// <summary>
/// What the numbered rules say, of random input, held against the plainest other way to say it. R1 is in <see cref="LawsTests"/>, R14 of lists of ids
/// with the command too, and R18 where nobody in particular is met, with the gate and the command.
/// </summary>
public sealed class MeaningTests
{
    private const int Throws = 20;
    private const int Each = 25;

    private static readonly string[] ownLists = ["in", "out"];
    private static readonly string[] isOperators = ["is_set", "is_not_set", "is_empty", "is_not_empty"];
    private static readonly string[] letters = ["a", "A", "b", "e", "é", "e\u0301", "É", "ö̧", "ß", "S", "s", "ς", "Σ", "i", "I", "İ", "ı", " ", "1"];
    private static readonly JsonSerializerOptions plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly RuleContext undeclared = new(TraitSchema.Empty, TimeZoneInfo.Utc, static _ => null);
    private static readonly Instant noon = Some.At("2024-05-15T12:00:00Z");

    [Fact]
    public void R2_what_is_missing_is_UNKNOWN_or_what_the_leaf_says()
    {
        var asked = 0;
        ForLeaves(["trait", "date"], (world, leaf) =>
        {
            if (!isOperators.Contains(leaf["op"]!.GetValue<string>()))
            {
                asked++;
                foreach (var (says, expected) in new[] { ("unknown", Truth.Unknown), ("match", Truth.True), ("no_match", Truth.False) })
                {
                    leaf["missing"] = says;
                    Assert.Equal(expected, Of(leaf.ToJsonString(plain), world.Context, new Contact(), world.Now));
                }
            }
        });
        Assert.True(asked > Each, $"only {asked} leaves were met");
    }

    [Fact]
    public void R14_exclude_goes_before_include_and_include_before_the_rule() => Dice.Throw(Throws, static dice =>
    {
        var world = new RandomWorld(dice);
        var asked = world.Case(rules: 3, people: 12);
        asked = asked with
        {
            Rules = [.. asked.Rules, .. asked.Rules.Select(static rule => (new SegmentId(Guid.NewGuid()), rule.Rule.WithLists("in", "out")))],
            People = [.. asked.People.Select(person => person with { Contact = person.Contact with { Lists = [.. person.Contact.Lists, .. ownLists.Where(_ => dice.Chance(40))] } })],
        };
        var answers = Engines.AllAgree(asked);
        for (var rule = 0; rule < answers.Length / 2; rule++)
        {
            var listed = answers[rule + (answers.Length / 2)];
            foreach (var (person, i) in asked.People.Select(static (person, i) => (person, i)))
            {
                var (isIn, isOut) = (person.Contact.Lists.Contains("in"), person.Contact.Lists.Contains("out"));
                Assert.Equal(isOut ? Truth.False : isIn ? Truth.True : answers[rule][i], listed[i]);
            }
        }
    });

    [Fact]
    public void R3_empty_text_is_compared_as_any_text_whatever_missing_says() => Dice.Throw(Throws, static dice =>
    {
        var operand = dice.Chance(40) ? "" : Word(dice);
        var (op, negated) = (dice.Pick("eq", "contains", "starts_with", "ends_with", "in"), dice.Chance(50));
        var name = !negated ? op : op == "eq" ? "neq" : $"not_{op}";
        var question = Question.Trait(name, op == "in" ? $"[{Quoted(operand)}]" : Quoted(operand), "string", $",\"missing\":\"{dice.Pick("match", "no_match", "unknown")}\"");
        question.Is((operand.Length == 0) != negated ? Truth.True : Truth.False, "\"\"");
    });

    [Fact]
    public void R4_a_type_given_with_the_leaf_reads_as_one_that_is_declared()
    {
        var asked = 0;
        ForLeaves(["trait", "date"], (world, leaf) =>
        {
            var path = TraitPath.Of(leaf["trait"]!.GetValue<string>());
            if (path.BuiltIn is null && world.Context.Schema.TypeOf(path) is { } type)
            {
                asked++;
                var declared = leaf.ToJsonString(plain);
                leaf["value_type"] = type.ToString();
                var other = world.Context with { Schema = new(world.Context.Schema.Traits.Where(trait => !trait.Key.Equals(path)).ToDictionary(), new Dictionary<string, IReadOnlyDictionary<TraitPath, TraitType>>()) };
                var asPeople = world.Case(rules: 0, people: 8);
                var answers = Engines.AllAgree(asPeople with { Rules = [(new(Guid.NewGuid()), Some.Rule(declared, world.Context)), (new(Guid.NewGuid()), Some.Rule(leaf.ToJsonString(plain), other))] });
                Assert.True(answers[0].SequenceEqual(answers[1]), leaf.ToJsonString(plain));
            }
        });
        Assert.True(asked > Each, $"only {asked} leaves were met");
    }

    [Fact]
    public void R4_values_of_different_types_are_neither_equal_nor_different_whatever_missing_says() => Dice.Throw(Throws, static dice =>
    {
        string[] values = ["\"a\"", "\"1\"", "\"true\"", "1", "0.5", "true", "false"];
        var (value, operand) = (dice.Pick(values), dice.Pick(values));
        var (same, alike) = (value == operand, Some.Json(value).ValueKind == Some.Json(operand).ValueKind || (value is "true" or "false" && operand is "true" or "false"));
        var expected = !alike ? Truth.Unknown : same ? Truth.True : Truth.False;
        Question.Trait("eq", operand, more: $",\"missing\":\"{dice.Pick("match", "no_match")}\"").Is(expected, value);
        Question.Trait("neq", operand, more: $",\"missing\":\"{dice.Pick("match", "no_match")}\"").Is(!alike ? Truth.Unknown : same ? Truth.False : Truth.True, value);
    });

    [Fact]
    public void R5_decimals_compare_and_add_up_exactly_in_any_order() => Dice.Throw(Throws, static dice =>
    {
        var (left, right) = (Amount(), dice.Chance(25) ? Amount() * 0 : Amount());
        foreach (var (op, holds) in new[] { ("eq", left == right), ("neq", left != right), ("lt", left < right), ("lte", left <= right), ("gt", left > right), ("gte", left >= right) })
        {
            Question.Trait(op, Written(right), "number").Is(holds ? Truth.True : Truth.False, Written(left));
        }

        var amounts = Enumerable.Range(0, dice.From(1, 12)).Select(_ => Amount()).ToArray();
        var events = dice.Shuffled(amounts).Select((amount, i) => new ContactEvent("order", noon.Plus(TimeSpan.FromMinutes(-dice.Below(5))), i, Some.Json($$"""{"value":{{Written(amount)}}}"""))).ToArray();
        new Question($$"""{"type":"event_aggregate","event":"order","property":"value","fn":"sum","op":"eq","value":{{Written(amounts.Sum())}}}""").Is(Truth.True, new Contact(), events);

        // More digits together than a double holds, and no more than a decimal does.
        decimal Amount() => new(dice.Below(int.MaxValue), dice.Below(3), 0, dice.Chance(50), (byte)dice.Below(9));

        static string Written(decimal number) => number.ToString(CultureInfo.InvariantCulture);
    });

    [Fact]
    public void R6_text_compares_as_its_options_say_in_whatever_normal_form_it_came() => Dice.Throw(Throws * 5, static dice =>
    {
        var (value, operand) = (Word(dice), dice.Chance(30) ? Word(dice)[..1] : Word(dice));
        var (caseSensitive, accentSensitive) = (dice.Chance(50), dice.Chance(50));
        var (folded, sought) = (Folded(value), Folded(operand));
        var how = caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        foreach (var (op, holds) in new[] { ("eq", folded.Equals(sought, how)), ("contains", folded.Contains(sought, how)), ("starts_with", folded.StartsWith(sought, how)), ("ends_with", folded.EndsWith(sought, how)) })
        {
            var question = Question.Trait(op, Quoted(operand.Normalize(dice.Pick(NormalizationForm.FormC, NormalizationForm.FormD))), "string", $",\"case_sensitive\":{Flag(caseSensitive)},\"accent_sensitive\":{Flag(accentSensitive)}");
            question.Is(holds ? Truth.True : Truth.False, Quoted(value.Normalize(NormalizationForm.FormC)), Quoted(value.Normalize(NormalizationForm.FormD)));
        }

        string Folded(string text) => accentSensitive
            ? text.Normalize(NormalizationForm.FormC)
            : string.Concat(text.Normalize(NormalizationForm.FormC).Normalize(NormalizationForm.FormD).Where(static c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark));

        static string Flag(bool flag) => flag ? "true" : "false";
    });

    [Fact]
    public void R7_rolling_windows_are_arithmetic_on_instants() => Dice.Throw(Throws * 5, static dice =>
    {
        var (unit, span) = dice.Pick(("minute", TimeSpan.FromMinutes(1)), ("hour", TimeSpan.FromHours(1)), ("day", TimeSpan.FromDays(1)), ("week", TimeSpan.FromDays(7)));
        var amount = dice.From(1, 5);
        var at = noon.Plus((span * dice.From(-6, 6)) + TimeSpan.FromTicks(dice.From(-1, 1)));
        var (from, to) = (noon.Plus(-amount * span), noon.Plus(amount * span));
        foreach (var (op, holds) in new[] { ("in_last", at > from && at <= noon), ("not_in_last", !(at > from && at <= noon)), ("in_next", at > noon && at <= to), ("more_than_ago", at <= from) })
        {
            Question.Date(op, $"\"amount\":{amount},\"unit\":\"{unit}\"").Is(holds ? Truth.True : Truth.False, Quoted(at.ToString()));
        }

        Question.Date("between", $"\"values\":[\"{from}\",\"{to}\"]").Is(at >= from && at < to ? Truth.True : Truth.False, Quoted(at.ToString()));
    });

    [Fact]
    public void R7_a_day_against_an_instant_is_that_day_on_the_walls_of_the_zone() => Dice.Throw(Throws * 5, static dice =>
    {
        // Zones in which no day begins with a change of the clocks.
        var zone = dice.Pick("UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu");
        var at = Some.At("2024-03-31T00:00:00Z").Plus(TimeSpan.FromMinutes(dice.From(-10_000, 10_000)));
        var local = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), Some.Zone(zone)).DateTime);
        var day = local.AddDays(dice.From(-1, 1));
        foreach (var (op, holds) in new[] { ("before", local < day), ("on", local == day), ("after", local > day) })
        {
            (Question.Date(op, $"\"value\":\"{day:yyyy-MM-dd}\"") with { Zone = zone }).Is(holds ? Truth.True : Truth.False, Quoted(at.ToString()));
        }
    });

    [Fact]
    public void R8_a_list_is_asked_element_by_element() => Dice.Throw(Throws * 5, static dice =>
    {
        string[] elements = [.. Enumerable.Range(0, dice.Below(4)).Select(_ => dice.Pick("1", "2", "3", "null", "\"x\""))];
        var (op, operand, of) = dice.Pick<(string, string, Func<int, bool>)>(("eq", "2", static n => n == 2), ("lt", "2", static n => n < 2), ("in", "[1,3]", static n => n != 2), ("between", "[2,3]", static n => n >= 2));
        var each = elements.Select(element => int.TryParse(element, CultureInfo.InvariantCulture, out var number) ? of(number) ? Truth.True : Truth.False : Truth.Unknown).ToList();
        var any = each.Append(Truth.False).Max();
        var all = each.Count == 0 ? Truth.Unknown : each.Min();
        var isTwinned = op is not "lt";
        foreach (var (quantifier, expected) in new[] { ("any", any), ("all", all), ("none", Not(any)) })
        {
            var more = $",\"quantifier\":\"{quantifier}\"";
            Question.Trait(op, operand, "list<number>", more).Is(expected, $"[{string.Join(',', elements)}]");
            if (isTwinned)
            {
                Question.Trait(op == "eq" ? "neq" : $"not_{op}", operand, "list<number>", more).Is(Not(expected), $"[{string.Join(',', elements)}]");
            }
        }
    });

    [Fact]
    public void R9_emptying_a_list_anywhere_in_a_rule_makes_it_refused() => ForRules(static (dice, world, rule) =>
    {
        var lists = Within(rule, "$").Where(static each => each.Node is JsonArray && Path.GetExtension(each.Path) is ".and" or ".or" or ".event_in" or ".contact_ids" or ".domain_name_in" or ".steps").ToList();
        if (lists.Count > 0)
        {
            var (path, list) = dice.Pick(lists);
            list.AsArray().Clear();
            var check = RuleChecker.Check(rule.ToJsonString(plain), world.Context);
            Assert.Null(check.Rule);
            Assert.Contains(check.Diagnostics, diagnostic => diagnostic.Path == path && diagnostic.Code == "empty");
        }
    });

    [Fact]
    public void R10_a_word_that_is_not_known_anywhere_in_a_rule_makes_it_refused() => ForRules(static (dice, world, rule) =>
    {
        var leaves = Within(rule, "$").Where(static each => each.Node is JsonObject leaf && leaf.ContainsKey("type")).ToList();
        var (path, node) = dice.Pick(leaves);
        var (field, code) = dice.Pick(("type", "unknown_type"), ("colour", "unknown_field"), ("op", "unknown_operator"));
        if (field == "op" && !node.AsObject().ContainsKey("op"))
        {
            (field, code) = ("type", "unknown_type");
        }

        node[field] = "astrology";
        foreach (var written in new[] { rule.ToJsonString(plain), $$"""{"not":{{rule.ToJsonString(plain)}}}""" })
        {
            var check = RuleChecker.Check(written, world.Context);
            Assert.Null(check.Rule);
            Assert.Contains(check.Diagnostics, diagnostic => diagnostic.Path.EndsWith($"{path[1..]}.{field}", StringComparison.Ordinal) && diagnostic.Code == code);
        }
    });

    [Fact]
    public void R11_a_pattern_finds_what_the_matcher_that_backtracks_finds() => Dice.Throw(Throws * 5, static dice =>
    {
        var pattern = string.Concat(Enumerable.Range(0, dice.From(1, 4)).Select(_ => dice.Pick("a", "b", "é", "[a-c]", "\\d", ".", "(?:ab|b)", "^", "$", "\\s") is var part && part is not ("^" or "$") ? part + dice.Pick("", "", "*", "+", "?", "{1,2}") : part));
        var text = Word(dice).Normalize(NormalizationForm.FormC);
        var caseSensitive = dice.Chance(50);
        var found = Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | (caseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase), Regex.InfiniteMatchTimeout);
        var more = caseSensitive ? ",\"case_sensitive\":true" : "";
        Question.Trait("matches", Quoted(pattern), "string", more).Is(found ? Truth.True : Truth.False, Quoted(text));
        Question.Trait("not_matches", Quoted(pattern), "string", more).Is(found ? Truth.False : Truth.True, Quoted(text));
    });

    [Fact]
    public void R12_versions_go_by_their_numbers_then_by_their_pre_releases() => Dice.Throw(Throws * 5, static dice =>
    {
        var (left, right) = (Numbers(), Numbers());
        var order = Enumerable.Range(0, 3).Select(i => BigInteger.Compare(left.Core[i], right.Core[i])).FirstOrDefault(static each => each != 0) is var byCore && byCore != 0 ? byCore : PreRelease(left.Pre, right.Pre);
        foreach (var (op, holds) in new[] { ("eq", order == 0), ("neq", order != 0), ("lt", order < 0), ("lte", order <= 0), ("gt", order > 0), ("gte", order >= 0) })
        {
            Question.Trait(op, Quoted(Written(right)), "version").Is(holds ? Truth.True : Truth.False, Quoted(Written(left)));
        }

        (BigInteger[] Core, string[] Pre) Numbers() =>
            ([.. Enumerable.Range(0, 3).Select(_ => dice.Pick(BigInteger.Zero, BigInteger.Zero, BigInteger.One, 10, BigInteger.Pow(10, 30)))], dice.Chance(50) ? [] : [.. dice.Some(["alpha", "beta", "Beta", "2", "11", "rc-1", "0"], 1, 3)]);

        // A zero at the end may be left out.
        string Written((BigInteger[] Core, string[] Pre) version)
        {
            var parts = dice.Chance(50) ? 3 : !version.Core[2].IsZero ? 3 : !version.Core[1].IsZero ? 2 : 1;
            return $"{dice.Pick("", "v")}{string.Join('.', version.Core.Take(parts))}{(version.Pre.Length == 0 ? "" : $"-{string.Join('.', version.Pre)}")}{dice.Pick("", "+build.007")}";
        }

        static int PreRelease(string[] left, string[] right)
        {
            if (left.Length == 0 || right.Length == 0)
            {
                return right.Length.CompareTo(left.Length);
            }

            var differs = left.Zip(right).Select(static pair => (BigInteger.TryParse(pair.First, CultureInfo.InvariantCulture, out var one), BigInteger.TryParse(pair.Second, CultureInfo.InvariantCulture, out var other)) switch
            {
                (true, true) => one.CompareTo(other),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(pair.First, pair.Second),
            }).FirstOrDefault(static each => each != 0);
            return differs != 0 ? differs : left.Length.CompareTo(right.Length);
        }
    });

    [Fact]
    public void R13_a_circle_is_found_exactly_where_there_is_one() => Dice.Throw(Throws * 10, static dice =>
    {
        var nodes = Enumerable.Range(0, dice.From(2, 7)).Select(static i => new SegmentId(new Guid(i, 0, 0, new byte[8]))).ToList();
        var reads = nodes.ToDictionary(static node => node, node => (IReadOnlyList<SegmentId>)[.. nodes.Where(_ => dice.Chance(25))]);
        var through = dice.Pick(nodes);
        var reached = new HashSet<SegmentId>(reads[through]);
        while (reached.SelectMany(node => reads[node]).ToList().Exists(reached.Add))
        {
        }

        var cycle = SegmentCatalog.FindCycle(through, node => reads[node]);
        Assert.Equal(reached.Contains(through), cycle is not null);
        if (cycle is { } path)
        {
            Assert.Equal((through, through), (path[0], path[^1]));
            Assert.All(path.Zip(path.Skip(1)), step => Assert.Contains(step.Second, reads[step.First]));
        }
    });

    [Fact]
    public void R15_the_bucket_is_the_hash_as_a_fraction_of_a_hundred() => Dice.Throw(Throws * 5, static dice =>
    {
        var contact = new Contact { Id = new(dice.Id()), ExternalId = "x" };
        var salt = Word(dice).Normalize(NormalizationForm.FormC) + "s";
        var hash = new BigInteger(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}:{contact.Id}")).AsSpan(0, 8), isUnsigned: true, isBigEndian: true);
        var bucket = (decimal)(hash * 100_000_000 / BigInteger.Pow(2, 64)) / 1_000_000m;
        foreach (var percent in new[] { bucket, bucket + 0.000001m, dice.Below(101) })
        {
            new Question($$"""{"type":"sample","percent":{{percent.ToString(CultureInfo.InvariantCulture)}},"salt":{{Quoted(salt)}}}""").Is(bucket < percent ? Truth.True : Truth.False, contact);
        }
    });

    [Fact]
    public void R16_a_count_is_one_number_whatever_the_order_of_arrival() => Dice.Throw(Throws * 2, static dice =>
    {
        var happened = Enumerable.Range(0, dice.Below(7)).Select(_ => new ContactEvent(dice.Pick("order", "refund"), noon.Plus(TimeSpan.FromHours(dice.From(-50, 3))), 0, JsonData.EmptyObject)).ToArray();
        var hours = dice.From(1, 60);
        var expected = happened.Count(each => each.Name == "order" && each.At <= noon && each.At > noon.Plus(TimeSpan.FromHours(-hours)));
        for (var n = 0; n < 8; n++)
        {
            new Question($$"""{"type":"event","event":"order","count":{"op":"eq","n":{{n}}},"window":{"last":{"amount":{{hours}},"unit":"hour"} } }""").Is(n == expected ? Truth.True : Truth.False, new Contact(), dice.Shuffled(happened));
        }
    });

    [Fact]
    public void R17_data_that_is_not_verified_changes_nothing_where_no_leaf_asks_for_it()
    {
        var (blind, read) = (0, 0);
        Dice.Throw(Throws, dice =>
        {
            var world = new RandomWorld(dice);
            var before = world.Case(rules: 10, people: 10);
            var after = before with { People = [.. before.People.Select(person => person with { Contact = person.Contact with { NonVerifiedCustomData = world.Person().Contact.CustomData } })] };
            var (first, second) = (Engines.AllAgree(before), Engines.AllAgree(after));
            var asking = before.Rules.Where(static rule => rule.Rule.Reads.Unverified).Select(static rule => rule.Segment).ToHashSet();
            while (before.Rules.Where(rule => rule.Rule.Reads.Segments.Overlaps(asking)).Select(static rule => rule.Segment).ToList().Exists(asking.Add))
            {
            }

            foreach (var (i, rule) in before.Rules.Index())
            {
                var isBlind = !asking.Contains(rule.Segment);
                (blind, read) = (blind + (isBlind ? 1 : 0), read + (!isBlind && !first[i].SequenceEqual(second[i]) ? 1 : 0));
                Assert.True(!isBlind || first[i].SequenceEqual(second[i]), RuleJson.Print(rule.Rule.Condition));
            }
        });
        Assert.True(blind > Throws && read > 0, $"{blind} rules read verified data only, {read} others gave another answer");
    }

    private static Truth Of(string rule, RuleContext context, Contact contact, Instant now) => Engines.Answer(Some.Rule(rule, context), new(contact), now, static _ => null);

    private static Truth Not(Truth truth) => (Truth)(2 - (int)truth);

    private static string Quoted(string text) => JsonSerializer.Serialize(text, plain);

    private static string Word(Dice dice) => string.Concat(dice.Some(letters, 1, 5));

    /// <summary>Random leaves of some types, each in its world.</summary>
    private static void ForLeaves(string[] types, Action<RandomWorld, JsonObject> test) => Dice.Throw(Throws, dice =>
    {
        var world = new RandomWorld(dice);
        for (var i = 0; i < Each; i++)
        {
            var leaf = JsonNode.Parse(world.Definition(depth: 1))!.AsObject();
            if (types.Contains(leaf["type"]!.GetValue<string>()))
            {
                test(world, leaf);
            }
        }
    });

    private static void ForRules(Action<Dice, RandomWorld, JsonNode> test) => Dice.Throw(Throws, dice =>
    {
        var world = new RandomWorld(dice);
        for (var i = 0; i < Each; i++)
        {
            test(dice, world, JsonNode.Parse(world.Definition(depth: 4))!);
        }
    });

    private static IEnumerable<(string Path, JsonNode Node)> Within(JsonNode node, string path) => node switch
    {
        JsonObject fields => fields.Where(static field => field.Value is not null).SelectMany(field => Within(field.Value!, $"{path}.{field.Key}")).Prepend((path, node)),
        JsonArray items => items.Index().Where(static item => item.Item is not null).SelectMany(item => Within(item.Item!, $"{path}[{item.Index}]")).Prepend((path, node)),
        _ => [],
    };
}
