using TdmEdu.Central.Auditing;
using TdmEdu.Central.Exporting;
using TdmEdu.Central.Schools;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using TdmEdu.Tests.Rights;

namespace TdmEdu.Tests.Central;

/// <summary>Threat T21: what would harm every school waits for a second person.</summary>
public sealed class GuardedActsTests : IAsyncLifetime
{
    private const string Act = "rotate-ca";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("guarded-");
    private CentralHost central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private GuardedActs Acts => central.Get<GuardedActs>();

    public async ValueTask InitializeAsync() => central = await CentralHost.Start();

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Threat_T21_One_person_alone_waits_and_two_may_act_once()
    {
        // Nobody is harmed before the first box, and there is perhaps no second person yet.
        Assert.True((await Acts.Begin(Act, Cancel)).Ok);
        Assert.Equal(("two_persons", 2), await Waits(FullExport.Masked));
        using var box = await central.Enrol(Path.Combine(folder.FullName, "box"));
        var (one, two) = (RecordId.New(central.Clock), RecordId.New(central.Clock));
        Assert.True((await Acts.Begin("join-code", Cancel)).Ok);

        Assert.Equal(("two_persons", 2), await Waits());
        Assert.True((await Acts.Agree(Act, one, Cancel)).Ok);
        Assert.Equal(("two_persons", 1), await Waits());
        Assert.Equal("same_person", (await Acts.Agree(Act, one, Cancel)).Error.Reason);
        Assert.Equal(("two_persons", 1), await Waits());
        Assert.True((await Acts.Agree(Act, two, Cancel)).Ok);
        Assert.Equal(("two_persons", 2), await Waits("retire-ca"));
        Assert.Equal([one, two], (await Acts.Begin(Act, Cancel)).Value);
        Assert.Equal(("two_persons", 2), await Waits());

        await Acts.Agree(Act, one, Cancel);
        central.Clock.Advance(TimeSpan.FromHours(73));
        await Acts.Agree(Act, two, Cancel);
        Assert.Equal(("two_persons", 1), await Waits());
        await Acts.Refuse(Act, one, Cancel);
        Assert.Equal(("two_persons", 2), await Waits());
        Assert.Equal(["", "", "", "", "same_person"], (await central.Audited("guarded_agree")).Order());
        Assert.Single(await central.Audited("guarded_refuse"));
    }

