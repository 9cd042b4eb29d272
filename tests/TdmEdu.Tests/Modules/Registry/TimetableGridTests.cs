using System.Text;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>The week of a whole school on one sheet, and subjects as people write them.</summary>
public sealed class TimetableGridTests : IDisposable
{
    private readonly ImportBox box = new();
    private readonly ImportTimetable kind;

    public TimetableGridTests() => kind = new(box.Catalogue);

    public void Dispose() => box.Dispose();

    [Fact]
    public async Task A_school_s_grid_comes_in_whole_and_goes_back()
    {
        var (a, b) = (box.Class("5A"), box.Class("5/2"));
        var (lan, hung) = (box.Teacher("Nguyễn Thị Lan", "lannt"), box.Teacher("Trần Văn Hùng", "hungtv"));
        using var xlsx = PupilWorkbook.Make(
        [
            ["TRƯỜNG TIỂU HỌC MẪU"], ["THỜI KHÓA BIỂU NĂM HỌC 2026-2027"],
            ["THỨ", "TIẾT", "Lớp 5A", "5/2", "Ghi chú"],
            ["BUỔI SÁNG"],
            ["Thứ 2", 1, "Toán - Lan", "Tiếng Việt (Trần Văn Hùng)", "x"],
            [null, 2, "Khoa học", "Toán Cô Lan"],
            ["Thứ 3", 1, "Nghệ thuật (Âm nhạc)", "-"],
            ["BUỔI CHIỀU"],
            ["Thứ 2", 1, "Tiếng Anh-hungtv", null],
            [null, null, null, "Hiệu trưởng"],
        ]);
        var file = Read(xlsx);
        var plan = box.Plan(kind, file);
        Assert.Equal((6, 0), (plan.Count(Verdict.Add), plan.Rows.Sum(r => r.Issues.Count)));
        Assert.Equal(["C5", "D5", "C6", "D6", "C7", "C9"], plan.Rows.Select(r => r.Cell));
        var run = await box.Write(kind, file);
        Assert.Equal(
            [(1, Slot.Lesson1, "Toán", lan), (1, Slot.Lesson2, "Khoa học", Guid.Empty), (1, Slot.Lesson6, "Tiếng Anh", hung),
                (2, Slot.Lesson1, "Nghệ thuật (Âm nhạc)", Guid.Empty)],
            Week(a));
        Assert.Equal([(1, Slot.Lesson1, "Tiếng Việt", hung), (1, Slot.Lesson2, "Toán", lan)], Week(b));
        Assert.Equal(6, box.Plan(kind, file).Count(Verdict.Same));
        await box.Undo(kind, run);
        Assert.Empty(Week(a));
    }

    [Fact]
    public void What_is_wrong_in_a_grid_is_named_by_its_cell_and_of_a_row_once()
    {
        box.Class("5A");
        box.Teacher("Nguyễn Thị Lan", "lannt");
        box.Teacher("Lê Lan", "lanl");
        var plan = box.Plan(kind, Read("""
            Thứ,Buổi,Tiết,5A,5B
            2,Sáng,1,Toán - Lan,Toán
            ,,2,Toán - lannt,
            ,,3,Phù thủy - Người Lạ,
            ,,mười,Toán,Toán
            Hôm kia,Sáng,1,Toán,Toán
            """));
        Assert.Equal(
            [
                ("D2", "Giáo viên", "2 giáo viên tên Lan"), ("E2", "Lớp", "Không có lớp 5B"), ("D3", "", ""),
                ("D4", "Môn+Giáo viên", ""), ("C5", "Tiết", "Không hiểu tiết"), ("A6", "Thứ", "Không hiểu thứ"),
            ],
            plan.Rows.Select(r => (r.Cell!, string.Join('+', r.Issues.Select(i => i.Column)), r.Issues is [var why] ? Short(why.Reason.Vietnamese) : "")));
        Assert.Equal((5, 1), (plan.Count(Verdict.Wrong), plan.Count(Verdict.Add)));

        static string Short(string reason) => reason.Split('.')[0].Replace("Trường có ", "", StringComparison.Ordinal).Replace(" trong năm học", "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TNXH", "Tự nhiên và Xã hội")]
    [InlineData("T.Viet", "Tiếng Việt")]
    [InlineData("HĐTN", "Hoạt động trải nghiệm")]
    [InlineData("Đạo dức", null)]
    [InlineData("Dao duk", "Đạo đức")]
    [InlineData("Toán học", "Toán")]
    [InlineData("Anh", "Tiếng Anh")]
    [InlineData("Vật lý", null)]
    [InlineData("Mỹ thuật", null)]
    [InlineData("Tiếng Anh", null)]
    [InlineData("Chào cờ", "")]
    [InlineData("Hát", "")]
    public async Task A_subject_that_nobody_knows_is_said_with_the_nearest_and_kept_as_typed(string typed, string? nearest)
    {
        var lop = box.Class("5A");
        var file = ImportBox.File(kind, $"Lớp,Thứ,Tiết,Môn\n5A,2,1,{typed}\n");
        var row = Assert.Single(box.Plan(kind, file).Rows);
        Assert.Equal(Verdict.Add, row.Verdict);
        Assert.Equal(nearest is null ? [] : [("Môn", true, nearest)], row.Issues.Select(i => (i.Column, i.IsWarning, i.Reason.Args.ElementAtOrDefault(1) as string ?? "")));
        await box.Write(kind, file);
        Assert.Equal(typed, Assert.Single(Week(lop)).Subject);
    }

    private ImportFile Read(Stream file)
    {
        var table = kind.Read(file).Value;
        return new(ImportBox.School, table, ImportColumns.Guess(kind.Columns, table.Header), ImportBox.First);
    }

    private ImportFile Read(string csv) => Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)));

    private IEnumerable<(int Day, Slot Slot, string Subject, Guid Teacher)> Week(Guid schoolClass) =>
        (Timetable.Of(box.Store, ImportBox.School, schoolClass, ImportBox.First)?.Lessons ?? []).Select(l => (l.Weekday, l.Slot, l.Subject, l.Staff.SingleOrDefault()));
}
