using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public sealed class ImportStaffTests : IDisposable
{
    private readonly ImportBox box = new();

    private ImportStaff Kind => new(box.Catalogue, box.Clock);

    public void Dispose() => box.Dispose();

    [Fact]
    public async Task People_are_added_without_a_password_changed_and_taken_back()
    {
        var lan = box.Teacher("Nguyễn Thị Lan", "lannt");
        var file = ImportBox.File(
            Kind, "Họ và tên,Chức vụ,Vai trò,Tài khoản\nnguyễn thị lan,Tổ trưởng,,\nLê Hoà,Giáo viên,\"Giáo viên, Giáo viên chủ nhiệm\",\nLê Hoà,Văn thư,Văn phòng,hoa.vt\n");
        Assert.Equal([Verdict.Change, Verdict.Add, Verdict.Add], box.Plan(Kind, file).Rows.Select(r => r.Verdict));
        var run = await box.Write(Kind, file, ImportBox.Head);
        var accounts = box.Store.All<Account>(ImportBox.School).ToDictionary(a => a.Value.UserName);
        Assert.Equal((Roles.Teacher | Roles.HomeroomTeacher, Roles.Office), (accounts["hoal"].Value.Roles, accounts["hoa.vt"].Value.Roles));
        Assert.False(PasswordHash.Verify("", accounts["hoal"].Value.PasswordHash));
        Assert.Equal(new Staff("Nguyễn Thị Lan", "Tổ trưởng"), box.Store.Get<Staff>(ImportBox.School, lan)!.Value);

        // One of them has a password by now.
        box.Store.Seed([box.Catalogue.Change(ImportBox.School, accounts["hoa.vt"], accounts["hoa.vt"].Value.Given(PasswordHash.Of("x"), box.Clock.GetUtcNow()))!]);
        var subjects = await box.Undo(Kind, run, ImportBox.Head);
        Assert.Equal("Đã được sửa sau khi nhập.", Assert.Single(subjects, s => s.Why is not null).Why!.Vietnamese);
        Assert.Equal(["hoa.vt", "lannt"], box.Store.All<Account>(ImportBox.School).Select(a => a.Value.UserName).Order(StringComparer.Ordinal));
        Assert.Equal("Giáo viên", box.Store.Get<Staff>(ImportBox.School, lan)!.Value.Title);
    }

    [Theory]
    [InlineData("Lê Hoà,,Giáo viên,", "Chức danh", "Hãy ghi chức danh")]
    [InlineData("Lê Hoà,Giáo viên,,", "Việc được giao", "ít nhất một việc")]
    [InlineData("Lê Hoà,Giáo viên,Quản trị của Phòng,", "Việc được giao", "Không hiểu việc được giao")]
    [InlineData("Lê =Hoà,Giáo viên,Giáo viên,", "Họ tên", "chỉ gồm chữ cái")]
    [InlineData("Lê Hoà,Giáo viên,Giáo viên,a b", "Tên đăng nhập", "Tên đăng nhập dài")]
    [InlineData("Nguyễn Thị Lan,,Hiệu trưởng,", "Việc được giao", "không đổi bằng tệp")]
    [InlineData("Trần Văn Ân,Bảo vệ,,", "Họ tên", "Trường có 2 người tên này")]
    public void A_wrong_cell_is_named(string row, string column, string reason)
    {
        box.Teacher("Nguyễn Thị Lan", "lannt");
        box.Teacher("Trần Văn Ân", "antv");
        box.Teacher("Trần Văn Ân", "antv2");
        var planned = Assert.Single(box.Plan(Kind, ImportBox.File(Kind, $"Họ tên,Chức danh,Việc được giao,Tên đăng nhập\n{row}\n")).Rows);
        var issue = Assert.Single(planned.Issues);
        Assert.Equal((Verdict.Wrong, column, 0), (planned.Verdict, issue.Column, planned.Drafts.Count));
        Assert.Contains(reason, issue.Reason.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_office_writes_no_accounts()
    {
        var file = ImportBox.File(Kind, "Họ tên,Chức danh,Vai trò\nLê Hoà,Giáo viên,Giáo viên\n");
        var written = await new RunImport(box.Store, box.Catalogue, box.Seals, box.Clock)
            .Write(ImportBox.Office, Kind, file, RecordId.New(box.Clock), _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal("role_denied", written.Error.Reason);
    }

    [Fact]
    public async Task What_is_taken_away_comes_in_again_as_it_was()
    {
        await box.Write(Kind, ImportBox.File(
            Kind,
            "Họ tên,Chức danh,Vai trò,Tài khoản\n'Y Bih,\"'=1+1, \"\"Toán\"\"\",Giáo viên,007\n-An Nguyê\u0303n,'@Tổ trưởng;\t+1,\"Văn phòng, Hiệu trưởng\",\n" +
            "Lê Hoà,00123,CNTT của trường,hoa-1\nLê Hòa,'-,Giáo viên,hoa-2\n"), ImportBox.Head);
        var table = Kind.Export(box.Store, ImportBox.School)!;
        Assert.Contains(table.Rows, r => r[1].Text == "=1+1, \"Toán\"");
        foreach (var (file, isCsv) in new[] { (Csv.Write(table), true), (XlsxWriter.Write(table), false) })
        {
            using var other = new ImportBox();
            await other.Write(Kind, ImportBox.File(Kind, file), ImportBox.Head);
            var again = Kind.Export(other.Store, ImportBox.School)!;
            Assert.Equal(4, again.Rows.Count);
            if (isCsv)
            {
                Assert.Equal(file, Csv.Write(again));
            }
            else
            {
                Assert.Equal(ImportBox.Cells(file, 9), ImportBox.Cells(XlsxWriter.Write(again), 9));
            }
            Assert.All(box.Plan(Kind, ImportBox.File(Kind, file)).Rows, r => Assert.Equal(Verdict.Same, r.Verdict));
        }
    }
}
