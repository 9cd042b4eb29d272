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
}
