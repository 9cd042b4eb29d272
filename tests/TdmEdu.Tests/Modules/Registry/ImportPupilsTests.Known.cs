using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Rows of children whom the school may know already, and of those who have left.</summary>
public partial class ImportPupilsTests
{
    [Theory]
    [InlineData(null, null, "06/09/2015", Verdict.Wrong)]
    [InlineData(null, null, null, Verdict.Wrong)]
    [InlineData(null, "7400000002", "06/09/2015", Verdict.Wrong)]
    [InlineData("7400000001", null, "06/09/2015", Verdict.Wrong)]
    [InlineData("7400000001", "7400000002", "06/09/2015", Verdict.Add)]
    [InlineData("7400000001", "7400000001", "06/09/2015", Verdict.Change)]
    public async Task A_corrected_birth_date_never_makes_a_second_pupil(string? oldId, string? id, string? birth, Verdict verdict)
    {
        await Apply(File(PupilWorkbook.Row("5A", oldId, "Nguyễn Văn An", "05/09/2015")));
        var an = store.All<Pupil>(School).Single().Id;
        var again = File(PupilWorkbook.Row("5A", id, "Nguyễn Văn An", birth), PupilWorkbook.Row("5B", null, "Nguyễn Văn An", "07/09/2015"));
        var rows = Plan(again).Rows;
        Assert.Equal([verdict, Verdict.Add], rows.Select(r => r.Verdict));
        if (verdict == Verdict.Wrong)
        {
            Assert.Equal(an, rows[0].Page);
            Assert.Contains("sinh 05/09/2015 đã có trong lớp. Nếu sửa ngày sinh", rows[0].Issues.Single().Reason.Vietnamese, StringComparison.Ordinal);
            Assert.Equal(1, await Apply(again));
        }
    }

    [Fact]
    public async Task Two_children_of_one_name_whom_one_file_lists_are_two()
    {
        var file = File(PupilWorkbook.Row("5A", null, "Nguyễn Văn An", "05/09/2015"), PupilWorkbook.Row("5A", null, "Nguyễn Văn An", "06/09/2015"));
        await Apply(File(PupilWorkbook.Row("5A", null, "Nguyễn Văn An", "05/09/2015")));
        Assert.Equal(1, await Apply(file));
        Assert.Equal([Verdict.Same, Verdict.Same], Plan(file).Rows.Select(r => r.Verdict));
    }

    [Theory]
    [InlineData("Đang học", Verdict.Add)]
    [InlineData("Chuyển đến kỳ 2", Verdict.Add)]
    [InlineData("Nghỉ học xin học lại kỳ 1", Verdict.Add)]
    [InlineData(1, Verdict.Add)]
    [InlineData("Thôi học", Verdict.Gone)]
    [InlineData("thôi học HK1", Verdict.Gone)]
    [InlineData("Chuyển đi (trong hè)", Verdict.Gone)]
    [InlineData("08", Verdict.Gone)]
    [InlineData("Chuyển trường đến", Verdict.Wrong)]
    [InlineData("13", Verdict.Wrong)]
    public async Task Only_a_pupil_whose_status_says_so_is_put_into_a_class(object status, Verdict verdict)
    {
        var file = File(PupilWorkbook.Row("5A", null, "Nguyễn Văn An", "05/09/2015", status: status), PupilWorkbook.Row("5A", null, "Lê Bình", "2015"));
        var row = Plan(file).Rows[0];
        Assert.Equal((verdict, verdict != Verdict.Add), (row.Verdict, row.Issues.Any(i => i.Column == "Trạng thái")));
        await Apply(file);
        Assert.Equal(verdict == Verdict.Add ? 2 : 1, store.View<ClassRoster>(School, class5A)!.PupilsOn(Today).Count());
        Assert.Equal(verdict == Verdict.Add ? 2 : 1, store.All<Pupil>(School).Count);
    }

    [Fact]
    public async Task A_file_that_says_a_pupil_in_class_has_left_changes_nothing_and_names_the_page_to_go_to()
    {
        await Apply(File(PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015"), PupilWorkbook.Row("5A", null, "Lê Bình", "2015")));
        var left = File(PupilWorkbook.Row("5A", "7400000001", "Nguyễn Văn An", "05/09/2015", status: "Thôi học kỳ 1"),
            PupilWorkbook.Row("5A", "7400000002", "Lê Bình", "2015", status: "Chuyển đi kỳ 1"));
        var written = store.OpsWritten;
        var rows = Plan(left).Rows;
        Assert.Equal(store.All<Pupil>(School).Select(p => (Guid?)p.Id).Order(), rows.Select(r => r.Page).Order());
        Assert.All(rows, r => Assert.Contains("đang ở lớp 5A", r.Issues.Single().Reason.Vietnamese, StringComparison.Ordinal));
        Assert.Equal((0, written), (await Apply(left), store.OpsWritten));
    }
}
