using System.Net;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>An, of 5A, is also a pupil of the school by the river; Monday 7 September 2026.</summary>
public sealed class MergeNoticeTests : IAsyncLifetime
{
    private const string River = "Trường Tiểu học Bên Sông";
    private static readonly Scope Other = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b02"));
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid AnThere = Guid.Parse("01900000-0000-7000-8000-000000000d02");

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        var there = Compose.Class(catalogue, Other, new("5C", 5, "2026-2027", [Slot.Morning]));
        host.Store.Seed(
        [
            catalogue.Create(Scope.City, Other.Owner, new Unit(UnitKind.School, "74718402", River, "TH", null, new(2025, 7, 1), null)),
            there.Draft,
            .. Compose.Pupil(catalogue, School, An, new(null, "Nguyễn Văn An", "2015", null),
                host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5A").Id, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, Other, AnThere, new("0000000007", "Nguyễn Văn An", "2015-09-05", null), there.Id, new(2026, 9, 1)),
        ]);
        browser = await host.Start();
        await browser.SignIn("vp", Password);
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData(true, "vào hồ sơ này: em học tiếp ở đây", "Phần đã bổ sung từ hồ sơ kia được bỏ ra", "Em vẫn học ở đây")]
    [InlineData(false, "em học tiếp ở đó, không còn trong lớp ở đây", "hãy điểm danh bù", "Em lại ở lớp cũ")]
    public async Task The_school_reads_what_the_department_joined_and_took_back_and_what_that_means_here(bool isKeptHere, params string[] words)
    {
        await browser.Get("/hoc-sinh");
        Assert.DoesNotContain(River, browser.Html, StringComparison.Ordinal);
        var id = Decide(records => MergePupils.Decide(host.Store.Catalogue, records, RecordId.New(host.Clock), new(
            isKeptHere ? An : AnThere, (isKeptHere ? School : Other).Owner, isKeptHere ? AnThere : An, (isKeptHere ? Other : School).Owner,
            new(2026, 9, 7), [], new(null, null, null), Office)));
        foreach (var page in (string[])["/hoc-sinh", $"/hoc-sinh/{An}"])
        {
            await browser.Get(page);
            Assert.Contains(River, browser.Html, StringComparison.Ordinal);
            Assert.Contains(words[0], browser.Html, StringComparison.Ordinal);
        }
        Assert.Equal(isKeptHere, browser.Html.Contains("Hồ sơ này được bổ sung", StringComparison.Ordinal));

        host.Clock.Advance(TimeSpan.FromDays(1));
        await browser.SignIn("vp", Password);
        Decide(records => MergePupils.Undo(host.Store.Catalogue, records, School, id));
        await browser.Get($"/hoc-sinh/{An}");
        Assert.Contains("Ngày 08/09/2026 phòng giáo dục hoàn tác lần gộp từ 07/09/2026", browser.Html, StringComparison.Ordinal);
        Assert.All(words[1..], word => Assert.Contains(word, browser.Html, StringComparison.Ordinal));

        // After a month only the pupil's own page says so.
        host.Clock.Advance(TimeSpan.FromDays(MergeNotice.DaysShown));
        await browser.SignIn("vp", Password);
        await browser.Get("/hoc-sinh");
        Assert.DoesNotContain(River, browser.Html, StringComparison.Ordinal);
        await browser.Get($"/hoc-sinh/{An}");
        Assert.Contains(River, browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_teacher_is_not_told_of_pupils_of_the_whole_school()
    {
        Decide(records => MergePupils.Decide(host.Store.Catalogue, records, RecordId.New(host.Clock), new(
            AnThere, Other.Owner, An, School.Owner, new(2026, 9, 7), [], new(null, null, null), Office)));
        browser.ForgetSession();
        await browser.SignIn("lan", Password);
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/hoc-sinh")).StatusCode);
        Assert.DoesNotContain(River, browser.Html, StringComparison.Ordinal);
    }

    /// <summary>As the department does and the feed brings.</summary>
    private Guid Decide(Func<IRecords, Decision<Guid>> decide)
    {
        var decided = decide(host.Store);
        Assert.True(decided.Reply.Ok);
        host.Store.Seed(decided.Drafts);
        return decided.Reply.Value;
    }
}
