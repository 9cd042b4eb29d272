using System.Diagnostics;

namespace TdmEdu.HouseRules;

/// <summary>What deploy/sbom.sh says of recorded answers: clean only where the package source had data and named nothing.</summary>
public sealed class SupplyRules : IDisposable
{
    private const string Restored = "  Restored /src/Sync/Sync.csproj (in 253 ms).\n";
    private const string NoData = "/src/Sync/Sync.csproj : warning NU1905: Audit source 's1' did not provide any vulnerability data.\n";
    private const string Head = """{"version":1,"parameters":"--vulnerable --include-transitive","sources":["https://api.nuget.org/v3/index.json"],""";
    private const string NoFault = Head + """ "projects":[{"path":"/src/Sync/Sync.csproj"},{"path":"/src/Central/Central.csproj"}]}""";
    private const string TwoFaults = Head + """
        "projects":[{"path":"/src/Sync/Sync.csproj"},
         {"path":"/src/Central/Central.csproj","frameworks":[{"framework":"net10.0",
          "topLevelPackages":[{"id":"Sample.Json","requestedVersion":"9.0.1","resolvedVersion":"9.0.1",
           "vulnerabilities":[{"severity":"High","advisoryurl":"https://github.com/advisories/GHSA-1"}]}],
          "transitivePackages":[{"id":"Sample.Text","resolvedVersion":"4.3.0",
           "vulnerabilities":[{"severity":"Moderate","advisoryurl":"https://github.com/advisories/GHSA-2"}]}]}]},
         {"path":"/src/EdgeNode/EdgeNode.csproj","frameworks":[{"framework":"net10.0",
          "transitivePackages":[{"id":"Sample.Text","resolvedVersion":"4.3.0",
           "vulnerabilities":[{"severity":"Moderate","advisoryurl":"https://github.com/advisories/GHSA-2"}]}]}]}]}
        """;

    private const string Unreachable = Head + """
        "problems":[{"level":"error","text":"Unable to load the service index."}],"projects":[{"path":"/src/Sync/Sync.csproj"}]}
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("supply-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(NoFault, Restored, "vulnerable: 0", 0)]
    [InlineData(NoFault, Restored + NoData, "vulnerable: no data", 2)]
    [InlineData(TwoFaults, Restored, "vulnerable: 2", 1)]
    [InlineData(TwoFaults, Restored + NoData, "vulnerable: no data", 2)]
    [InlineData(Unreachable, Restored, "vulnerable: no data", 2)]
    [InlineData("error: no answer", Restored, "vulnerable: no data", 2)]
    [InlineData(Head + "\"projects\":[]}", Restored, "vulnerable: no data", 2)]
    public void Packages_are_clean_only_where_there_is_data(string list, string restored, string verdict, int code)
    {
        var (listed, said) = (Path.Combine(folder.FullName, "list"), Path.Combine(folder.FullName, "restored"));
        File.WriteAllText(listed, list);
        File.WriteAllText(said, restored);
        var command = new ProcessStartInfo("bash", [Path.Combine(Tree.Root, "deploy/sbom.sh"), "--judge", listed, said]) { RedirectStandardOutput = true };
        using var script = Process.Start(command)!;
        var lines = script.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        script.WaitForExit();
        Assert.Equal((verdict, code), (lines[^1], script.ExitCode));
    }
}
