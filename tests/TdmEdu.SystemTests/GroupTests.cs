using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Central.Storage;
using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>A unit that has no box: its teacher takes attendance on Central's own page.</summary>
public class GroupTests(City city)
{
    private const string Code = "NLDL0001";
    private const string ClassName = "Nhóm Hoa Mai";
    private const string Password = "mật-khẩu-rất-dài-9";
    private static readonly Guid Group = Guid.CreateVersion7();

    [Fact]
    public async Task A_group_s_teacher_submits_at_Central_also_after_the_line_was_cut()
    {
        await using var store = await AddGroup();
        using var line = new Relay(city.Stack.CentralUrl.Port);
        await using var teacher = await city.Visit(new($"https://localhost:{line.Port}"));
        await teacher.Page.GotoAsync("/dang-nhap?tiep=/diem-danh");
        await teacher.Page.FillAsync("#ten", $"co@{Code}");
        await teacher.Page.FillAsync("#matkhau", Password);
        await teacher.Page.ClickAsync("main button:has-text('Đăng nhập')");
        await teacher.Page.WaitForURLAsync("**/diem-danh");
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await Expect(teacher.Page.Locator(".site-name")).ToHaveTextAsync("Nhóm trẻ Hoa Mai");
        await Expect(teacher.Page.Locator("button.class-card")).ToHaveCountAsync(1);
        await PageTests.Check(teacher.Page);
        await phone.WaitUntilInstalled();
        await phone.OpenClass(ClassName);

        line.Cut();
        await teacher.Context.SetOfflineAsync(true);
        await phone.MarkThree();
        await phone.Send();
        await phone.Expect("phone");
        await Expect(teacher.Page.Locator("#capture-notice")).ToContainTextAsync("Không kết nối được Phòng Giáo dục");
        await teacher.Page.ReloadAsync();
        await phone.Expect("phone");
        line.Mend();
        await teacher.Context.SetOfflineAsync(false);
        await phone.Expect("centre", withinSeconds: 60);
        await Expect(phone.State).ToHaveTextAsync("Đã đến trung tâm");

        var sheets = await store.Services.GetRequiredService<IRecordStore>().Read(r => r.Views<SessionSheet>(Scope.School(Group)), TestContext.Current.CancellationToken);
        var tally = Assert.Single(sheets).Tally!;
        Assert.Equal((6, 1, 1, 1), (tally.Pupils, tally.Unexcused, tally.Excused, tally.Late));
        await using var department = await city.SignIn("", "chuyenvien");
        await department.Page.GotoAsync("/hom-nay");
        await Expect(department.Page.Locator("tbody tr", new() { HasTextString = "Nhóm trẻ Hoa Mai" }).Locator("[data-line]")).ToHaveAttributeAsync("data-line", "central");
    }

    /// <summary>Through the same door as the department's pages, beside the running Central; from today on, so that other days are what they were.</summary>
    private async Task<WebApplication> AddGroup()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(city.Stack.CentralData, "central.db")}";
        builder.Services.AddCentralStore();
        var app = builder.Build();
        var (store, catalogue, clock) = (app.Services.GetRequiredService<IRecordStore>(), app.Services.GetRequiredService<Catalogue>(), TimeProvider.System);
        var (scope, today, cancel) = (Scope.School(Group), clock.Today(), TestContext.Current.CancellationToken);
        var year = (await store.Read(r => r.All<SchoolYear>(Scope.City), cancel)).Single(y => y.Value.From <= today && today <= y.Value.To).Value.Name;
        var (lop, teacher) = (Compose.Class(catalogue, scope, new(ClassName, null, year, [Slot.Morning, Slot.Afternoon])), RecordId.New(clock));
        Draft[] drafts =
        [
            catalogue.Create(Scope.City, Group, new Unit(UnitKind.IndependentGroup, Code, "Nhóm trẻ Hoa Mai", "NLDL", null, today, null, SampleCode: true)),
            lop.Draft, .. Compose.Staff(catalogue, scope, teacher, new("Cô Mai", "Giáo viên"), "co", Password, Roles.Teacher | Roles.HomeroomTeacher),
            Compose.Assignment(catalogue, scope, new(teacher, lop.Id, today, null, Homeroom: true)),
            .. Enumerable.Range(0, 6).SelectMany(n => Compose.Pupil(catalogue, scope, RecordId.New(clock), new(null, $"Bé Thử {n}", null, null), lop.Id, today)),
        ];
        var saved = await store.Decide(new(Guid.Empty, Scope.City, Roles.DepartmentIt), _ => new Decision<int>(drafts.Length, drafts), cancel);
        Assert.True(saved.Ok);
        return app;
    }
}
