using System.Reflection;
using PublicApiGenerator;
using SegmentEngine.Client;
using SegmentEngine.Scripting;

namespace SegmentEngine.Tests.Tidy;

/// <summary>What others may build upon is written down, so that a change to it is seen in review and not by them.</summary>
public sealed class PublicSurfaceTests
{
    private const string Approve = "SEGMENT_APPROVE";
    private const string Command = $"{Approve}=1 dotnet test tests/SegmentEngine.Tests --filter {nameof(PublicSurfaceTests)}";

    [Fact]
    public void The_public_surface_of_SegmentEngine_is_the_approved_one() => Compare(typeof(ContactId).Assembly);

    [Fact]
    public void The_public_surface_of_SegmentEngine_Client_is_the_approved_one() => Compare(typeof(SegmentEngineClient).Assembly);

    [Fact]
    public void The_public_surface_of_SegmentEngine_Scripting_is_the_approved_one() => Compare(typeof(RuleCompletion).Assembly);

    private static void Compare(Assembly assembly)
    {
        var name = assembly.GetName().Name!;
        var file = Path.Combine(Tree.Root, "src", name, "PublicSurface.approved.txt");
        var surface = assembly.GeneratePublicApi(new() { IncludeAssemblyAttributes = false, ExcludeAttributes = ["System.Runtime.CompilerServices.IsReadOnlyAttribute"] })
            .ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            File.WriteAllText(file, surface);
        }

        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var now = surface.Split('\n');
        var before = approved.Split('\n');
        Kindly.Nothing([
            .. now.Except(before).Select(line => $"{name}: new: {line.Trim()}"),
            .. before.Except(now).Select(line => $"{name}: gone: {line.Trim()}"),
            .. surface == approved ? [] : new[] { $"If that is meant, approve it with: {Command}" },
        ]);
    }
}
