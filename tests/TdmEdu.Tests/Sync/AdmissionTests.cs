using TdmEdu.Sync.Central;

namespace TdmEdu.Tests.Sync;

/// <summary>Who goes first, and how much may be kept.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public void Threat_T24_What_is_kept_without_effect_takes_up_a_days_room_that_comes_back_as_the_day_goes()
    {
        const long halfDay = 12 * 3_600_000;
        var (admission, box) = (new Admission(), new Guid(3, 0, 0, new byte[8]));
        Assert.Equal(Admission.KeptBytesPerDay, admission.KeptBytesLeft(box, 0));
        admission.Kept(box, Admission.KeptBytesPerDay, 0);
        Assert.Equal(0, admission.KeptBytesLeft(box, 0));
        Assert.Equal(Admission.KeptBytesPerDay / 2, admission.KeptBytesLeft(box, halfDay));
        Assert.Equal(Admission.KeptBytesPerDay, admission.KeptBytesLeft(box, 3 * halfDay));
        Assert.Equal(Admission.KeptBytesPerDay, admission.KeptBytesLeft(new Guid(4, 4, 4, new byte[8]), 0));
    }

    /// <summary>The calls stand in the order in which they come; those that were turned away come back when they were told to.</summary>
    [Fact]
    public void Attendance_that_waits_for_room_goes_before_bulk_that_waits_and_bulk_goes_once_nobody_else_waits()
    {
        var (admission, order) = (new Admission(), new List<string>());
        var boxes = Enumerable.Range(10, Admission.CallsMax + 2).Select(n => new Guid(n, 0, 0, new byte[8])).ToList();
        boxes.Take(Admission.CallsMax).ToList().ForEach(b => Assert.Null(admission.Enter(b, 0)));
        var (bulk, attendance) = (boxes[^1], boxes[^2]);
        Assert.True(admission.Enter(bulk, 0, bulk: true) > 0);
        var backAt = admission.Enter(attendance, 0)!.Value;
        admission.Leave(boxes[0]);
        for (var now = 0; order.Count < 2; now += 50)
        {
            if (!order.Contains("bulk") && admission.Enter(bulk, now, bulk: true) is null)
            {
                order.Add("bulk");
                admission.Leave(bulk);
            }
            if (now >= backAt && !order.Contains("attendance") && admission.Enter(attendance, now) is null)
            {
                order.Add("attendance");
                admission.Leave(attendance);
            }
        }
        Assert.Equal(["attendance", "bulk"], order);
    }
}
