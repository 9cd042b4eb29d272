using System.Text;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Modules.Registry;

public sealed class ImportTimetableTests : IDisposable
{
    private const string Header = "Lớp,Thứ,Buổi,Tiết,Môn,Giáo viên,Phòng\n";

    private readonly ImportBox box = new();
    private readonly ImportTimetable kind;

    public ImportTimetableTests() => kind = new(box.Catalogue);

    public void Dispose() => box.Dispose();

    [Fact]
    public async Task A_week_is_in_force_from_its_day_until_the_next_and_can_be_taken_back()
    {
        var (lop, lan) = (box.Class("5A"), box.Teacher("Nguyễn Thị Lan", "lannt"));
        await box.Write(kind, ImportBox.File(kind, Header + "5a,Thứ Hai,,Tiết 3,Toán,nguyễn thị lan,P12\n5A,T3,Chiều,1,Tiếng Việt,lannt,\n"));
        var monday = new DateOnly(2026, 10, 5);
        Assert.Equal((Slot.Lesson3, "Toán", "P12"), Of(Find(monday).Single()));
        Assert.Equal([lan], Find(monday).Single().Staff);
        Assert.Equal(Slot.Lesson6, Find(monday.AddDays(1)).Single().Slot);
        Assert.Empty(Find(new(2026, 8, 31)));

        var later = ImportBox.File(kind, Header + "5A,2,,4,Khoa học,,\n", new DateOnly(2026, 11, 2));
        var run = await box.Write(kind, later);
        Assert.All(box.Plan(kind, later).Rows, r => Assert.Equal(Verdict.Same, r.Verdict));
        Assert.Empty(box.Plan(kind, later).Together);
        Assert.Equal("Toán", Find(monday).Single().Subject);
        Assert.Equal("Khoa học", Find(new(2026, 11, 9)).Single().Subject);
        await box.Undo(kind, run);
        Assert.Equal("Toán", Find(new(2026, 11, 9)).Single().Subject);

        IReadOnlyList<Lesson> Find(DateOnly day) => [.. Timetable.Of(box.Store, ImportBox.School, lop, day)?.On(day) ?? []];
    }

