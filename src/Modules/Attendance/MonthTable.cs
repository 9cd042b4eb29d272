using System.Globalization;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>A class's <see cref="MonthPage"/> as a file.</summary>
internal sealed class MonthTable(TimeProvider clock) : ClassTable
{
    public override string Key => "chuyen-can";

    public override Text Title { get; } = new("Bảng chuyên cần tháng");

    public override bool OfMonth => true;

    public override Result<Table> Make(IRecords records, ClassTableAsked asked)
    {
        var page = MonthPage.Of(records, asked.School, asked.Class, asked.Month, clock);
        return new Table(
            string.Create(CultureInfo.InvariantCulture, $"Chuyên cần {asked.Class.Value.Name} {asked.Month:MM-yyyy}"),
            [
                "STT", "Họ tên", .. Enumerable.Range(1, MonthPage.Columns).Select(d => d.ToString(CultureInfo.InvariantCulture)),
                "Có mặt", "Vắng có phép", "Vắng không phép", "Muộn", "Về sớm", "Chưa báo",
            ],
            [
                .. page.Rows.Select((r, i) => (TableCell[])
                [
                    TableCell.Of(i + 1), TableCell.Of(r.FullName), .. r.Days.Select(TableCell.Of),
                    TableCell.Of(r.Present), TableCell.Of(r.Excused), TableCell.Of(r.Unexcused), TableCell.Of(r.Late), TableCell.Of(r.LeftEarly), TableCell.Of(r.Unsaid),
                ]),
            ],
            [
                LegendOn(asked.Month) + "; ? chưa báo; – không ở trong lớp; ô trống là không có buổi học.",
                "Ngày có hai buổi ghi sáng/chiều. Dấu * là có 2 ý kiến. Tổng tính theo buổi; em muộn và em về sớm cũng được tính là có mặt.",
                string.Create(CultureInfo.InvariantCulture, $"Có ở máy của trường lúc {clock.SchoolNow():HH:mm dd/MM/yyyy}."),
            ]);
    }

    private static string LegendOn(DateOnly day) => string.Join(", ", MarkCodes.On(day).Select(c => $"{c.Letter} {c.Name.ToLower(CultureInfo.GetCultureInfo("vi"))}"));
}
