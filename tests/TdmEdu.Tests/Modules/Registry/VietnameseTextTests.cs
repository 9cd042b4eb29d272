using System.Text;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Tests.Modules.Registry;

public class VietnameseTextTests
{
    [Theory]
    [InlineData("Hoà", "Hòa")]
    [InlineData("THUÝ", "Thúy")]
    [InlineData("  Nguyễn   Văn  An ", "nguyễn văn an")]
    public void One_name_in_two_spellings_is_one_name(string a, string b)
    {
        Assert.Equal(VietnameseText.Key(a), VietnameseText.Key(b));
        Assert.Equal(VietnameseText.Key(a.Normalize(NormalizationForm.FormD)), VietnameseText.Key(b));
    }

    [Theory]
    [InlineData("Hòa", "Hoa")]
    [InlineData("Đạt", "Dạt")]
    [InlineData("Hân", "Han")]
    public void Another_letter_or_tone_is_another_name(string a, string b) => Assert.NotEqual(VietnameseText.Key(a), VietnameseText.Key(b));

    [Theory]
    [InlineData("Trường Tiểu học Định Hoà", "truong tieu hoc dinh hoa")]
    [InlineData("ĐẶNG ƯỚC", "dang uoc")]
    public void Search_text_has_no_tones(string text, string folded) => Assert.Equal(folded, VietnameseText.Fold(text));

    [Fact]
    public void Names_sort_by_given_name_then_family_name()
    {
        string[] names = ["Trần Văn Bình", "Nguyễn Thị Ánh", "Lê Văn An", "Đỗ Văn An", "Nguyễn Văn Ân", "Phạm Đăng", "Phạm Dũng"];
        Assert.Equal(
            ["Đỗ Văn An", "Lê Văn An", "Nguyễn Thị Ánh", "Nguyễn Văn Ân", "Trần Văn Bình", "Phạm Dũng", "Phạm Đăng"],
            names.Order(VietnameseText.ByGivenName));
    }
}
