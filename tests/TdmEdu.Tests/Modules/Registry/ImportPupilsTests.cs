using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public sealed partial class ImportPupilsTests : IDisposable
{
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Actor Office = new(Guid.Parse("01900000-0000-7000-8000-000000000d02"), School, Roles.Office);
    private static readonly DateOnly Today = new(2026, 9, 7);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("import-");
    private readonly Seals seals;
    private readonly KernelStore store;
    private readonly Guid class5A;
    private readonly Guid class5B;

    public ImportPupilsTests()
    {
        seals = new(folder.FullName, makes: true);
        store = new(Side.Edge, clock);
        store.Seed([Compose.Year(store.Catalogue, new("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5]))]);
        class5A = Class("5A");
        class5B = Class("5B");
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Pupils_and_their_places_are_added_once_and_a_second_import_changes_nothing()
    {
        var file = File(
            PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015", "Nam", "074215000123"),
            PupilWorkbook.Row("5a", null, "Trần Thị Hoà", 42252, "Nữ", "074315000456"),
            PupilWorkbook.Row("5B", null, "Lê Bình", 2015, null));
        var plan = Plan(file);
        Assert.Equal((3, 0), (plan.Count(Verdict.Add), plan.Rows.Sum(r => r.Issues.Count)));
        Assert.Equal(3, await Apply(file));
        Assert.Equal(2, store.View<ClassRoster>(School, class5A)!.PupilsOn(Today).Count());
        var pupils = store.All<Pupil>(School).Select(p => p.Value).OrderBy(p => p.BirthDate, StringComparer.Ordinal).ToList();
        Assert.Equal(["2015", "2015-09-05", "2015-09-05"], pupils.Select(p => p.BirthDate!));
        var all = store.All<Pupil>(School);
        Assert.All(all, p => Assert.Equal("01", PupilSecrets.Of(seals, School, p.Id, p.Value).Ethnicity));
        // Of two pupils nothing shows that they are of one people.
        Assert.Equal(3, all.Select(p => p.Value.Ethnicity).Distinct().Count());

        var written = store.OpsWritten;
        Assert.Equal(3, Plan(file).Count(Verdict.Same));
        Assert.Equal(0, await Apply(file));
        var respelled = File(PupilWorkbook.Row("5A", null, "Trần Thị Hòa", "05/09/2015", "Nữ"));
        Assert.Equal(0, await Apply(respelled));
        Assert.Equal(written, store.OpsWritten);
    }

    [Fact]
    public async Task A_row_changes_what_it_says_and_keeps_what_it_leaves_empty()
    {
        await Apply(File([.. PupilWorkbook.Row("5A", null, "Nguyễn Văn An", "05/09/2015", "Nam", "074215000123"), "me@vidu.example"]));
        Assert.Equal(1, Plan(File([.. PupilWorkbook.Row("5A", null, "Lê Thị Bình"), "Mẹ <me@vidu.example>"])).Count(Verdict.Wrong));
        Assert.Equal(1, await Apply(File(PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015", null))));
        var row = Assert.Single(store.All<Pupil>(School));
        Assert.Equal(("7400000001", Gender.Male), (row.Value.MinistryId, row.Value.Gender));
        var secrets = PupilSecrets.Of(seals, School, row.Id, row.Value);
        Assert.Equal(("074215000123", "me@vidu.example"), (secrets.PersonalId, secrets.Email));
        Assert.DoesNotContain("074215000123", JsonSerializer.Serialize(row), StringComparison.Ordinal);
    }

    [Fact]
    public void A_box_that_has_no_keys_yet_writes_nothing_sensitive_and_says_what_to_do()
    {
        var none = new Seals(Path.Combine(folder.FullName, "none"), makes: false);
        Assert.Equal("no_seal", new ImportPupils(store.Catalogue, none, clock, []).Plan(store, Office, File(PupilWorkbook.Row("5A", null, "Nguyễn Văn An"))).Error.Reason);
    }

    [Fact]
    public async Task A_pupil_of_another_class_is_reported_and_not_moved()
    {
        await Apply(File(
            PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015"),
                PupilWorkbook.Row("5A", null, "Trần Thị Hoà", "01/02/2015", "Nữ")));
        var plan = Plan(File(
            PupilWorkbook.Row("5B", "7400000001", "Nguyễn Văn An", "05/09/2015"),
                PupilWorkbook.Row("5B", null, "Trần Thị Hoà", "01/02/2015", "Nữ")));
        Assert.Equal(2, plan.Count(Verdict.Wrong));
        Assert.All(plan.Rows, r => Assert.Contains("đang ở lớp 5A", r.Issues[0].Reason.Vietnamese, StringComparison.Ordinal));
        Assert.All(plan.Rows, r => Assert.Contains("mở trang của em và bấm Chuyển lớp", r.Issues[0].Reason.Vietnamese, StringComparison.Ordinal));
        Assert.Equal(store.All<Pupil>(School).Select(p => (Guid?)p.Id).Order(), plan.Rows.Select(r => r.Page).Order());
        Assert.Null(store.View<ClassRoster>(School, class5B));
    }

    [Theory]
    [InlineData("5A", "=A1", "05/09/2015", "Nam", null, "Họ tên")]
    [InlineData("5A", "An <script>", "05/09/2015", "Nam", null, "Họ tên")]
    [InlineData("", "Nguyễn Văn An", "05/09/2015", "Nam", null, "Lớp")]
    [InlineData("9Z", "Nguyễn Văn An", "05/09/2015", "Nam", null, "Lớp")]
    [InlineData("5A", "Nguyễn Văn An", "31/02/2015", "Nam", null, "Ngày sinh")]
    [InlineData("5A", "Nguyễn Văn An", "05/09/2030", "Nam", null, "Ngày sinh")]
    [InlineData("5A", "Nguyễn Văn An", "05/09/2015", "Khác", null, "Giới tính")]
    [InlineData("5A", "Nguyễn Văn An", "05/09/2015", "Nam", "07421500012", "Số định danh cá nhân")]
    [InlineData("5A", "Nguyễn Văn An", "05/09/2015", "Nam", "07421500012A", "Số định danh cá nhân")]
    public async Task A_wrong_row_is_named_by_number_column_and_reason_and_the_others_are_written(
        string className, string name, string birth, string gender, string? personalId, string column)
    {
        var file = File(PupilWorkbook.Row(className, "7400000002", name, birth, gender, personalId),
            PupilWorkbook.Row("5B", null, "Lê Bình", "2015"));
        var wrong = Assert.Single(Plan(file).Rows, r => r.Verdict == Verdict.Wrong);
        Assert.Equal((5, column), (wrong.Number, wrong.Issues[0].Column));
        Assert.Contains("Hãy", wrong.Issues[0].Reason.Vietnamese, StringComparison.Ordinal);
        Assert.Equal(1, await Apply(file));
        Assert.Equal("Lê Bình", Assert.Single(store.All<Pupil>(School)).Value.FullName);
    }

    [Fact]
    public void A_row_without_a_name_is_wrong_and_what_is_no_pupil_is_counted()
    {
        var file = File(
            PupilWorkbook.Row("5A", null, "", "05/09/2015", "Nữ"),
            PupilWorkbook.Row("5A", "7400000001", "", null, null),
            PupilWorkbook.Row("", null, "", "05/09/2015", "Nữ"),
            PupilWorkbook.Row("5A", null, "An <3", "05/09/2015"),
            [null, "Tổng cộng: 3 học sinh"],
            [null, "Người lập bảng", null, null, null, "Hiệu trưởng"],
            [17]);
        var rows = Plan(file).Rows;
        Assert.Equal([5, 6, 7, 8], rows.Where(r => r.Verdict == Verdict.Wrong).Select(r => r.Number));
        Assert.All(rows.Take(3), r => Assert.Contains(r.Issues, i => i.Reason.Vietnamese == "Thiếu họ tên. Hãy ghi đủ họ và tên."));
        Assert.Contains("“An <3”", rows[3].Issues.Single().Reason.Vietnamese, StringComparison.Ordinal);
        Assert.Equal([9, 10], Plan(file).Skipped);
    }

    [Fact]
    public async Task A_file_of_an_earlier_day_never_takes_away_a_later_year_s_class()
    {
        await Apply(File(PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015")));
        var an = store.All<Pupil>(School).Single().Id;
        var next = Compose.Class(store.Catalogue, School, new("6A", 6, "2027-2028", [Slot.Morning]));
        store.Seed([Compose.Year(store.Catalogue, new("2027-2028", new(2027, 9, 1), new(2028, 5, 31), [1])), next.Draft,
            .. Enrol.Leave(store.Catalogue, store, School, an, Today.AddDays(1), Today, agreed: true).Drafts,
            Compose.Enrolment(store.Catalogue, School, new(an, next.Id, new(2027, 9, 1), null))]);
        var later = File(PupilWorkbook.Row("5B", "7400000001", "Nguyễn Văn An", "05/09/2015")) with { Day = Today.AddDays(9) };
        var row = Assert.Single(Plan(later).Rows);
        Assert.Equal(Verdict.Wrong, row.Verdict);
        Assert.Contains("xếp lớp từ ngày 01/09/2027", row.Issues[0].Reason.Vietnamese, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("074215000123", "Nữ", "2015")]
    [InlineData("074209000123", "Nam", "2010")]
    [InlineData("000000000000", "Nam", "2015")]
    public void An_unusual_id_is_a_warning_and_never_blocks(string personalId, string gender, string birth)
    {
        var row = Assert.Single(Plan(File(PupilWorkbook.Row("5A", null, "Nguyễn An", birth, gender, personalId))).Rows);
        Assert.Equal((Verdict.Add, true), (row.Verdict, Assert.Single(row.Issues).IsWarning));
    }

    [Fact]
    public void The_same_pupil_twice_in_a_file_is_reported()
    {
        var plan = Plan(File(
            PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015"),
            PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015"),
            PupilWorkbook.Row("5A", null, "Nguyễn Văn An", "05/09/2015"),
            PupilWorkbook.Row("5A", "7400000009", "Nguyễn Văn An", "05/09/2015")));
        Assert.Equal([Verdict.Add, Verdict.Wrong, Verdict.Wrong, Verdict.Add], plan.Rows.Select(r => r.Verdict));
    }

    [Fact]
    public async Task A_large_file_is_written_in_small_decisions()
    {
        var file = File([.. Enumerable.Range(0, 900)
            .Select(i => PupilWorkbook.Row("5A", $"74{i:00000000}", $"Nguyễn Văn {(char)('A' + i % 26)}", "05/09/2015"))]);
        Assert.Equal(900, await Apply(file));
        Assert.Equal(900, store.View<ClassRoster>(School, class5A)!.PupilsOn(Today).Count());
        Assert.InRange(store.DraftsInLargestDecision, 2, 500);
    }

    [Fact]
    public void A_file_that_is_no_xlsx_is_refused_with_a_sentence()
    {
        using var notZip = new MemoryStream([0xD0, 0xCF, 0x11, 0xE0, 0, 0, 0, 0, 0]);
        using var otherZip = Zip(("a.txt", 10));
        using var cut = new MemoryStream(PupilWorkbook.Of(PupilWorkbook.Row("5A", null, "An")).ToArray()[..900]);
        foreach (var stream in new[] { notZip, otherZip, cut })
        {
            Assert.Equal("not_xlsx", PupilFiles.Read(stream, Today).Error.Reason);
        }
        using var noRows = PupilWorkbook.Of([null, "Người lập bảng"]);
        var refused = PupilFiles.Read(noRows, Today).Error;
        Assert.Equal(("no_rows", true), (refused.Reason, refused.Message.Vietnamese.Contains("không có học sinh nào", StringComparison.Ordinal)));
        using var noHeader = PupilWorkbook.Make([["Tên", "Tuổi"]]);
        Assert.Equal("no_header", PupilFiles.Read(noHeader, Today).Error.Reason);
    }

    [Fact]
    public void A_file_that_is_too_large_or_too_long_is_refused()
    {
        using var large = new MemoryStream(new byte[XlsxReader.FileBytesMax + 1]);
        Assert.Equal("xlsx_too_large", PupilFiles.Read(large, Today).Error.Reason);
        using var longList = PupilWorkbook.Of([.. Enumerable.Range(0, XlsxReader.RowsMax + 1)
            .Select(i => PupilWorkbook.Row("5A", null, "An"))]);
        Assert.Equal("xlsx_rows", PupilFiles.Read(longList, Today).Error.Reason);
    }

    [Fact]
    public void An_upload_is_its_owner_s_and_expires()
    {
        var uploads = new UploadStore<string>(clock);
        var token = uploads.Keep(Office.Id, "a");
        Assert.Equal("a", uploads.Find(Office.Id, token));
        Assert.Null(uploads.Find(Guid.Empty, token));
        for (var i = 0; i < 8; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            uploads.Keep(Office.Id, "b");
        }
        Assert.Null(uploads.Find(Office.Id, token));
        var last = uploads.Keep(Office.Id, "c");
        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Null(uploads.Find(Office.Id, last));
    }

    private Guid Class(string name)
    {
        var (id, draft) = Compose.Class(store.Catalogue, School, new(name, 5, "2026-2027", [Slot.Morning]));
        store.Seed([draft]);
        return id;
    }

    private static ImportFile File(params object?[][] rows)
    {
        using var xlsx = PupilWorkbook.Of(rows);
        return PupilFiles.FileOf(School, xlsx, Today).Value;
    }

    private ImportPupils Kind => new(store.Catalogue, seals, clock, [new PapersOfPupils(), new SheetsOfPupils(clock)]);

    private ImportPlan Plan(ImportFile file) => Kind.Plan(store, Office, file).Value;

    private async Task<int> Apply(ImportFile file) =>
        (await new RunImport(store, store.Catalogue, seals, clock).Write(Office, Kind, file, RecordId.New(clock), _ => { }, TestContext.Current.CancellationToken)).Value;

    private static MemoryStream Zip(params (string Name, int Bytes)[] entries)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(new byte[bytes]);
            }
        }
        stream.Position = 0;
        return stream;
    }
}
