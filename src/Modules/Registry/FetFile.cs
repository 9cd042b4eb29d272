using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// A timetable out of FET's own file, as the table that FET writes as CSV. The times are those of the list "Timetable" of newer versions, else the starting
/// times that FET locks in "…_data_and_timetable.fet"; a lesson of two hours is two rows.
/// </summary>
internal static class FetFile
{
    private const int CharsMax = XlsxReader.FileBytesMax;

    private static readonly string[] Headings = ["Students Sets", "Day", "Hour", "Subject", "Teachers", "Room"];

    private sealed record Place(string Id, string Day, string Hour, string Room);

    public static Result<SheetTable> Read(Stream file)
    {
        if (file.Length > XlsxReader.FileBytesMax)
        {
            return XlsxReader.TooLarge();
        }
        try
        {
            using var reader = XmlReader.Create(file, new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = CharsMax });
            return XDocument.Load(reader).Root is { } root ? Read(root) : NotFet();
        }
        catch (XmlException)
        {
            return NotFet();
        }
    }

    private static Result<SheetTable> Read(XElement root)
    {
        if (root.Name.LocalName == "Activities_Timetable")
        {
            return Error.Invalid("fet_only_ids", "Tệp này của FET chỉ có số thứ tự, không có lớp và môn. Hãy chọn tệp …_data_and_timetable.fet hoặc …_timetable.csv cùng thư mục.");
        }
        if (root.Name.LocalName != "fet")
        {
            return NotFet();
        }
        var activities = root.Element("Activities_List")?.Elements("Activity").Where(IsActive).DistinctBy(a => Of(a, "Id")).ToDictionary(a => Of(a, "Id")) ?? [];
        var rooms = Constraints(root, "Space_Constraints_List", "ConstraintActivityPreferredRoom").GroupBy(c => Of(c, "Activity_Id"))
            .ToDictionary(c => c.Key, c => Of(c.First(), "Room"));
        var listed = root.Descendants("Activities_Timetable").Elements("Activity")
            .Select(a => new Place(Of(a, "Id"), Of(a, "Day"), Of(a, "Hour"), Of(a, "Room"))).Where(p => p.Day.Length > 0).ToList();
        var places = listed is not [] ? listed : Constraints(root, "Time_Constraints_List", "ConstraintActivityPreferredStartingTime").Select(c => new Place(
            Of(c, "Activity_Id"), Of(c, "Preferred_Day", "Day"), Of(c, "Preferred_Hour", "Hour"), rooms.GetValueOrDefault(Of(c, "Activity_Id"), ""))).ToList();
        var hours = root.Element("Hours_List")?.Elements("Hour").Select(h => Of(h, "Name")).ToList() ?? [];
        var rows = places.Where(p => activities.ContainsKey(p.Id)).SelectMany(p => RowsOf(activities[p.Id], p, hours)).Take(XlsxReader.RowsMax + 1).ToList();
        return rows.Count == 0
            ? Error.Invalid("fet_no_times", "Tệp .fet này chưa xếp giờ. Hãy xếp xong trong FET rồi chọn tệp …_data_and_timetable.fet.")
            : rows.Count > XlsxReader.RowsMax ? XlsxReader.TooManyRows()
            : new SheetTable(Row(1, Headings), [.. rows.Select((r, i) => Row(i + 2, r))], From1904: false);
    }

    private static IEnumerable<string[]> RowsOf(XElement activity, Place place, List<string> hours)
    {
        var (first, length) = (hours.IndexOf(place.Hour), int.TryParse(Of(activity, "Duration"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 1);
        for (var i = 0; i < length && (i == 0 || first + i < hours.Count); i++)
        {
            var hour = first < 0 ? place.Hour : hours[first + i];
            // Hours that are called by the clock are counted.
            var called = first < 0 || LessonWords.Number(hour) is not null ? hour : (first + i + 1).ToString(CultureInfo.InvariantCulture);
            yield return [All(activity, "Students"), place.Day, called, Of(activity, "Subject"), All(activity, "Teacher"), place.Room];
        }
    }

    private static IEnumerable<XElement> Constraints(XElement root, string list, string name) => (root.Element(list)?.Elements(name) ?? []).Where(IsActive);

    private static bool IsActive(XElement element) => Of(element, "Active") != "false";

    private static string Of(XElement element, params string[] names) =>
        VietnameseText.Normalise(names.Select(n => element.Element(n)?.Value).FirstOrDefault(v => v is not null) ?? "");

    private static string All(XElement element, string name) => string.Join('+', element.Elements(name).Select(e => VietnameseText.Normalise(e.Value)));

    private static SheetRow Row(int number, IEnumerable<string> cells) => new(number, cells.Index().Where(c => c.Item.Length > 0)
        .ToDictionary(c => c.Index, c => new SheetCell(c.Item, IsNumber: false, HasFormula: false)));

    private static Error NotFet() => Error.Invalid("not_fet", "Tệp này không phải thời khóa biểu của FET. Hãy chọn tệp …_data_and_timetable.fet, .xlsx hoặc .csv.");
}
