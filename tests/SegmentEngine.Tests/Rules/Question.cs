using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Rules;

/// <summary>A rule, and what it is asked against. Every answer is the same from every engine, or the test fails.</summary>
internal sealed record Question(string Rule)
{
    public string Schema { get; init; } = "{}";
    public string Now { get; init; } = "2024-05-15T12:00:00Z";
    public string Zone { get; init; } = "UTC";

    /// <summary>Other segments by name, and whether the contact is in them; null while they have no members to read.</summary>
    public Dictionary<string, bool?> Segments { get; init; } = [];

    /// <summary>The static lists there are.</summary>
    public string[] Lists { get; init; } = [];

    /// <summary>The sequences there are.</summary>
    public string[] Sequences { get; init; } = [];

    public static Question Trait(string op, string? operand = null, string type = "", string more = "") => new(Leaf("trait", "t", op, operand, more)) { Schema = Declare(type) };

    public static Question Date(string op, string operands, string type = "datetime", string more = "") =>
        new($$"""{"type":"date","trait":"t","op":"{{op}}",{{operands}}{{more}}}""") { Schema = Declare(type) };

    /// <summary>The answer for a contact whose trait <c>t</c> is this JSON; <c>-</c> for one that has none.</summary>
    public Question Is(Truth expected, params string[] values)
    {
        foreach (var value in values)
        {
            Is(expected, Some.Contact(value == "-" ? "{}" : $$"""{"t":{{value}}}"""));
        }

        return this;
    }

    public Question Is(Truth expected, Contact contact, params ContactEvent[] events)
    {
        var given = Engines.Answer(Some.Rule(Rule, Context), new(contact, events), Some.At(Now), id => Segments.GetValueOrDefault(NameOf(id)));
        Assert.True(expected == given, $"{Rule}\nof {contact.CustomData} {string.Join(", ", (object[])events)}\nis {given}, expected {expected}");
        return this;
    }

    public Question True(params string[] values) => Is(Truth.True, values);

    public Question False(params string[] values) => Is(Truth.False, values);

    public Question Unknown(params string[] values) => Is(Truth.Unknown, values);

    /// <summary>The rule is refused, with a diagnostic of this code at this path.</summary>
    public void Refused(string path, string code)
    {
        var check = RuleChecker.Check(Rule, Context);
        Assert.True(check.Rule is null, $"{Rule} is taken");
        Assert.Contains(check.Diagnostics, diagnostic => diagnostic.Path == path && diagnostic.Code == code && diagnostic.Severity == DiagnosticSeverity.Error);
    }

    /// <summary>The rule is taken, with a warning of this code at this path.</summary>
    public void Warned(string path, string code) =>
        Assert.Contains(Some.Rule(Rule, Context).Warnings, diagnostic => diagnostic.Path == path && diagnostic.Code == code && diagnostic.Severity == DiagnosticSeverity.Warning);

    public RuleContext Context => new(Some.Schema(Schema), Some.Zone(Zone), name => Segments.ContainsKey(name) ? IdOf(name) : null, AllowUnknownSegments: true) { HasList = id => Lists.Contains(id), HasSequence = id => Sequences.Contains(id) };

    private static string Leaf(string type, string trait, string op, string? operand, string more) =>
        $$"""{"type":"{{type}}","trait":"{{trait}}","op":"{{op}}"{{(operand is null ? "" : $",\"{(operand.StartsWith('[') ? "values" : "value")}\":{operand}")}}{{more}}}""";

    private static string Declare(string type) => type.Length == 0 ? "{}" : $$$"""{"traits":{"t":"{{{type}}}"}}""";

    private SegmentId IdOf(string name) => new(new Guid(Array.IndexOf([.. Segments.Keys], name), 0, 0, new byte[8]));

    private string NameOf(SegmentId id) => Segments.Keys.ElementAt(int.Parse(id.ToString()[..8], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
