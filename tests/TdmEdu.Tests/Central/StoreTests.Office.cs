using Microsoft.EntityFrameworkCore;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    private static readonly Actor Officer = new(new Guid(7, 7, 7, new byte[8]), Scope.City, Roles.DepartmentOfficer);

    [Fact]
    public async Task Decision_of_a_role_without_rights_is_denied_and_writes_nothing()
    {
        var box = await central.Enrol();
        var draft = central.Catalogue.Create(box.Identity.School, A, new Note("x"));
        var teacher = await central.Records.Decide<bool>(Officer with { Roles = Roles.Teacher }, _ => new(true, [draft]), Cancel);
        var stranger = await central.Records.Decide<bool>(Officer with { Scope = Scope.School(B) }, _ => new(true, [draft]), Cancel);
        var edgeOnly = await central.Records.Decide<bool>(Officer, _ => new(true, [draft with { Entity = "test.fragile" }]), Cancel);
        Assert.Equal(["role_denied", "role_denied", "not_written_here"], new[] { teacher, stranger, edgeOnly }.Select(r => r.Error.Reason));
        await using var db = central.Db();
        Assert.Equal(0, await db.Ops.CountAsync(Cancel));
    }

    [Fact]
    public async Task Decision_in_several_scopes_is_one_and_stands_above_a_fast_clock()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("đồng hồ nhanh"), Hlc.At(central.NowMs + 50_000)));
        await Write(central.Catalogue.Create(box.Identity.School, A, new Note("của Phòng")),
            central.Catalogue.Create(Scope.City, B, new Note("chung")));
        var school = box.Identity.School;
        var (mine, city, counters) = await central.Records.Query(
            r => (r.Get<Note>(school, A), r.Get<Note>(Scope.City, B), r.Counters()), Cancel);
        Assert.Equal(("của Phòng", "chung", 2, 1), (mine!.Value.Text, city!.Value.Text, counters[school], counters[Scope.City]));
        var bad = await central.Records.Decide<bool>(
            Officer,
            _ => new(
                true,
                [central.Catalogue.Create(school, B, new Note("a")), central.Catalogue.Create(Scope.City, A, new Note("b", -1))]),
            Cancel);
        Assert.Equal("number_negative", bad.Error.Reason);
        Assert.Null(await central.Records.Read(r => r.Get<Note>(school, B), Cancel));
        var receipts = await central.Records.Receipts<Note>(school, [A, B], Cancel);
        Assert.Equal([(A, Receipt.AtCentre)], receipts.Select(r => (r.Key, r.Value)));
    }

    [Fact]
    public async Task Pages_of_records_follow_the_index_byte_by_byte_without_the_deleted()
    {
        var box = await central.Enrol();
        string[] texts = ["b", "a", "Đ", "a", "B", "z"];
        await box.Push(texts.Select((t, n) => box.Op(new Guid(n, 5, 0, new byte[8]), new Note(t))));
        var last = box.Op(new Guid(5, 5, 0, new byte[8]), new Note(""), Hlc.At(central.NowMs + 1));
        var delete = last with { Kind = OpKind.Delete, Data = default };
        await box.Push(delete);
        var read = new List<string>();
        string? cursor = null;
        do
        {
            var page = await central.Records.Read(r => r.Page<Note>(box.Identity.School, cursor: cursor, rowsMax: 2), Cancel);
            read.AddRange(page.Rows.Select(r => r.Value.Text));
            cursor = page.Cursor;
        }
        while (cursor is not null);
        Assert.Equal(["B", "a", "a", "b", "Đ"], read);
        var range = await central.Records.Read(r => r.Page<Note>(box.Identity.School, "a", "b"), Cancel);
        Assert.Equal(2, range.Rows.Count);
        Assert.Null(await central.Records.Read(r => r.Get<Note>(box.Identity.School, delete.Id), Cancel));
    }

    private async Task Write(params Draft[] drafts)
    {
        var actor = Officer with { Roles = Roles.DepartmentOfficer | Roles.DepartmentIt };
        Assert.True((await central.Records.Decide<bool>(actor, _ => new(true, drafts), Cancel)).Ok);
    }
}
