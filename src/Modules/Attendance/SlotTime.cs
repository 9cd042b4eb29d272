using TdmEdu.Modules.Registry;

namespace TdmEdu.Modules.Attendance;

public static class SlotTime
{
    /// <summary>Before a session has begun it is not "not submitted": the afternoon is not late in the morning.</summary>
    public static bool HasBegun(this Slot slot, DateOnly date, TimeProvider clock) =>
        date < clock.Today() || (date == clock.Today() && slot <= clock.SlotNow());
}
