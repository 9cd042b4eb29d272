using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>Who was on a list that was sent, or whose family has written, stays in the class.</summary>
internal sealed class SheetsOfPupils(TimeProvider clock) : PupilWork
{
    public override IEnumerable<(Guid Pupil, Text Why)> WhyKept(
        IRecords records, Scope school, Guid schoolClass, DateOnly from, IReadOnlySet<Guid> pupils)
    {
        for (var month = MonthBook.FirstOf(from); month <= clock.Today(); month = month.AddMonths(1))
        {
            foreach (var pupil in MonthBook.Of(records, school, schoolClass, month)?.Said().Where(pupils.Contains) ?? [])
            {
                yield return (pupil, new("Đã được điểm danh."));
            }
        }
        foreach (var pupil in pupils.Where(p => records.View<PupilNotices>(school, p) is not null))
        {
            yield return (pupil, new("Gia đình đã gửi đơn xin nghỉ."));
        }
    }
}
