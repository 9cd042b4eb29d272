using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>What is taken away comes in again as it was, whatever people are called.</summary>
public partial class ImportPupilsTests
{
    private static readonly string[] Odd =
    [
        "'Y Bih Niê", "’Y Thông", "-An", "Nguyê\u0303n Thi\u0323 Hoa\u0300", "Tôn Nữ Thị Hoàng-Anh", "O'Connor Mai", "D’Arc Ân", ".A", "A",
        string.Join(' ', Enumerable.Repeat("Công", 20)), "Đỗ  Thị   Bé", "Hoà", "ỳ Ỹ",
    ];

    [Fact]
    public async Task A_list_of_odd_names_ids_and_dates_comes_out_as_it_went_in()
    {
        string?[] ids = ["0000000001", null, "AB12", "0074000001"];
        string?[] births = ["05/09/2015", "2015", "09/2015", null];
        await Apply(File([.. Odd.Select((name, i) => PupilWorkbook.Row(
            "5A", ids[i % 4] is { } id ? id[..^2] + $"{i:00}" : null, name, births[i / 2 % 4], i % 2 == 0 ? "Nam" : null))]));
        var table = Export(store, class5A);
        Assert.Equal(Odd.Length, table.Rows.Count);
        foreach (var (file, isCsv) in new[] { (Csv.Write(table), true), (XlsxWriter.Write(table), false) })
        {
            var other = new KernelStore(Side.Edge, clock);
            other.Seed([Compose.Year(other.Catalogue, new("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1])),
                Compose.Class(other.Catalogue, School, new("5A", 5, "2026-2027", [Slot.Morning])).Draft]);
            var read = PupilFiles.FileOf(School, new MemoryStream(file), Today).Value;
            Assert.True((await new RunImport(other, other.Catalogue, seals, clock)
                .Write(Office, Kind, read, RecordId.New(clock), _ => { }, TestContext.Current.CancellationToken)).Ok);
            var again = Export(other, class5A);
            if (isCsv)
            {
                Assert.Equal(file, Csv.Write(again));
            }
            else
            {
                Assert.Equal(ImportBox.Cells(file, Odd.Length), ImportBox.Cells(XlsxWriter.Write(again), Odd.Length));
            }
            Assert.All(Plan(read).Rows, r => Assert.Equal(Verdict.Same, r.Verdict));
        }
    }

    private Table Export(KernelStore from, Guid schoolClass) =>
        new PupilTable(seals, clock).Make(from, new(School, from.Get<SchoolClass>(School, schoolClass)!, Today, OpensPhones: true)).Value;
}