    [Fact]
    public async Task Threat_T21_Two_administrators_agree_on_the_page_or_at_the_machine_and_nobody_else_does()
    {
        using var box = await central.Enrol(Path.Combine(folder.FullName, "box"));
        var catalogue = central.Get<Catalogue>();
        foreach (var (name, roles) in new[] { ("mot", Roles.DepartmentIt), ("hai", Roles.DepartmentIt), ("ba", Roles.DepartmentOfficer) })
        {
            await central.Save([.. Compose.Staff(catalogue, Scope.Department, RecordId.New(central.Clock), new($"Người {name}", ""), name, RightsCity.Password, roles)]);
        }
        Assert.Equal("account_new", (await AtTheMachine("mot")).Error.Reason);
        central.Clock.Advance(AccountHands.RestsFor);
        using (var browser = new WebHost.Browser(central.Web, central.Thumbprint))
        {
            await browser.SignIn("mot", RightsCity.Password);
            await browser.Get("/hai-nguoi");
            await browser.Post("/hai-nguoi", ("viec", Act));
            await browser.Get("/hai-nguoi");
            Assert.Contains("Người mot đã đồng ý, chờ một người nữa.", browser.Html, StringComparison.Ordinal);
        }
        Assert.Equal("sign_in_refused", (await AtTheMachine("hai", "sai")).Error.Reason);
        Assert.Equal("not_it", (await AtTheMachine("ba")).Error.Reason);
        Assert.Equal("same_person", (await AtTheMachine("mot")).Error.Reason);
        Assert.False((await Acts.Begin(Act, Cancel)).Ok);
        Assert.True((await AtTheMachine("Hai")).Ok);
        Assert.True((await Acts.Begin(Act, Cancel)).Ok);

        using var reader = new WebHost.Browser(central.Web, central.Thumbprint);
        await reader.SignIn("hai", RightsCity.Password);
        await reader.Get("/nhat-ky?loai=guarded_agree");
        Assert.Contains("Người hai", reader.Html, StringComparison.Ordinal);
        Assert.Contains("người này đã đồng ý rồi", reader.Html, StringComparison.Ordinal);
        await reader.Get("/nhat-ky?loai=sign_in&ngay=2020-01-01");
        Assert.Contains("Không có mục nào.", reader.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat_T21_Accounts_that_one_person_made_or_reset_are_one_person_for_ever()
    {
        using var box = await central.Enrol(Path.Combine(folder.FullName, "box"));
        var (one, two, other) = (await Account("mot"), await Account("hai"), await Account("khac"));
        var puppet = await Account("con", by: one);
        var grandchild = await Account("chau", by: puppet);
        central.Clock.Advance(AccountHands.RestsFor + TimeSpan.FromMinutes(1));
        Assert.True((await Acts.Agree(Act, one, Cancel)).Ok);
        Assert.Equal("same_hand", (await Acts.Agree(Act, puppet, Cancel)).Error.Reason);
        Assert.Equal("same_hand", (await Acts.Agree(Act, grandchild, Cancel)).Error.Reason);
        await Reset(two, by: one);
        Assert.Equal("account_new", (await Acts.Agree(Act, two, Cancel)).Error.Reason);
        central.Clock.Advance(AccountHands.RestsFor - TimeSpan.FromMinutes(2));
        Assert.Equal("account_new", (await Acts.Agree(Act, two, Cancel)).Error.Reason);
        central.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.True((await Acts.Agree(Act, one, Cancel)).Ok);
        Assert.Equal("same_hand", (await Acts.Agree(Act, two, Cancel)).Error.Reason);
        Assert.False((await Acts.Begin(Act, Cancel)).Ok);
        Assert.True((await Acts.Agree(Act, other, Cancel)).Ok);
        Assert.True((await Acts.Begin(Act, Cancel)).Ok);
    }

    [Fact]
    public async Task Threat_T21_The_machine_makes_two_administrators_and_then_nobody_while_one_of_them_is_there()
    {
        var first = central.Get<FirstAccount>();
        Assert.True((await first.Make("mot", "Nguyễn Văn Một", Cancel)).Ok);
        var second = await first.Make("hai", "Nguyễn Văn Hai", Cancel);
        Assert.True((await ConsoleDoor.Admit(central.Services, "hai", second.Value["hai: ".Length..], "", Cancel)).Error.Reason == "password_due");
        Assert.Equal("not_first", (await first.Make("ba", "Nguyễn Văn Ba", Cancel)).Error.Reason);
        central.Clock.Advance(TimeSpan.FromDays(8));
        Assert.True((await first.Make("ba", "Nguyễn Văn Ba", Cancel)).Ok);
    }

    private async Task<Guid> Account(string name, Guid by = default)
    {
        var id = RecordId.New(central.Clock);
        await Write(by, _ => [.. Compose.Staff(central.Get<Catalogue>(), Scope.Department, id, new($"Người {name}", ""), name, RightsCity.Password, Roles.DepartmentIt)]);
        return id;
    }

    private Task Reset(Guid id, Guid by) => Write(by, records =>
    {
        var before = records.Get<Account>(Scope.Department, id)!;
        return [central.Get<Catalogue>().Change(Scope.Department, before, before.Value.Given("khác", central.Clock.GetUtcNow()))!];
    });

    private async Task Write(Guid by, Func<IRecords, IReadOnlyList<Draft>> drafts) =>
        Assert.True((await central.Get<IRecordStore>().Decide(new Actor(by, Scope.City, Roles.DepartmentIt), r => new Decision<int>(0, drafts(r)), Cancel)).Ok);

    private async Task<Result<string>> AtTheMachine(string userName, string password = RightsCity.Password) =>
        await Acts.Agree(Act, await ConsoleDoor.Admit(central.Services, userName, password, "", Cancel), Cancel);

    private async Task<(string Reason, object? Missing)> Waits(string act = Act)
    {
        var waits = (await Acts.Begin(act, Cancel)).Error;
        return (waits.Reason, waits.Message.Args[0]);
    }
}
