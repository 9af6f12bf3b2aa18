using System.Text.RegularExpressions;
using SegmentEngine.Cli.Tests.Support;

namespace SegmentEngine.Cli.Tests.Verbs;

/// <summary>What the manual of the rule language shows at the command line, as a reader would type it.</summary>
public sealed partial class ManualTests : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Every_command_answers_as_the_manual_says()
    {
        var section = (await File.ReadAllTextAsync(Manual())).ReplaceLineEndings("\n").Split("\n### Try one\n")[1].Split("\n## ")[0];
        var (commands, answer) = (0, "");
        foreach (var block in Block().Matches(section).Select(static block => block.Groups))
        {
            if (!block["script"].Success)
            {
                Assert.Equal(block["output"].Value, answer);
                answer = "";
                continue;
            }

            foreach (var line in Line().Matches(block["script"].Value).Select(static line => line.Groups))
            {
                if (line["file"].Success)
                {
                    _ = files.Write(line["file"].Value, line["content"].Value);
                    continue;
                }

                commands++;
                var words = line["command"].Value.Split(' ').Select(word => Path.HasExtension(word) ? files[word] : word);
                answer += (await Shell.Run([.. words])).Output.Replace(files.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
            }
        }

        Assert.Equal((3, ""), (commands, answer));
    }

    private static string Manual()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SegmentEngine.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside of a working copy");
        }

        return Path.Combine(folder.FullName, "docs", "rules.md");
    }

    [GeneratedRegex("""^```(?:sh\n(?<script>.*?)|\n(?<output>.*?))^```$""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("""^cat > (?<file>\S+) <<'END'\n(?<content>.*?)^END$|^segment (?<command>[^\n]+)$""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Line();
}
