using System.Text;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Who to call at home, in and out of a pupils' file.</summary>
public sealed class ImportGuardiansTests : IDisposable
{
    private const string Headings = "Lớp,Họ tên,Ngày sinh,Họ và tên bố,SĐT bố,Họ tên mẹ,Điện thoại mẹ,Người giám hộ,Số điện thoại người giám hộ,Quan hệ với học sinh\n";

    private readonly ImportBox box = new();

    public ImportGuardiansTests() => box.Class("5A");

    private ImportPupils Kind => new(box.Catalogue, box.Seals, box.Clock, [new PapersOfPupils()]);

    public void Dispose() => box.Dispose();

    [Fact]
    public async Task Guardians_come_in_by_their_headings_once_and_go_back_with_the_import()
    {
        var file = File(
            """
            5A,Nguyễn Văn An,05/09/2015,Nguyễn Văn Ba,0912 345 678,Lê Thị Mai,+84 987 654 321,Trần Thị Bà,0274 - 3822123,Bà ngoại
            5A,Trần Thị Bình,06/09/2015,Trần Văn Cha,,Phạm Thị Mẹ,0911111111 / 0922222222,Phạm Thị Mẹ,,
            5A,Lê Chi,07/09/2015,,0933333333,Đỗ Thị Dung,,Ông Tư,không có,bạn của ba
            """);
        var plan = box.Plan(Kind, file);
        Assert.Equal((3, "Người giám hộ: thêm 5, sửa 0."), (plan.Count(Verdict.Add), Assert.Single(plan.Notes).Vietnamese));
        Assert.Equal(
            ["Thêm người giám hộ: Nguyễn Văn Ba (Cha), 0912345678", "Thêm người giám hộ: Lê Thị Mai (Mẹ), +84987654321", "Thêm người giám hộ: Trần Thị Bà (Ông, bà), 02743822123"],
            plan.Rows[0].Notes.Select(n => n.Vietnamese));
        Assert.Empty(plan.Rows[0].Issues);
        Assert.Equal(["SĐT mẹ"], plan.Rows[1].Issues.Select(i => i.Column));
        Assert.Equal(["Quan hệ người giám hộ", "SĐT cha", "SĐT người giám hộ"], plan.Rows[2].Issues.Select(i => i.Column).Order(StringComparer.Ordinal));
        Assert.All(plan.Rows.SelectMany(r => r.Issues), i => Assert.True(i.IsWarning));

        var run = await box.Write(Kind, file);
        Assert.Equal(
            [new("Nguyễn Văn Ba", Kinship.Father, "0912345678"), new("Lê Thị Mai", Kinship.Mother, "+84987654321"), new("Trần Thị Bà", Kinship.Grandparent, "02743822123")],
            GuardiansOf("Nguyễn Văn An"));
        Assert.Equal([new("Phạm Thị Mẹ", Kinship.Mother, "0911111111")], GuardiansOf("Trần Thị Bình"));
        Assert.Equal([new("Ông Tư", Kinship.Other)], GuardiansOf("Lê Chi"));
        Assert.Equal(("Trần Văn Cha", "Đỗ Thị Dung"), (Family("Trần Thị Bình").FatherName, Family("Lê Chi").MotherName));
        Assert.Equal(3, box.Plan(Kind, file).Count(Verdict.Same));
        Assert.DoesNotContain(box.Store.All<Pupil>(ImportBox.School), p => $"{p.Value}".Contains("Bà", StringComparison.Ordinal));

        await box.Undo(Kind, run);
        Assert.Empty(box.Store.All<Pupil>(ImportBox.School));
    }

    [Fact]
    public async Task A_later_file_corrects_a_guardian_adds_another_and_leaves_the_others_until_it_is_taken_back()
    {
        await box.Write(Kind, File("5A,Nguyễn Văn An,05/09/2015,Nguyễn Văn Ba,0912345678,Lê Thị Mai,0987654321,Trần Thị Bà,0900000001,Bà"));
        var before = GuardiansOf("Nguyễn Văn An");
        var file = File("5A,Nguyễn Văn An,05/09/2015,Nguyễn Văn Bá,,,0987000000,Lê Văn Cậu,0900000009,cậu ruột");
        var plan = box.Plan(Kind, file);
        Assert.Equal("Người giám hộ: thêm 1, sửa 2.", Assert.Single(plan.Notes).Vietnamese);
        var run = await box.Write(Kind, file);
        Assert.Equal(
            [new("Nguyễn Văn Bá", Kinship.Father, "0912345678"), new("Lê Thị Mai", Kinship.Mother, "0987000000"), before[2], new("Lê Văn Cậu", Kinship.Relative, "0900000009")],
            GuardiansOf("Nguyễn Văn An"));
        Assert.Equal(1, box.Plan(Kind, file).Count(Verdict.Same));
        await box.Undo(Kind, run);
        Assert.Equal(before, GuardiansOf("Nguyễn Văn An"));
        Assert.Equal("Nguyễn Văn Ba", Family("Nguyễn Văn An").FatherName);

        // No more than a pupil's page has room for.
        var many = string.Join("; ", Enumerable.Range(1, 5).Select(n => $"Người {(char)('A' + n)} | Khác"));
        var full = ImportBox.File(Kind, $"Lớp,Họ tên,Ngày sinh,Người giám hộ khác\n5A,Nguyễn Văn An,05/09/2015,{many}");
        Assert.Equal(2, Assert.Single(box.Plan(Kind, full).Rows).Issues.Count(i => i.Column == "Người giám hộ khác"));
        await box.Write(Kind, full);
        Assert.Equal(Guardians.Max, GuardiansOf("Nguyễn Văn An").Count);
    }

