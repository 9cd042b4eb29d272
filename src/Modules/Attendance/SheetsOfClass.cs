using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>Attendance that was taken in a class of the new year keeps the class and who is in it.</summary>
internal sealed class SheetsOfClass : ClassWork
{
    public override Error? WhyKept(IRecords records, Scope school, Row<SchoolClass> schoolClass, DateOnly first) =>
        records.Views<SessionSheet>(school, first.Iso()).Any(s => s.Class == schoolClass.Id)
            ? Error.Conflict("roll_attendance", "Lớp {0} của năm học mới đã điểm danh nên không hoàn tác được. Hãy sửa từng em ở trang Học sinh.", schoolClass.Value.Name)
            : null;
}
