using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>A box of a school with two classes of two sessions, whose year began on Thursday 26 November 2026: three school days in that month.</summary>
internal sealed class BookBox : IAsyncDisposable
{
    public static readonly Guid An = new(1, 0, 0, new byte[8]);
    public static readonly Guid Binh = new(2, 0, 0, new byte[8]);
    public static readonly Guid Chi = new(3, 0, 0, new byte[8]);
    public static readonly Guid Other = Guid.Parse("019a0000-0000-7000-8000-0000000000c2");
    public static readonly DateOnly Month = new(2026, 11, 1);
    public static readonly DateOnly[] Days = [new(2026, 11, 26), new(2026, 11, 27), new(2026, 11, 30)];
    private long seq;

    private BookBox(EdgeBox box, FakeTimeProvider clock) => (Box, Clock) = (box, clock);

    public EdgeBox Box { get; }

    public FakeTimeProvider Clock { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<BookBox> Start(DateTime schoolTime, int grade = 3)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(schoolTime, SchoolTime.Offset));
        var made = new BookBox(await EdgeBox.Start(clock), clock);
        var year = EdgeBox.Catalogue.Create(Scope.City, made.Box.NewId(), new SchoolYear("2026-2027", new(2026, 11, 26), new(2027, 5, 31), [1, 2, 3, 4, 5]));
        var yearOp = new Op(Scope.City, year.Entity, year.Id, year.Schema, year.Kind, Hlc.At(1), default, year.Data);
        Assert.True((await made.Box.Owner.TakePage("feed-1", new(Scope.City, false, [new(yearOp, EdgeBox.Central, 1)], new(1, [])), Cancel)).Ok);
        await made.Down(new SchoolClass($"{grade}A", grade, "2026-2027", [Slot.Morning, Slot.Afternoon]), EdgeBox.Class);
        await made.Down(new SchoolClass($"{grade}B", grade, "2026-2027", [Slot.Morning, Slot.Afternoon]), Other);
        await made.Down(new Assignment(EdgeBox.Teacher.Id, EdgeBox.Class, new(2026, 9, 1), null, Homeroom: true));
        await made.Down(new Assignment(EdgeBox.Teacher.Id, Other, new(2026, 9, 1), null, Homeroom: false));
        foreach (var (pupil, name, schoolClass) in new[] { (An, "Nguyễn Văn An", EdgeBox.Class), (Binh, "Lê Thị Bình", EdgeBox.Class), (Chi, "Trần Chi", Other) })
        {
            await made.Down(new Pupil(null, name, null, null), pupil);
            await made.Down(new Enrolment(pupil, schoolClass, new(2026, 9, 1), null));
        }
        return made;
    }

    public async Task Down<T>(T value, Guid? id = null, long? hlcMs = null)
    {
        var op = EdgeBox.FromCentral(++seq, id ?? Box.NewId(), value, hlcMs);
        Assert.True((await Box.Owner.TakePage("feed-1", new(EdgeBox.School, false, [op], new(seq, [])), Cancel)).Ok);
    }

    public Task<Result<SubmittedSession>> Send(
        DateOnly day, Slot slot, Mark[] marks, Guid? of = null, Guid[]? seen = null, Actor? actor = null, long? takenAtMs = null) => SubmitSession.Handle(
        new(Box.NewId(), of ?? EdgeBox.Class, day, slot, null, marks, seen ?? [], takenAtMs ?? Clock.GetUtcNow().ToUnixTimeMilliseconds()),
        actor ?? EdgeBox.Teacher, Box.Owner, EdgeBox.Catalogue, Clock, Cancel);

    public async Task SendMonth(params Mark[] firstMarks)
    {
        foreach (var (day, slot) in from d in Days from s in Slots.Sessions select (d, s))
        {
            Assert.True((await Send(day, slot, (day, slot) == (Days[0], Slot.Morning) ? firstMarks : [])).Ok);
        }
    }

    public Task<T> Read<T>(Func<IRecords, T> read) => Box.Owner.Read(read, Cancel);

    public Task<MonthPage> Page(Guid? of = null) => Read(r => MonthPage.Of(r, EdgeBox.School, r.Get<SchoolClass>(EdgeBox.School, of ?? EdgeBox.Class)!, Month, Clock));

    public Task<Result<Guid>> Decide(Func<IRecords, Decision<Guid>> decide, Actor? actor = null) => Box.Owner.Decide(actor ?? EdgeBox.Office, decide, Cancel);

    public Task<Result<Guid>> Lock() => Decide(r => LockMonth.Lock(EdgeBox.Catalogue, r, EdgeBox.Office, EdgeBox.Class, Month, Clock));

    public Task<Result<Guid>> Unlock(string reason) => Decide(r => LockMonth.Unlock(EdgeBox.Catalogue, r, EdgeBox.Office, EdgeBox.Class, Month, reason, Clock));

    public ValueTask DisposeAsync() => Box.DisposeAsync();
}
