using System.Text.RegularExpressions;

namespace SegmentEngine.Tests.Tidy;

/// <summary>The library is pure: the same arguments give the same answer, on every machine and at every hour.</summary>
public sealed class PurityTests
{
    private static readonly (string Pattern, string Instead)[] banned =
    [
        ("""\bDateTime(Offset)?\.(UtcNow|Now|Today)\b""", "time is an argument here: take an Instant called now"),
        ("""\bTimeProvider\b""", "time is an argument here: take an Instant called now; the server holds the TimeProvider"),
        ("""\bStopwatch\b""", "measuring belongs to the caller, or to benchmarks/"),
        ("""\bEnvironment\.TickCount""", "measuring belongs to the caller, or to benchmarks/"),
        ("""\bTimeZoneInfo\.Local\b|\.ToLocalTime\(""", "a machine's zone must not change an answer: take the zone from the RuleContext"),
        ("""\bnew Random\(\)|\bRandom\.Shared\b|\bRandomNumberGenerator\b|\bGuid\.(NewGuid|CreateVersion7)\b""", "chance is an argument here: take what was drawn, or a seeded Random"),
        ("""\bCultureInfo\.Current|\.ToUpper\(\)|\.ToLower\(\)""", "a machine's culture must not change an answer: use the invariant culture, or ordinal comparison"),
        ("""\b(File|Directory|FileStream|StreamReader|StreamWriter)\b\s*[.(]""", "no files here: take text, bytes or a JsonElement; Storage and Cli read files"),
        ("""\b(HttpClient|Socket|Dns)\b""", "no network here"),
        ("""\bConsole\.|\bILogger\b|\bDebug\.Write|\bTrace\.""", "nothing is printed here: return what there is to say"),
        ("""\bThread\.Sleep\b|\bTask\.(Delay|Run)\b|\bnew (Timer|Thread)\(""", "nothing waits or runs behind the caller's back here"),
        ("""\bEnvironment\.(GetEnvironmentVariable|MachineName|UserName)|\bAppContext\.|\bProcess\.""", "nothing of the machine may change an answer"),
    ];

    private static readonly string[] pure = ["src/SegmentEngine", "src/SegmentEngine.Scripting"];

    private static readonly string[] clocked = ["src/SegmentEngine.Server", "src/SegmentEngine.Storage"];

    [Fact]
    public void The_library_reads_no_clock_no_file_and_no_dice() =>
        Kindly.Nothing(from folder in pure
                       from file in Tree.Files(folder, "*.cs")
                       from line in Tree.Code(file)
                       from ban in banned
                       let found = Regex.Match(line.Text, ban.Pattern)
                       where found.Success
                       select $"{Tree.Short(file)}:{line.Number}: {found.Value.Trim('.', '(', ' ')}: {ban.Instead}");

    /// <summary>The parser comes in a package that could also compile and run.</summary>
    [Fact]
    public void The_text_of_a_rule_is_parsed_and_never_compiled_or_run() =>
        Kindly.Nothing(from file in Tree.Files("src/SegmentEngine.Scripting", "*.cs")
                       from line in Tree.Code(file)
                       let found = Regex.Match(line.Text, """\b(CSharpScript|ScriptOptions|CSharpCompilation|SemanticModel|GetSemanticModel|Emit|MetadataReference|Assembly|Activator|Reflection|DynamicInvoke|Expression\.Lambda)\b""")
                       where found.Success
                       select $"{Tree.Short(file)}:{line.Number}: {found.Value}: what a user wrote is data: parse it, and never compile or run it");

    [Fact]
    public void The_server_and_the_store_take_the_time_from_the_clock_they_are_given() =>
        Kindly.Nothing(from folder in clocked
                       from file in Tree.Files(folder, "*.cs")
                       from line in Tree.Code(file)
                       let found = Regex.Match(line.Text, """\bDateTime(Offset)?\.(UtcNow|Now|Today)\b""")
                       where found.Success
                       select $"{Tree.Short(file)}:{line.Number}: {found.Value}: ask the injected TimeProvider, so that a test can say what time it is");
}