    [Theory]
    [InlineData("9Z,2,,1,Toán,,", "Lớp", "Không có lớp 9Z")]
    [InlineData("5A,Ngày mai,,1,Toán,,", "Thứ", "Không hiểu thứ")]
    [InlineData("5A,2,,11,Toán,,", "Tiết", "Không hiểu tiết")]
    [InlineData("5A,2,,08:00,Toán,,", "Tiết", "Không hiểu tiết")]
    [InlineData("5A,2,,1,,,", "Môn", "Hãy ghi tên")]
    [InlineData("5A,2,,1,Toán,Ai Đó,", "Giáo viên", "Không có giáo viên Ai Đó")]
    [InlineData("5A,3,,2,Toán,,", "Tiết", "Lớp đã có môn Đạo đức")]
    public void A_wrong_cell_is_named(string row, string column, string reason)
    {
        box.Class("5A");
        var planned = box.Plan(kind, ImportBox.File(kind, Header + "5A,Thứ 3,,2,Đạo đức,,\n" + row + "\n")).Rows[1];
        var issue = Assert.Single(planned.Issues);
        Assert.Equal((Verdict.Wrong, column), (planned.Verdict, issue.Column));
        Assert.Contains(reason, issue.Reason.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public void One_teacher_in_two_classes_at_once_is_said_and_not_refused()
    {
        box.Class("5A");
        box.Class("5B");
        box.Teacher("Nguyễn Thị Lan", "lannt");
        var plan = box.Plan(kind, ImportBox.File(kind, Header + "5A,2,,1,Toán,lannt,\n5B,2,,1,Toán,lannt,\n"));
        Assert.Equal([false, true], plan.Rows.Select(r => r.Issues.Any(i => i.IsWarning)));
        Assert.Equal(2, plan.Together.Count);
    }

    [Theory]
    [InlineData("Thứ 2", 1)]
    [InlineData("thứ tư", 3)]
    [InlineData("T7", 6)]
    [InlineData("S2", 1)]
    [InlineData("C6", 5)]
    [InlineData("Sáng thứ 3", 2)]
    [InlineData("Thứ Năm (chiều)", 4)]
    [InlineData("CN", 7)]
    [InlineData("Chủ nhật", 7)]
    [InlineData("Thursday", 4)]
    [InlineData("Sun", 7)]
    [InlineData("8", null)]
    [InlineData("tháng", null)]
    public void Days_are_read_as_schools_write_them(string text, int? day) => Assert.Equal(day, LessonWords.Day(text));

    [Theory]
    [InlineData("<Timetable><Activities_Timetable><Activity><Id>7</Id><Day>C2</Day><Hour>13:45</Hour><Room>P1</Room></Activity></Activities_Timetable></Timetable>")]
    [InlineData("""
        <Time_Constraints_List><ConstraintActivityPreferredStartingTime><Weight_Percentage>100</Weight_Percentage><Activity_Id>7</Activity_Id>
        <Preferred_Day>C2</Preferred_Day><Preferred_Hour>13:45</Preferred_Hour><Permanently_Locked>false</Permanently_Locked><Active>true</Active>
        </ConstraintActivityPreferredStartingTime><ConstraintActivityPreferredStartingTime><Activity_Id>8</Activity_Id><Preferred_Day>C2</Preferred_Day>
        <Preferred_Hour>13:00</Preferred_Hour><Active>true</Active></ConstraintActivityPreferredStartingTime></Time_Constraints_List>
        <Space_Constraints_List><ConstraintActivityPreferredRoom><Activity_Id>7</Activity_Id><Room>P1</Room></ConstraintActivityPreferredRoom></Space_Constraints_List>
        """)]
    public async Task What_FET_made_comes_in_by_its_own_file(string times)
    {
        var (lop, lan) = (box.Class("5A"), box.Teacher("Lan", "lannt"));
        var fet = $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <fet version="6.8.5"><Hours_List><Number_of_Hours>3</Number_of_Hours>
            <Hour><Name>13:00</Name></Hour><Hour><Name>13:45</Name></Hour><Hour><Name>14:45</Name></Hour></Hours_List>
            <Activities_List><Activity><Teacher>Lan</Teacher><Subject>Tin học</Subject><Students>5A</Students><Duration>2</Duration><Id>7</Id><Active>true</Active></Activity>
            <Activity><Teacher>Lan</Teacher><Subject>Nghỉ</Subject><Students>5A</Students><Duration>1</Duration><Id>8</Id><Active>false</Active></Activity></Activities_List>
            {times}</fet>
            """;
        await box.Write(kind, Read(fet));
        var monday = Timetable.Of(box.Store, ImportBox.School, lop, new(2026, 10, 5))!.On(new(2026, 10, 5)).ToList();
        Assert.Equal([(Slot.Lesson7, "Tin học", "P1"), (Slot.Lesson8, "Tin học", "P1")], monday.Select(Of));
        Assert.All(monday, l => Assert.Equal([lan], l.Staff));
    }

    [Theory]
    [InlineData("<Activities_Timetable><Activity><Id>1</Id><Day>2</Day><Hour>1</Hour></Activity></Activities_Timetable>", "fet_only_ids")]
    [InlineData("<fet version=\"6\"><Activities_List/></fet>", "fet_no_times")]
    [InlineData("<html></html>", "not_fet")]
    [InlineData("<fet>", "not_fet")]
    public void A_file_of_FET_without_a_timetable_is_refused_in_words(string file, string reason) =>
        Assert.Equal(reason, kind.Read(new MemoryStream(Encoding.UTF8.GetBytes(file))).Error.Reason);

    [Fact]
    public void Threat_T12_A_file_of_FET_with_a_DTD_reads_nothing_and_grows_to_nothing()
    {
        var secret = Path.GetTempFileName();
        File.WriteAllText(secret, "5A");
        try
        {
            foreach (var dtd in new[] { $"<!DOCTYPE fet [<!ENTITY x SYSTEM \"file://{secret}\">]>", "<!DOCTYPE fet [<!ENTITY a \"ha\"><!ENTITY x \"&a;&a;&a;&a;\">]>" })
            {
                var file = $"{dtd}<fet version=\"6\"><Activities_List><Activity><Students>&x;</Students></Activity></Activities_List></fet>";
                Assert.Equal("not_fet", kind.Read(new MemoryStream(Encoding.UTF8.GetBytes(file))).Error.Reason);
            }
        }
        finally
        {
            File.Delete(secret);
        }
    }

    [Fact]
    public async Task The_CSV_that_FET_writes_comes_in_as_it_is()
    {
        var lop = box.Class("5A");
        var other = box.Class("5B");
        box.Teacher("Lan", "lannt");
        box.Teacher("Minh", "minh");
        await box.Write(kind, Read("""
            "Activity Id","Day","Hour","Students Sets","Subject","Teachers","Activity Tags","Room","Comments"
            "1","Monday","1","5A+5B","Chào cờ","Lan+Minh","","Sân trường",""
            """));
        Assert.Equal(2, Timetable.Of(box.Store, ImportBox.School, lop, ImportBox.First)!.Lessons.Single().Staff.Length);
        Assert.Equal("Chào cờ", Timetable.Of(box.Store, ImportBox.School, other, ImportBox.First)!.Lessons.Single().Subject);
    }

    private static (Slot, string, string?) Of(Lesson lesson) => (lesson.Slot, lesson.Subject, lesson.Room);

    private ImportFile Read(string file)
    {
        var table = kind.Read(new MemoryStream(Encoding.UTF8.GetBytes(file))).Value;
        return new(ImportBox.School, table, ImportColumns.Guess(kind.Columns, table.Header), ImportBox.First);
    }
}
