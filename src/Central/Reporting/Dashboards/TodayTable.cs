using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.Central.Reporting.Dashboards;

/// <summary>The figures of a day as a file. By whose borders it is, stands in each row: rows are copied without what is around them.</summary>
internal static class TodayTable
{
    public static Table Of(TodayReport report, Words words) => new(
        words["Điểm danh {0} {1}", report.Date.Iso(), TodayPicker.Name(words, report.Slot)],
        [
            words["Phường"], words["Theo địa giới ngày"], words["Đơn vị"], words["Lớp phải nộp"], words["Lớp đã nộp"], words["Sĩ số"], words["Có mặt"],
            words["Vắng có phép"], words["Vắng không phép"], words["Muộn"], words["Còn thiếu"],
        ],
        [.. from ward in report.Wards from school in ward.Schools select Row(report, ward, school, words)],
        [words["Phường theo địa giới ngày {0:dd/MM/yyyy}.", report.Borders], words["Còn thiếu {0} đơn vị; các số trên không gồm phần chưa nộp của họ", report.City.Missing.Count]]);

    /// <summary>Of what nobody has submitted there is no number, not zero.</summary>
    private static IReadOnlyList<TableCell> Row(TodayReport report, AreaDay ward, SchoolDay school, Words words)
    {
        var figure = school.Figure;
        TableCell Said(int number) => figure.Submitted > 0 ? TableCell.Of(number) : default;
        return
        [
            TableCell.Of(ward.Name ?? words["Chưa xác định"]), TableCell.Of(report.Borders), TableCell.Of(school.Name), TableCell.Of(figure.Due),
            TableCell.Of(figure.Submitted), Said(figure.Reported), Said(figure.Present), Said(figure.Excused), Said(figure.Unexcused), Said(figure.Late),
            TableCell.Of(
                school.State == DayState.NoData ? words["chưa có lớp nào có học sinh trong hệ thống"]
                : school.IsMissing ? words["chưa nộp {0}/{1} lớp", figure.Unsubmitted, figure.Due] : ""),
        ];
    }
}
