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

    [Theory]
    [InlineData("ngắn quá", false, "password_short")]
    [InlineData("mười bốn chữ!!", false, "password_short")]
    [InlineData("bốn con mèo ngủ trưa", false, null)]
    [InlineData("purple kettle walks north", false, null)]
    [InlineData("mèo ngủ", true, "password_short")]
    [InlineData("mèo ngủ trưa", true, null)]
    [InlineData("matkhau1", true, "password_common")]
    [InlineData("P@ssw0rd2026", true, "password_common")]
    [InlineData("Iloveyou123456!!", false, "password_common")]
    [InlineData("MậtKhẩu@TiểuHọc2026", false, "password_common")]
    [InlineData("qwertyuiop123456789", false, "password_common")]
    [InlineData("3141592653589793238", false, "password_common")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", false, "password_common")]
    [InlineData("Nguyễn Thị Lan 1985", false, "password_common")]
    [InlineData("Trường Tiểu học Định Hòa", false, "password_common")]
    [InlineData("lannt lannt lannt lannt", false, "password_common")]
    public void A_password_is_long_and_not_what_people_guess_first(string wanted, bool withCode, string? reason) => Assert.Equal(
        reason, Passwords.WhyNot(wanted, withCode, "lannt", "Nguyễn Thị Lan", "Trường Tiểu học Định Hòa")?.Reason);

    [Fact]
    public void The_list_of_guessable_passwords_is_long_and_blocks_every_one_of_them()
    {
        Assert.InRange(Passwords.BlockedCount, 3_000, 100_000);
        using var list = new StreamReader(typeof(Passwords).Assembly.GetManifestResourceStream("TdmEdu.Modules.Registry.Data.blocked-passwords.txt")!);
        var words = list.ReadToEnd().Split('\n').Skip(1).SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length >= 8).ToList();
        Assert.All(words, w => Assert.Equal("password_common", Passwords.WhyNot(w, withCode: true)?.Reason));
        Assert.InRange(words.Count, 1_000, 100_000);
    }

    [Fact]
    public void Nobody_has_a_password_for_ever_that_somebody_else_made()
    {
        var given = new Account("lan", "mine", Roles.Teacher, TotpSecret: "secret").Given("theirs", DateTimeOffset.UnixEpoch);
        Assert.True(given.IsGiven());
        Assert.Null(given.TotpSecret);
        Assert.False((given with { PasswordHash = "mine" }).IsGiven());
    }
}
