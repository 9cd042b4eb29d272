using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task A_unit_without_a_box_takes_attendance_at_Central_once_however_often_it_is_sent()
    {
        var c = central.Catalogue;
        var (group, lop, day) = (Scope.School(new Guid(16, 0, 0, new byte[8])), new Guid(17, 0, 0, new byte[8]), new DateOnly(2026, 9, 7));
        Guid[] pupils = [new(18, 0, 0, new byte[8]), new(19, 0, 0, new byte[8])];
        await Write(
        [
            c.Create(Scope.City, group.Owner, Unit(UnitKind.IndependentGroup, null)),
            Compose.Year(c, new("2026-2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            c.Create(group, lop, new SchoolClass("Mầm", null, "2026-2027", [Slot.Morning])),
            .. pupils.SelectMany((p, i) => Compose.Pupil(c, group, p, new(null, $"Em {i}", null, null), lop, new(2026, 9, 5))),
        ]);
        Assert.True(await central.Records.Read(r => Groups.Is(r, group, day) && !Groups.Is(r, Old, day), Cancel));
        var teacher = new Actor(RecordId.New(central.Clock), group, Roles.Office);
        var request = new SubmitSession(RecordId.New(central.Clock), lop, day, Slot.Morning, null, [new Mark(pupils[0], MarkCode.Unexcused)], [], 1);
        for (var time = 0; time < 2; time++)
        {
            var sent = await SubmitSession.Handle(request, teacher, central.Records, c, central.Clock, Cancel);
            Assert.Equal(Receipt.AtCentre, sent.Value.Receipt);
            Assert.Equal((2, 1, 1), (sent.Value.Sheet.Tally!.Pupils, sent.Value.Sheet.Tally.Present, sent.Value.Sheet.Tally.Unexcused));
            Assert.Single(sent.Value.Sheet.Submissions);
        }
        // The department reads it and writes none of it, nor does anybody of another unit.
        var said = new Submission(lop, day, Slot.Morning, Guid.Empty, [], [], Officer.Id, Source.Office, 2);
        foreach (var other in (Actor[])[Officer, teacher with { Scope = Old }])
        {
            var refused = await central.Records.Decide<bool>(other, _ => new(true, [c.Create(group, RecordId.New(central.Clock), said)]), Cancel);
            Assert.Equal("role_denied", refused.Error.Reason);
        }
    }
}
