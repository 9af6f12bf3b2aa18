using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

public sealed class TextTests
{
    private const string Sensitive = ""","case_sensitive":true """;
    private const string Accentless = ""","accent_sensitive":false """;

    [Fact]
    public void R6_case_does_not_count_unless_it_is_said_to()
    {
        Question.Trait("eq", "\"Pro\"", "string").True("\"pro\"", "\"PRO\"", "\"Pro\"").False("\"pro \"", "\" pro\"");
        Question.Trait("eq", "\"Pro\"", "string", Sensitive).True("\"Pro\"").False("\"pro\"");
        Question.Trait("in", "[\"Pro\",\"Team\"]", "string").True("\"TEAM\"").False("\"free\"");
        Question.Trait("not_in", "[\"Pro\",\"Team\"]", "string").False("\"TEAM\"").True("\"free\"", "\"\"").Unknown("-");
        Question.Trait("contains", "\"RO\"", "string").True("\"Pro\"").False("\"r o\"");
        Question.Trait("not_contains", "\"RO\"", "string").False("\"Pro\"").True("\"r o\"");
        Question.Trait("starts_with", "\"pR\"", "string").True("\"Pro\"").False("\"A Pro\"");
        Question.Trait("not_starts_with", "\"pR\"", "string").False("\"Pro\"").True("\"A Pro\"");
        Question.Trait("ends_with", "\"rO\"", "string").True("\"Pro\"").False("\"Pro.\"");
        Question.Trait("not_ends_with", "\"rO\"", "string").False("\"Pro\"").True("\"Pro.\"");
        Question.Trait("contains", "\"RO\"", "string", Sensitive).False("\"Pro\"").True("\"PRO\"");
        Question.Trait("starts_with", "\"pR\"", "string", Sensitive).False("\"Pro\"");
        Question.Trait("ends_with", "\"rO\"", "string", Sensitive).False("\"Pro\"");
    }

    [Fact]
    public void R6_both_sides_are_NFC()
    {
        Question.Trait("eq", "\"e\\u0301\"", "string").True("\"\\u00e9\"", "\"e\\u0301\"", "\"\\u00c9\"").False("\"e\"");
        Question.Trait("contains", "\"\\u00e9\"", "string", Sensitive).True("\"Rene\\u0301\"").False("\"Rene\"");
        Question.Trait("starts_with", "\"e\"", "string", Sensitive).False("\"e\\u0301\"");
        Question.Trait("in", "[\"e\\u0301\"]", "list<string>").True("[\"x\",\"\\u00e9\"]");
    }

    [Fact]
    public void A18_upper_casing_is_ordinal_one_character_to_one()
    {
        Question.Trait("eq", "\"\\u03a3\"", "string").True("\"\\u03c2\"", "\"\\u03c3\"");
        Question.Trait("eq", "\"ss\"", "string").False("\"\\u00df\"", "\"\\u017f\\u017f\"", "\"\\u017fs\"");
        Question.Trait("eq", "\"i\"", "string").True("\"I\"").False("\"\\u0130\"", "\"\\u0131\"");
        Question.Trait("contains", "\"S\"", "string").False("\"\\u017f\"").True("\"\\u017fs\"");
        Question.Trait("eq", "\"\\ud801\\udc28\"", "string").True("\"\\ud801\\udc00\"");
        Question.Trait("contains", "\"\\ud803\\udd50\"", "string").True("\"a\\ud803\\udd70\"");
    }

    [Fact]
    public void A19_accents_do_not_count_where_that_is_said()
    {
        Question.Trait("eq", "\"Sanchez\"", "string", Accentless).True("\"S\\u00e1nchez\"", "\"SA\\u0301NCHEZ\"", "\"sanchez\"");
        Question.Trait("eq", "\"S\\u00e1nchez\"", "string", Accentless + Sensitive).True("\"Sanchez\"").False("\"sanchez\"");
        Question.Trait("contains", "\"\\u00e1\"", "string", Accentless).True("\"bab\"");
        Question.Trait("starts_with", "\"Z\\u00fc\"", "string", Accentless).True("\"zurich\"").False("\"Genf\"");
        Question.Trait("ends_with", "\"e\"", "string", Accentless).True("\"caf\\u00e9\"");
        Question.Trait("eq", "\"o\"", "string", Accentless).False("\"\\u00f8\"").True("\"\\u00f6\\u0327\"");
        Question.Trait("starts_with", "\"\\u1112\"", "string", Accentless).True("\"\\ud55c\"");
        Question.Trait("eq", "\"Sanchez\"", "string").False("\"S\\u00e1nchez\"");
        Question.Trait("eq", "\"\"", "string", Accentless).True("\"\\u0301\"");
    }

    [Fact]
    public void A19d_every_text_contains_the_empty_one()
    {
        foreach (var op in new[] { "contains", "starts_with", "ends_with", "matches" })
        {
            Question.Trait(op, "\"\"", "string").True("\"\"", "\"x\"");
            Question.Trait("not_" + op, "\"\"", "string").False("\"\"", "\"x\"");
        }
    }

