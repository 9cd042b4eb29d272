using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Modules.Registry;

public class SubjectsTests
{
    [Fact]
    public void Each_code_is_one_subject_and_a_school_teaches_those_of_its_levels()
    {
        Assert.Equal(Subjects.All.Count, Subjects.All.DistinctBy(s => s.Code).Count());
        Assert.Equal("Ngữ văn", Subjects.Find("19")!.Name);
        Assert.Contains(Subjects.At("TH"), s => s.Code == "02");
        Assert.DoesNotContain(Subjects.At("TH"), s => s.Code == "19");
        Assert.Equal(Subjects.All.Count, Subjects.At("TH-THCS").Count());
        Assert.Empty(Subjects.At("MN"));
    }
}
