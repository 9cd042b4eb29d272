using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public sealed class ImportClassesTests : IDisposable
{
    private readonly ImportBox box = new();

    public void Dispose() => box.Dispose();

    [Fact]
    public async Task Classes_are_added_with_their_teachers_changed_and_taken_back()
    {
        var (lan, known) = (box.Teacher("Nguyễn Thị Lan", "lannt"), box.Class("5A"));
        box.Teacher("Lê Hoà", "hoal");
        var file = ImportBox.File(box.Classes, "Lớp;Khối;Buổi;GVCN\n5a;;Sáng;nguyễn thị lan\n5B;5;Cả ngày, bán trú;Lê Hòa\n4/1;;;\n");
        Assert.Equal([Verdict.Change, Verdict.Add, Verdict.Add], box.Plan(box.Classes, file).Rows.Select(r => r.Verdict));
        var run = await box.Write(box.Classes, file);
        var classes = box.Store.All<SchoolClass>(ImportBox.School).ToDictionary(c => c.Value.Name, c => c);
        Assert.Equal((5, "Morning,Afternoon,Meal"), (classes["5B"].Value.Grade!.Value, string.Join(',', classes["5B"].Value.Slots)));
        Assert.Equal(4, classes["4/1"].Value.Grade);
        Assert.True(box.Store.View<TeacherClasses>(ImportBox.School, lan)!.IsHomeroomOf(known, new(2026, 10, 5)));
        Assert.All(box.Plan(box.Classes, file).Rows, r => Assert.Equal(Verdict.Same, r.Verdict));

        box.Store.Seed(Compose.Pupil(box.Catalogue, ImportBox.School, RecordId.New(box.Clock), new(null, "Lê Bình", null, null), classes["5B"].Id, ImportBox.First));
        var subjects = await box.Undo(box.Classes, run);
        Assert.Equal("Lớp đã có học sinh.", subjects.Single(s => s.Name == "5B").Why!.Vietnamese);
        Assert.Equal(["5A", "5B"], box.Store.All<SchoolClass>(ImportBox.School).Select(c => c.Value.Name).Order(StringComparer.Ordinal));
        Assert.False(box.Store.View<TeacherClasses>(ImportBox.School, lan)!.IsHomeroomOf(known, new(2026, 10, 5)));
        Assert.Equal(Verdict.Add, box.Plan(box.Classes, file).Rows[2].Verdict);
    }

    [Theory]
    [InlineData("5A;5;Sáng;Ai Đó", "Giáo viên chủ nhiệm", "Không có giáo viên Ai Đó")]
    [InlineData("5C;5;;Trần Văn Ân", "Giáo viên chủ nhiệm", "Hãy ghi tên đăng nhập")]
    [InlineData("5B;5;;Nguyễn Thị Lan", "Giáo viên chủ nhiệm", "Lớp đã có giáo viên chủ nhiệm")]
    [InlineData("5C;9;Sáng;", "Khối", "từ 1 đến 5")]
    [InlineData("5A;9;;", "Khối", "từ 1 đến 5")]
    [InlineData("5C;5;Tối;", "Buổi học", "Không hiểu buổi học")]
    [InlineData("5C;5;Ăn trưa;", "Buổi học", "Không hiểu buổi học")]
    [InlineData("5B;;Chiều;", "Buổi học", "Lớp đã có học sinh")]
    [InlineData("=5C;5;Sáng;", "Tên lớp", "Hãy sửa tên lớp")]
    public void A_wrong_cell_is_named(string row, string column, string reason)
    {
        box.Class("5A");
        var (b, an) = (box.Class("5B"), box.Teacher("Trần Văn Ân", "antv"));
        box.Teacher("Trần Văn Ân", "antv2");
        box.Teacher("Nguyễn Thị Lan", "lannt");
        box.Store.Seed(
        [
            Compose.Assignment(box.Catalogue, ImportBox.School, new(an, b, ImportBox.First, null, Homeroom: true)),
            .. Compose.Pupil(box.Catalogue, ImportBox.School, RecordId.New(box.Clock), new(null, "Lê Bình", null, null), b, ImportBox.First),
        ]);
        var planned = Assert.Single(box.Plan(box.Classes, ImportBox.File(box.Classes, $"Tên lớp;Khối;Buổi học;GVCN\n{row}\n")).Rows);
        var issue = Assert.Single(planned.Issues, i => !i.IsWarning);
        Assert.Equal((Verdict.Wrong, column, 0), (planned.Verdict, issue.Column, planned.Drafts.Count));
        Assert.Contains(reason, issue.Reason.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_taken_away_comes_in_again_as_it_was()
    {
        box.Teacher("Nguyễn Thị Lan", "lannt");
        box.Teacher("Trần Văn Ân", "antv");
        box.Teacher("Trần Văn Ân", "antv2");
        await box.Write(box.Classes, ImportBox.File(
            box.Classes, "Tên lớp;Khối;Buổi học;GVCN\n1/10;;Sáng;lannt\n1/9;1;Chiều;antv2\n5 (Hoà\u0300);5;Cả ngày, Bữa ăn;\n2-A.1;2;Sáng;antv\n"));
        var table = box.Classes.Export(box.Store, ImportBox.School)!;
        foreach (var (file, isCsv) in new[] { (Csv.Write(table), true), (XlsxWriter.Write(table), false) })
        {
            using var other = new ImportBox();
            other.Teacher("Nguyễn Thị Lan", "lannt");
            other.Teacher("Trần Văn Ân", "antv");
            other.Teacher("Trần Văn Ân", "antv2");
            await other.Write(other.Classes, ImportBox.File(other.Classes, file));
            var again = other.Classes.Export(other.Store, ImportBox.School)!;
            Assert.Equal(4, again.Rows.Count);
            if (isCsv)
            {
                Assert.Equal(file, Csv.Write(again));
            }
            else
            {
                Assert.Equal(ImportBox.Cells(file, 9), ImportBox.Cells(XlsxWriter.Write(again), 9));
            }
            Assert.All(box.Plan(box.Classes, ImportBox.File(box.Classes, file)).Rows, r => Assert.Equal(Verdict.Same, r.Verdict));
        }
    }
}
