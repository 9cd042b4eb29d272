using System.Collections.Concurrent;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Central;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Rights;

internal static class CentralCode
{
    public const string A = "79000011";
    public const string B = "79000012";
}

/// <summary>A Central with two schools, the box of one, a box that is not enrolled, and one person of each role on either side; and what was found.</summary>
public sealed class RightsCity : IAsyncLifetime
{
    public const string Year = "2026-2027";
    internal const string Password = "mật-khẩu-rất-dài-9";

    /// <summary>A place for the line that tests/run.sh shows.</summary>
    private static readonly string? Summary = Environment.GetEnvironmentVariable("TDMEDU_RIGHTS");

    private readonly ConcurrentQueue<string> holes = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("rights-").FullName;

    public int Rpcs { get; set; }

    public int Endpoints { get; set; }

    internal CentralHost Central { get; private set; } = null!;

    internal EdgeHost Edge { get; private set; } = null!;

    internal EdgeHost Newcomer { get; private set; } = null!;

    internal static readonly Roles[] Everybody = [.. Enum.GetValues<Roles>().Where(r => r != Roles.None)];

    public async ValueTask InitializeAsync()
    {
        Central = await CentralHost.Start();
        foreach (var code in new[] { CentralCode.A, CentralCode.B })
        {
            await Central.AddSchool(code);
        }
        Edge = await EdgeHost.Start(enrolled: true, Central.Clock);
        Newcomer = await EdgeHost.Start(enrolled: false, Central.Clock);
        var catalogue = Central.Get<Catalogue>();
        var year = Compose.Year(catalogue, new(Year, new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5]));
        await Central.Save([year, .. Everybody.SelectMany(role => Person(catalogue, Scope.Department, role))]);
        await Edge.Feed([year, .. Everybody.SelectMany(role => Person(catalogue, EdgeBox.School, role))]);
    }

    public async ValueTask DisposeAsync()
    {
        await Newcomer.DisposeAsync();
        await Edge.DisposeAsync();
        await Central.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        if (Summary is not null)
        {
            await File.WriteAllTextAsync(Summary, $"rights: rpcs={Rpcs} endpoints={Endpoints} holes={holes.Count}\n");
        }
    }

    public void Hole(string what) => holes.Enqueue(what);

    public void AssertNoHoles() => Assert.True(holes.IsEmpty, string.Join('\n', holes.Distinct().Take(40)));

    internal static Guid IdOf(Scope scope, Roles role) => RecordId.From(scope, "rights.person", role.ToString());

    private static IEnumerable<Draft> Person(Catalogue catalogue, Scope scope, Roles role) =>
        Compose.Staff(catalogue, scope, IdOf(scope, role), new(role.ToString(), ""), role.ToString(), Password, role);
}
