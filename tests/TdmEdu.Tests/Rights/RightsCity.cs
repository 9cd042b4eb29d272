using System.Collections.Concurrent;
using System.Net;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Central;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;

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
        IReadOnlyList<Draft> families = [.. Family(catalogue, Child), .. Family(catalogue, Classmate)];
        await Central.Save([year, .. Everybody.SelectMany(role => Person(catalogue, Scope.Department, role))]);
        await Edge.Feed([year, .. Everybody.SelectMany(role => Person(catalogue, EdgeBox.School, role)), .. families]);
        // As the school's box sends them: no key is written at Central.
        var box = await CentralBox.Behind(Central).Enrol(EdgeBox.School.Owner);
        await box.Push(families.Select(d => new Op(d.Scope, d.Entity, d.Id, d.Schema, d.Kind, Hlc.At(Central.Clock.GetUtcNow().ToUnixTimeMilliseconds()), Guid.Empty, d.Data)));
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

    /// <summary>Of one class on the edge's box.</summary>
    internal static readonly Guid Child = Guid.Parse("01900000-0000-7000-8000-0000000e0001");
    internal static readonly Guid Classmate = Guid.Parse("01900000-0000-7000-8000-0000000e0002");
    internal static readonly Guid ChildsClass = Compose.Class(TdmEdu.Modules.AllModules.Catalogue(), EdgeBox.School, OfChild).Id;
    private static SchoolClass OfChild => new("4/7", 4, Year, [Slot.Morning]);

    internal static string NameOf(Guid pupil) => pupil == Child ? "Canary-Con-Mình" : "Canary-Bạn-Cùng-Lớp";

    /// <summary>With a card or by a link.</summary>
    internal static async Task ComeIn(WebHost.Browser browser, Roles role, Guid child)
    {
        var (path, field, key) = role == Roles.Pupil ? ("/em", "ma-lop", SecretOf(child)) : ("/phu-huynh", "matkhau", PupilKeys.LinkText(EdgeBox.School, child, SecretOf(child)));
        await browser.Get(path);
        await browser.Post(path, (field, key));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
    }

    private static string SecretOf(Guid pupil) => $"{pupil.GetHashCode():d10}".TrimStart('-').PadLeft(40, '7');

    private static IEnumerable<Draft> Family(Catalogue catalogue, Guid child) =>
    [
        Compose.Class(catalogue, EdgeBox.School, OfChild).Draft,
        .. Compose.Pupil(catalogue, EdgeBox.School, child, new Pupil(null, NameOf(child), "2016-01-01", null), ChildsClass, new(2026, 9, 1)),
        catalogue.Create(EdgeBox.School, child, new PupilKey(ChildsClass, null, PupilKeys.Hash(SecretOf(child)), PupilKeys.Hash(SecretOf(child)), new(2027, 5, 31))),
        Notice(catalogue, EdgeBox.School, child),
    ];

    internal static Guid IdOf(Scope scope, Roles role) => RecordId.From(scope, "rights.person", role.ToString());

    internal static Guid NoticeOf(Guid pupil) => RecordId.From(EdgeBox.School, "rights.notice", $"{pupil:n}");

    /// <summary>One that waits for an answer.</summary>
    internal static Draft Notice(Catalogue catalogue, Scope school, Guid pupil) => catalogue.Create(
        school, NoticeOf(pupil), new AbsenceNotice(pupil, new(2026, 9, 14), new(2026, 9, 14), [Slot.Morning], null, pupil, Sender.Parent, 0));

    private static IEnumerable<Draft> Person(Catalogue catalogue, Scope scope, Roles role) =>
        Compose.Staff(catalogue, scope, IdOf(scope, role), new(role.ToString(), ""), role.ToString(), Password, role);
}
