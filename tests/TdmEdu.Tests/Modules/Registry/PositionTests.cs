using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class PositionTests
{
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid Lan = Guid.Parse("01900000-0000-7000-8000-000000000c01");
    private static readonly Guid Mai = Guid.Parse("01900000-0000-7000-8000-000000000c02");
    private static readonly DateOnly First = new(2026, 9, 1);

    private readonly KernelStore store = new(Side.Central, new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero)));

    public PositionTests() => store.Seed(
    [
        store.Catalogue.Create(Scope.City, School.Owner, new Unit(UnitKind.School, "74718401", "Trường Mẫu", "TH", null, new(2025, 7, 1), null)),
        store.Catalogue.Create(School, Lan, new Staff("Nguyễn Thị Lan", "Giáo viên")), store.Catalogue.Create(School, Mai, new Staff("Lê Thị Mai", "Giáo viên")),
        store.Catalogue.Create(Scope.Department, Lan, new Staff("Nguyễn Thị Lan", "Chuyên viên")),
    ]);

    [Fact]
    public void A_school_has_one_head_at_a_time_and_a_person_several_positions()
    {
        var head = Begin(School, Lan, "01", First);
        Begin(School, Lan, "GV", First);
        Assert.Equal("position_held", Refused(School, Mai, "01", First.AddDays(30)));
        Assert.Equal("position_held", Refused(School, Lan, "GV", First.AddDays(1)));
        store.Seed(HoldPosition.End(store.Catalogue, store, School, Lan, head, First.AddDays(29)).Drafts);
        Begin(School, Mai, "01", First.AddDays(30));
        Assert.Equal([(Lan, First.AddDays(29)), (Mai, (DateOnly?)null)],
            store.All<StaffPosition>(School).Where(p => p.Value.Code == "01").OrderBy(p => p.Value.From).Select(p => (p.Value.Staff, p.Value.To)));
    }

    [Fact]
    public void A_position_is_one_of_the_list_for_that_place_and_another_persons_is_not_ended()
    {
        Assert.Equal("position", Refused(School, Lan, "24", First));
        Assert.Equal("position", Refused(School, Lan, "x", First));
        Assert.Equal("position_days", HoldPosition.Begin(store.Catalogue, store, School, new(Lan, "GV", First, First.AddDays(-1))).Reply.Error.Reason);
        var teacher = Begin(School, Lan, "GV", First);
        Assert.Equal("no_position", HoldPosition.End(store.Catalogue, store, School, Mai, teacher, First).Reply.Error.Reason);
        Begin(Scope.Department, Lan, "24", First);
        // Wrong from the beginning: it never was, and is entered again as the same record.
        store.Seed(HoldPosition.End(store.Catalogue, store, School, Lan, teacher, First.AddDays(-1)).Drafts);
        Assert.True(Period.Of(store.Get<StaffPosition>(School, teacher)!.Value).IsEmpty);
        Assert.Equal(teacher, Begin(School, Lan, "GV", First));
        Assert.Null(store.Get<StaffPosition>(School, teacher)!.Value.To);
    }

    private Guid Begin(Scope scope, Guid staff, string code, DateOnly from)
    {
        var begun = HoldPosition.Begin(store.Catalogue, store, scope, new(staff, code, from, null));
        store.Seed(begun.Drafts);
        return begun.Reply.Value;
    }

    private string Refused(Scope scope, Guid staff, string code, DateOnly from) =>
        HoldPosition.Begin(store.Catalogue, store, scope, new(staff, code, from, null)).Reply.Error.Reason;
}
