using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class AccountRulesTests
{
    private static readonly Guid Me = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Actor It = new(Me, Scope.City, Roles.DepartmentIt);
    private static readonly Guid Somebody = Guid.Parse("01900000-0000-7000-8000-000000000c09");
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));

    [Theory]
    [InlineData("Nguyễn Thị Lan", "lannt2")]
    [InlineData("Đặng  Đình Ước", "uocdd")]
    [InlineData("H’Hen Niê", "nieh")]
    [InlineData("Ý", "canboy")]
    [InlineData("李", "canbo")]
    public void A_user_name_is_made_of_the_given_name_and_initials_and_is_free(string fullName, string expected) =>
        Assert.Equal(expected, Accounts.Propose(fullName, new HashSet<string> { "lannt" }));

    [Theory]
    [InlineData("Lan.NT", "lan.nt")]
    [InlineData("  Ngọc-1 ", "ngoc-1")]
    [InlineData("a", null)]
    [InlineData("lan nt", null)]
    [InlineData("<lan>", null)]
    [InlineData("rất-dài-rất-dài-rất-dài-rất-dài-x", null)]
    public void A_typed_user_name_is_folded_or_refused(string typed, string? expected)
    {
        var name = Accounts.UserName(typed, "Nguyễn Thị Lan", new HashSet<string>());
        Assert.Equal(expected, name.Ok ? name.Value : null);
    }

    [Fact]
    public void Somebody_who_can_undo_a_mistake_always_stays()
    {
        var mine = new Account("it", "", Roles.DepartmentIt | Roles.DepartmentOfficer);
        Assert.Null(Accounts.WhyNot(It, Me, Scope.Department, mine with { Roles = Roles.DepartmentIt }));
        Assert.Equal("own_account", Accounts.WhyNot(It, Me, Scope.Department, mine with { Disabled = true })?.Reason);
        Assert.Equal("own_account", Accounts.WhyNot(It, Me, Scope.Department, mine with { Roles = Roles.DepartmentOfficer })?.Reason);
        Assert.Null(Accounts.WhyNot(It, Somebody, Scope.Department, mine with { Disabled = true }));
    }

    [Fact]
    public void Nobody_at_a_school_gets_the_department_s_rights_and_nobody_gets_none()
    {
        Assert.Equal("roles", Accounts.WhyNot(It, Somebody, School, new("x", "", Roles.Teacher | Roles.DepartmentIt))?.Reason);
        Assert.Equal("roles", Accounts.WhyNot(It, Somebody, School, new("x", "", Roles.None))?.Reason);
        Assert.Equal("roles", Accounts.WhyNot(It, Somebody, Scope.Department, new("x", "", Roles.Head))?.Reason);
    }

    [Fact]
    public void A_new_own_password_is_long_enough_and_typed_twice()
    {
        Assert.Equal("password_short", OwnPasswordPages.WhyNot("ngắn", "ngắn")?.Reason);
        Assert.Equal("password_differs", OwnPasswordPages.WhyNot("một câu ngắn", "một câu dài")?.Reason);
        Assert.Null(OwnPasswordPages.WhyNot("một câu ngắn", "một câu ngắn"));
    }
}
