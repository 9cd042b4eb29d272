using TdmEdu.Central.Duplicates;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Central;

/// <summary>How much two pupils of two schools look like one, point by point.</summary>
public class LikenessTests
{
    private static readonly Guid A = new(1, 0, 0, new byte[8]);
    private static readonly Guid B = new(2, 0, 0, new byte[8]);
    private int number;

    [Theory]
    [InlineData("2016-03-04", "2016-03-04", Gender.Female, null, null, 75)]
    [InlineData("2016-03-04", "2016-03-04", Gender.Female, "0901", "0901", 100)]
    [InlineData("2016-03-04", "2016-03-04", Gender.Male, null, null, 45)]
    [InlineData("2016-03-04", "2016", Gender.Female, "0901", "0901", 80)]
    [InlineData("2016-03-04", "2016-03-05", Gender.Female, "0901", "0901", 40)]
    [InlineData("2016-03-04", "2016-03-04", Gender.Female, "0901", "0902", 75)]
    public void Each_thing_in_common_has_its_points(string birth, string other, Gender gender, string? phone, string? otherPhone, int points)
    {
        var pair = Likeness.Of(Pupil(A, birth, phone: phone), Pupil(B, other, gender, otherPhone));
        Assert.Equal(points, pair.Points);
        Assert.Equal(points, pair.Why.Sum(r => r.Points));
    }

    [Fact]
    public void The_same_identity_number_is_certain_whatever_the_name_and_another_one_speaks_against()
    {
        var (lan, married) = (Pupil(A, "2016-03-04", id: "x"), Pupil(B, "2016-03-04", id: "x") with { Name = "le thi lan" });
        Assert.True(Likeness.Of(lan, married).Points >= Likeness.Certain);
        Assert.Single(Likeness.Pairs([lan, married]));
        Assert.Empty(Likeness.Pairs([lan, Pupil(B, "2016-03-04", id: "y")]));
    }

    [Fact]
    public void A_number_that_many_have_says_nothing_and_one_school_or_one_id_is_no_pair()
    {
        Assert.Empty(Likeness.Pairs(Enumerable.Range(0, 4).Select(n => Pupil(new Guid(n, 1, 0, new byte[8]), $"201{n}-01-01", id: "000000000000") with { Name = $"em {n}" })));
        var lan = Pupil(A, "2016-03-04");
        Assert.Empty(Likeness.Pairs([lan, Pupil(A, "2016-03-04")]));
        Assert.Empty(Likeness.Pairs([lan, lan with { School = B }]));
        Assert.Single(Likeness.Pairs([lan, Pupil(B, "2016-03-04")]));
    }

    [Fact]
    public void A_city_is_compared_by_keys_and_not_each_with_each()
    {
        var city = Enumerable.Range(0, 70_907).Select(n => Pupil(
            new Guid(n % 160, 2, 0, new byte[8]), $"{2012 + n % 13}-{n % 12 + 1:00}-{n % 28 + 1:00}") with { Name = $"em {n / 2}" }).ToList();
        city.Add(city[7] with { School = A, Id = Guid.CreateVersion7() });
        var pair = Assert.Single(Likeness.Pairs(city));
        Assert.Equal("em 3", pair.First.Name);
    }

    private PupilFacts Pupil(Guid school, string birth, Gender gender = Gender.Female, string? phone = null, string? id = null) =>
        new(school, new Guid(++number, 9, 0, new byte[8]), "tran thi lan", birth, gender, null, id, phone);
}