    [Fact]
    public async Task What_is_taken_away_with_numbers_fills_an_empty_school_with_the_same_families()
    {
        Guardian[][] families =
        [
            [new("Nguyễn Văn Ba", Kinship.Father, "0912345678", null, false, 1), new("Lê Thị Mai", Kinship.Mother, "0987654321", "mai@vidu.example", true, 2)],
            [new("Cô Út", Kinship.Relative, null, "ut@vidu.example", true, 9),
                new("Cha Dượng", Kinship.Father, "0900000001"), new("Bà Nội", Kinship.Grandparent, "0900000002", null, true)],
            // Nobody said who is called first: it is whoever stands first.
            [new("Bà Ngoại", Kinship.Grandparent, "0900000003"), new("Mẹ Hai", Kinship.Mother, "0900000004")],
            [],
        ];
        string?[] fathers = ["Nguyễn Văn Ba", "Nguyễn Cha Ruột", null, "Chỉ Có Tên"];
        foreach (var (i, family) in families.Index())
        {
            var id = RecordId.New(box.Clock);
            var secrets = new PupilSecrets(Phone: i == 0 ? "0911000000" : null, FatherName: fathers[i], MotherName: i == 0 ? "Lê Thị Mai" : null,
                Guardians: Guardians.ToText(family));
            box.Store.Seed([.. Compose.Pupil(box.Catalogue, ImportBox.School, id,
                secrets.SealInto(new(null, $"Em {(char)('A' + i)}", "2015-09-05", Gender.Male), box.Seals, ImportBox.School, id), ClassOf(box), ImportBox.First)]);
        }
        var table = Export(box, opens: true);
        foreach (var bytes in new[] { Csv.Write(table), XlsxWriter.Write(table) })
        {
            using var other = new ImportBox();
            other.Class("5A");
            var kind = new ImportPupils(other.Catalogue, other.Seals, other.Clock, []);
            await other.Write(kind, ImportBox.File(kind, bytes));
            Assert.Equal(Csv.Write(table), Csv.Write(Export(other, opens: true)));
            Assert.Equal(4, other.Plan(kind, ImportBox.File(kind, bytes)).Count(Verdict.Same));
            Assert.Equal(families[..2], Enumerable.Range(0, 2).Select(i => GuardiansOf($"Em {(char)('A' + i)}", other).ToArray()));
            Assert.Equal(["Bà Ngoại", "Mẹ Hai"], GuardiansOf("Em C", other).Select(g => g.Name));
        }
        Assert.All(box.Plan(Kind, ImportBox.File(Kind, Csv.Write(table))).Rows.Where(r => r.Name != "Em C"), r => Assert.Equal(Verdict.Same, r.Verdict));
        var masked = Encoding.UTF8.GetString(Csv.Write(Export(box, opens: false)));
        Assert.All(["Cha", "mẹ", "0900000001", "Người giám hộ", "ut@vidu.example"], hidden => Assert.DoesNotContain(hidden, masked, StringComparison.Ordinal));
    }

    private ImportFile File(string rows) => ImportBox.File(Kind, Headings + rows);

    private static Guid ClassOf(ImportBox box) => box.Store.All<SchoolClass>(ImportBox.School).Single().Id;

    private static Table Export(ImportBox box, bool opens) => new PupilTable(box.Seals, box.Clock).Make(
        box.Store, new(ImportBox.School, box.Store.Get<SchoolClass>(ImportBox.School, ClassOf(box))!, ImportBox.First, opens)).Value;

    private PupilSecrets Family(string name, ImportBox? of = null)
    {
        var pupil = (of ?? box).Store.All<Pupil>(ImportBox.School).Single(p => p.Value.FullName == name);
        return PupilSecrets.Of((of ?? box).Seals, ImportBox.School, pupil.Id, pupil.Value);
    }

    private IReadOnlyList<Guardian> GuardiansOf(string name, ImportBox? of = null) => Guardians.Of(Family(name, of));
}
