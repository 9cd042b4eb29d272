using System.Text;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>A month's grid into a real box, and out of it again. Its school days in November are the 26th, the 27th and the 30th, of two sessions each.</summary>
public class ImportMonthTests
{
    private static readonly DateTime December = new(2026, 12, 2, 8, 0, 0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nobody_has_sent_is_said_and_what_is_there_already_stays()
    {
        await using var school = await BookBox.Start(December);
        await school.Send(BookBox.Days[0], Slot.Morning, [new(BookBox.An, MarkCode.Late)]);
        var plan = await Plan(school, "Họ và tên,26,27,30\nNguyễn Văn An,M/K,x,\nLê Thị Bình,K/?,kp/P,x/–\n");
        Assert.Equal([Verdict.Add, Verdict.Wrong], plan.Rows.Select(r => r.Verdict));
        var issue = Assert.Single(plan.Rows[1].Issues);
        Assert.Equal(("26", "{0} ngày {1:dd/MM/yyyy} đã ghi “{2}”."), (issue.Column, issue.Reason.Template[..37].TrimEnd()));
        await Write(school, "Họ và tên,26,27,30\nNguyễn Văn An,M/K,x,\nLê Thị Bình,x/?,kp/P,x/–\n");
        Assert.Equal(["M/K", "x/x", "?/?"], await Marks(school, "Nguyễn Văn An"));
        Assert.Equal(["x/?", "K/P", "x/?"], await Marks(school, "Lê Thị Bình"));
        // One of whom nobody had said anything is beside what was sent.
        await Write(school, "Họ và tên,30\nNguyễn Văn An,T/x\n");
        Assert.Equal(["M/K", "x/x", "T/x"], await Marks(school, "Nguyễn Văn An"));
        Assert.Equal(["x/?", "K/P", "x/?"], await Marks(school, "Lê Thị Bình"));
    }

    [Fact]
    public async Task A_teacher_who_sends_later_goes_before_the_file_and_both_are_kept()
    {
        await using var school = await BookBox.Start(December);
        await Write(school, "Họ tên,27\nNguyễn Văn An,K/K\nLê Thị Bình,x/x\n");
        await school.Send(BookBox.Days[1], Slot.Morning, [new(BookBox.An, MarkCode.Late), new(BookBox.Binh, MarkCode.Late)]);
        Assert.Equal("M*/K", (await Marks(school, "Nguyễn Văn An"))[1]);
        Assert.Equal("M/x", (await Marks(school, "Lê Thị Bình"))[1]);
    }

    [Fact]
    public async Task Of_a_register_on_paper_empty_is_present_on_days_that_have_a_mark_and_nothing_on_others()
    {
        await using var school = await BookBox.Start(December);
        const string paper = "SỔ ĐIỂM DANH,,,,,\nSTT,Họ và tên,Ngày trong tháng,,,\n,,26/11,27/11,28/11,30/11\n"
            + "1,Nguyễn Văn An,K,,,\n2,Lê Thị Bình,,,,P\n,Giáo viên chủ nhiệm,,,,\n";
        var file = FileOf(school, paper);
        var plan = await school.Box.Owner.Read(r => Kind(school).Plan(r, EdgeBox.Office, file).Value, Cancel);
        Assert.Equal([Verdict.Add, Verdict.Add], plan.Rows.Select(r => r.Verdict));
        Assert.Equal([6], plan.Skipped);
        await Write(school, paper);
        Assert.Equal(["K/K", "?/?", "x/x"], await Marks(school, "Nguyễn Văn An"));
        Assert.Equal(["x/x", "?/?", "P/P"], await Marks(school, "Lê Thị Bình"));
    }

    [Fact]
    public async Task A_list_without_days_is_no_grid_and_its_first_pupil_no_heading()
    {
        await using var school = await BookBox.Start(December);
        var file = FileOf(school, "STT,Họ tên,Ngày sinh\n1,Nguyễn Văn An,05/09/2015\n");
        Assert.Equal("Ngày sinh", file.Table.Header.Cells[2].Text);
        Assert.Equal("import_days", (await school.Box.Owner.Read(r => Kind(school).Plan(r, EdgeBox.Office, file), Cancel)).Error.Reason);
    }

    [Theory]
    [InlineData("Trần Chi", "K", "Họ tên", "Không có em này trong lớp")]
    [InlineData("Lê Thị Bình", "Q", "27", "Không hiểu dấu “Q”")]
    [InlineData("Lê Thị Bình", "x/x/x", "27", "Ô ghi 3 buổi")]
    [InlineData("Lê Thị Bình", "x", "28", "ngày nghỉ trong tuần")]
    [InlineData("Lê Thị Bình", "x", "25", "không thuộc năm học nào")]
    [InlineData("Lê Thị Bình", "x", "31", "Tháng này không có ngày 31")]
    public async Task A_wrong_cell_is_named_and_nothing_of_its_row_is_written(string name, string cell, string column, string reason)
    {
        await using var school = await BookBox.Start(December);
        var day = column == "Họ tên" ? "27" : column;
        var plan = await Plan(school, $"Họ tên,26,{day}\nNguyễn Văn An,x,\n{name},x,{cell}\n");
        var issue = Assert.Single(plan.Rows[1].Issues);
        Assert.Equal(column, issue.Column);
        Assert.Contains(reason, issue.Reason.Vietnamese, StringComparison.Ordinal);
        await Write(school, $"Họ tên,26,{day}\nNguyễn Văn An,x,\n{name},x,{cell}\n");
        Assert.Equal("x/x", (await Marks(school, "Nguyễn Văn An"))[0]);
        Assert.Equal("?/?", (await Marks(school, "Lê Thị Bình"))[0]);
    }

    [Fact]
    public async Task Days_to_come_and_a_locked_month_are_not_for_a_file()
    {
        await using var school = await BookBox.Start(new(2026, 11, 27, 8, 0, 0));
        var plan = await Plan(school, "Họ tên,27,30\nNguyễn Văn An,x,x\n");
        Assert.Equal("30", Assert.Single(plan.Rows[0].Issues).Column);
        Assert.Equal("27", Assert.Single((await Plan(school, "Họ tên,27,30\nNguyễn Văn An,x/x,\n")).Rows[0].Issues).Column);

        school.Clock.Advance(TimeSpan.FromDays(5));
        var run = await Write(school, "Họ tên,26,27,30\nNguyễn Văn An,K,x,x\nLê Thị Bình,x,x,x\n");
        Assert.True((await school.Box.Owner.Decide(
            EdgeBox.Office, r => LockMonth.Lock(EdgeBox.Catalogue, r, EdgeBox.Office, EdgeBox.Class, BookBox.Month, school.Clock), Cancel)).Ok);
        var file = FileOf(school, "Họ tên,26\nNguyễn Văn An,x\n");
        Assert.Equal("month_locked", (await school.Box.Owner.Read(r => Kind(school).Plan(r, EdgeBox.Office, file), Cancel)).Error.Reason);
        Assert.Equal("import_kept", (await Undo(school, run)).Error.Reason);
    }

    [Fact]
    public async Task What_a_file_said_is_taken_back_and_the_sessions_are_unsent_again()
    {
        await using var school = await BookBox.Start(December);
        const string csv = "Họ tên,26,27\nNguyễn Văn An,K,x\nLê Thị Bình,x,x\n";
        var run = await Write(school, csv);
        await school.Send(BookBox.Days[1], Slot.Morning, [new(BookBox.Binh, MarkCode.Late)]);
        Assert.True((await Undo(school, run)).Ok);
        Assert.Equal(["?/?", "x/?", "?/?"], await Marks(school, "Nguyễn Văn An"));
        Assert.Equal(["?/?", "M/?", "?/?"], await Marks(school, "Lê Thị Bình"));
        await school.Box.Stop();
        await school.Box.StartAgain();
        Assert.Equal(["?/?", "x/?", "?/?"], await Marks(school, "Nguyễn Văn An"));
        await Write(school, csv.Replace("x,x", "x,M/x", StringComparison.Ordinal));
        Assert.Equal(["x/x", "M/x", "?/?"], await Marks(school, "Lê Thị Bình"));
    }

    [Fact]
    public async Task A_month_that_is_taken_away_comes_in_again_as_it_was()
    {
        await using var school = await BookBox.Start(December);
        await Write(school, "Họ tên,26,27,30\nNguyễn Văn An,M/K,x/V,T\nLê Thị Bình,x/?,kp/P,\n");
        var table = await Export(school);
        Assert.Contains(table.Rows, r => r.Any(c => c.Text == "M/K"));
        foreach (var (file, isCsv) in new[] { (Csv.Write(table), true), (XlsxWriter.Write(table), false) })
        {
            await using var other = await BookBox.Start(December);
            await Write(other, file);
            var again = await Export(other);
            if (isCsv)
            {
                Assert.Equal(Encoding.UTF8.GetString(file), Encoding.UTF8.GetString(Csv.Write(again)));
            }
            else
            {
                Assert.Equal(ImportBox.Cells(file, 2), ImportBox.Cells(XlsxWriter.Write(again), 2));
            }
            var same = FileOf(school, file);
            Assert.All((await school.Box.Owner.Read(r => Kind(school).Plan(r, EdgeBox.Office, same).Value, Cancel)).Rows, r => Assert.Equal(Verdict.Same, r.Verdict));
        }
    }

    private static ImportFile FileOf(BookBox school, string csv) => FileOf(school, Encoding.UTF8.GetBytes(csv));

    private static ImportFile FileOf(BookBox school, byte[] file) => ImportBox.File(Kind(school), file, BookBox.Month, EdgeBox.Class) with { School = EdgeBox.School };

    private static ImportMonth Kind(BookBox school) => new(EdgeBox.Catalogue, school.Clock);

    private static Task<ImportPlan> Plan(BookBox school, string csv)
    {
        var file = FileOf(school, csv);
        return school.Box.Owner.Read(r => Kind(school).Plan(r, EdgeBox.Office, file).Value, Cancel);
    }

    private static Task<Guid> Write(BookBox school, string csv) => Write(school, Encoding.UTF8.GetBytes(csv));

    private static async Task<Guid> Write(BookBox school, byte[] bytes)
    {
        var (run, file) = (school.Box.NewId(), FileOf(school, bytes));
        var written = await new RunImport(school.Box.Owner, EdgeBox.Catalogue, Seals(school), school.Clock).Write(EdgeBox.Office, Kind(school), file, run, _ => { }, Cancel);
        Assert.True(written is { Ok: true, Value: > 0 });
        return run;
    }

    private static Task<Result<Guid>> Undo(BookBox school, Guid run) => school.Box.Owner.Decide(
        EdgeBox.Office, r => UndoImport.Decide(EdgeBox.Catalogue, Seals(school), r, EdgeBox.School, Kind(school), run, EdgeBox.Office.Id, school.Clock), Cancel);

    private static Seals Seals(BookBox school) => new(Path.Combine(school.Box.Folder, "seals"), makes: true);

    private static Task<Table> Export(BookBox school) => school.Box.Owner.Read(
        r => new MonthTable(school.Clock).Make(r, new(EdgeBox.School, r.Get<SchoolClass>(EdgeBox.School, EdgeBox.Class)!, BookBox.Month, false)).Value, Cancel);

    private static Task<string?[]> Marks(BookBox school, string name) => school.Box.Owner.Read(
        r => MonthPage.Of(r, EdgeBox.School, r.Get<SchoolClass>(EdgeBox.School, EdgeBox.Class)!, BookBox.Month, school.Clock).Rows
            .Single(p => p.FullName == name).Days.Where((_, i) => BookBox.Days.Any(d => d.Day == i + 1)).ToArray(), Cancel);
}