    [Fact]
    public void R11_A19b_matching_obeys_case_and_ignores_accents()
    {
        Question.Trait("matches", "\"^pro\\\\d+$\"", "string").True("\"PRO12\"").False("\"pro\"", "\"a pro1\"");
        Question.Trait("matches", "\"o1\"", "string").True("\"pro12\"");
        Question.Trait("matches", "\"^pro\"", "string", Sensitive).False("\"PRO\"");
        Question.Trait("not_matches", "\"^pro\"", "string").False("\"PRO\"").True("\"x\"").Unknown("-");
        Question.Trait("matches", "\"Sanchez\"", "string", Accentless).False("\"S\\u00e1nchez\"");
        Question.Trait("matches", "\"e\\u0301\"", "string").True("\"\\u00e9\"");
        Question.Trait("matches", "\"^a\"", "list<string>").True("[\"b\",\"a\"]").False("[\"b\"]");
        Question.Trait("matches", "\"i\"", "string").True("\"I\"");
    }

    [Fact]
    public void A19e_a_value_over_4_KiB_is_UNKNOWN()
    {
        foreach (var op in new[] { "matches", "not_matches" })
        {
            var longest = op == "matches" ? Truth.True : Truth.False;
            Question.Trait(op, "\"x\"", "string").Is(longest, $"\"{new string('x', 4_096)}\"").Unknown($"\"{new string('x', 4_097)}\"");
            Question.Trait(op, "\"x|é\"", "string").Is(longest, $"\"{new string('é', 2_048)}\"").Unknown($"\"{new string('é', 2_049)}\"");
        }

        // In its normal form this one is short enough.
        Question.Trait("matches", "\"é\"", "string").True($"\"{string.Concat(Enumerable.Repeat("e\\u0301", 2_048))}\"");
    }

    [Theory]
    [InlineData("[[:alpha:]]")]
    [InlineData("(?=x)")]
    [InlineData("(?<!x)y")]
    [InlineData("(a)\\\\1")]
    [InlineData("(?<n>a)\\\\k<n>")]
    [InlineData("(")]
    [InlineData("a**")]
    public void R11_patterns_that_are_refused(string pattern) => Question.Trait("matches", $"\"{pattern}\"", "string").Refused("$.value", "bad_pattern");

    [Fact]
    public void R11_a_pattern_has_at_most_256_characters()
    {
        Question.Trait("matches", $"\"{new string('a', 256)}\"", "string").False("\"a\"");
        Question.Trait("matches", $"\"{new string('a', 257)}\"", "string").Refused("$.value", "bad_pattern");
    }

    [Fact]
    public void Addresses_lie_in_networks_of_their_own_family()
    {
        Question.Trait("in_cidr", "\"10.0.0.0/8\"", "string").True("\"10.1.2.3\"", "\"10.255.255.255\"").False("\"11.0.0.0\"", "\"::1\"", "\"2001:db8::1\"");
        Question.Trait("in_cidr", "\"10.0.0.0/8\"", "string").Unknown("\"\"", "\"10.1\"", "\"10.1.2.3.4\"", "\"10.1.2.256\"", "\"010.1.2.3\"", "\"0x0a010203\"", "\" 10.1.2.3\"", "\"10.1.2.3/8\"", "\"acme.com\"", "\"167838211\"", "\"[::1]\"", "\"fe80::1%eth0\"");
        Question.Trait("not_in_cidr", "\"10.0.0.0/8\"", "string").False("\"10.1.2.3\"").True("\"11.0.0.0\"").Unknown("\"x\"", "-");
        Question.Trait("in_cidr", "\"2001:db8::/33\"", "string").True("\"2001:db8::1\"", "\"2001:DB8:7fff::\"").False("\"2001:db8:8000::\"", "\"10.0.0.1\"");
        Question.Trait("in_cidr", "\"0.0.0.0/0\"", "string").True("\"1.2.3.4\"").False("\"::2\"");
        Question.Trait("in_cidr", "\"192.0.2.7/32\"", "string").True("\"192.0.2.7\"").False("\"192.0.2.8\"");
        Question.Trait("in_cidr", "\"10.0.0.0/8\"", "list<string>").True("[\"11.1.1.1\",\"10.1.1.1\"]").Unknown("[\"11.1.1.1\",\"x\"]").False("[\"11.1.1.1\"]");
        Question.Trait("in_cidr", "\"10.9.9.9/8\"", "string").True("\"10.1.2.3\"").False("\"11.0.0.0\"");
        Question.Trait("in_cidr", "\"::ffff:10.0.0.0/104\"", "string").True("\"10.1.2.3\"", "\"::ffff:10.1.2.3\"").False("\"11.0.0.0\"", "\"::ffff:11.0.0.0\"", "\"::10.1.2.3\"");
        Question.Trait("in_cidr", "\"10.0.0.0/8\"", "string").True("\"::ffff:10.1.2.3\"").False("\"::ffff:11.0.0.0\"");
        Question.Trait("in_cidr", "\"::ffff:192.0.2.7/128\"", "string").True("\"192.0.2.7\"").False("\"192.0.2.8\"");
        Question.Trait("not_in_cidr", "\"::ffff:0:0/96\"", "string").False("\"1.2.3.4\"").True("\"2001:db8::1\"");
        Question.Trait("in_cidr", "\"10.0.0.1\"", "string").Refused("$.value", "wrong_type");
        Question.Trait("in_cidr", "\"everywhere\"", "string").Refused("$.value", "wrong_type");
    }
}
