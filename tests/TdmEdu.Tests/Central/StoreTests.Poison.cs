using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>Operations that are well formed and meant to do harm, or to cost others time.</summary>
public abstract partial class StoreTests
{
    [Theory]
    [InlineData(50L * 365 * 24 * 3_600_000)]
    [InlineData(long.MaxValue)]
    public async Task Threat_A_field_named_like_a_version_lets_no_stamp_from_the_future_through(long aheadMs)
    {
        var (box, other) = (await central.Enrol(), await central.Enrol());
        var future = aheadMs == long.MaxValue ? new(long.MaxValue) : Hlc.At(central.NowMs + aheadMs);
        await box.Push(Put("""{"text":"một"}""", Hlc.At(central.NowMs)));
        await box.Push(Put($$"""{"{{new FieldVersion(future, box.Identity.Node)}}":1}""", new(Hlc.At(central.NowMs).Value + 1)));
        await box.Push(Put("""{"text":"mãi mãi"}""", future));

        central.Clock.Advance(TimeSpan.FromMinutes(2));
        await Write(new Draft(box.Identity.School, "test.note", 1, A, OpKind.Put, """{"text":"sửa"}"""u8.ToArray()));
        await Write(new Draft(other.Identity.School, "test.note", 1, B, OpKind.Put, """{"text":"trường khác"}"""u8.ToArray()));
        Assert.Equal("sửa", (await central.Records.Read(r => r.Get<Note>(box.Identity.School, A), Cancel))!.Value.Text);
        await using var db = central.Db();
        Assert.InRange(await db.Ops.MaxAsync(o => o.AppliedHlc, Cancel), 1, Hlc.At(central.NowMs + 60_000).Value);

        Op Put(string json, Hlc at) => box.Op(A, new Note("x")) with { Data = Encoding.UTF8.GetBytes(json), Hlc = at };
    }

    [Fact]
    public async Task Threat_A_record_or_a_document_that_only_grows_is_refused_before_it_costs_others_time()
    {
        var box = await central.Enrol();
        var text = new string('x', 60_000);
        var refused = new List<OpResult>();
        for (var n = 1; n <= 6; n++)
        {
            central.Clock.Advance(TimeSpan.FromSeconds(1));
            refused.AddRange((await box.Push(box.Op(A, new Note("x")) with { Data = Encoding.UTF8.GetBytes($$"""{"text":"a","f{{n}}":"{{text}}"}""") })).NotApplied);
        }
        Assert.Equal([(Outcome.Rejected, RefusalReason.TooLarge), (Outcome.Rejected, RefusalReason.TooLarge)], refused.Select(r => (r.Outcome, r.Reason)));
        Assert.Equal(2, (await central.Store.Read(b => b.FindRefused(new(10)), Cancel)).Count);

        // Words without end for one session, each of a list of pupils.
        var marks = Enumerable.Range(0, 400).Select(_ => new Mark(RecordId.New(central.Clock), MarkCode.Late)).ToArray();
        for (var batch = 0; batch < 60; batch++)
        {
            central.Clock.Advance(TimeSpan.FromSeconds(1));
            var answer = await box.Push(box.Op(
                RecordId.New(central.Clock), new Submission(A, new(2026, 9, 7), Slot.Morning, B, marks, [], Guid.Empty, Source.Teacher, 0)));
            if (answer.NotApplied is [{ Reason: RefusalReason.TooLarge }])
            {
                return;
            }
        }
        Assert.Fail("A session's document grew without end.");
    }

    /// <summary>A record that changes places is taken out of the document it was in, which is then as if it had never been there.</summary>
    [Fact]
    public async Task Rosters_after_many_changes_of_class_are_those_of_the_places_that_there_are()
    {
        var (box, random) = (await central.Enrol(), new Random(7));
        Guid[] classes = [.. Enumerable.Range(0, 4).Select(_ => RecordId.New(central.Clock))];
        Guid[] places = [.. Enumerable.Range(0, 30).Select(_ => RecordId.New(central.Clock))];
        for (var round = 0; round < 6; round++)
        {
            central.Clock.Advance(TimeSpan.FromMinutes(1));
            await box.Push(places.Where(_ => random.Next(3) > 0).Select(place => random.Next(8) == 0
                ? box.Op(place, new Note("")) with { Entity = central.Catalogue.Of<Enrolment>().Key, Kind = OpKind.Delete, Data = default }
                : box.Op(place, new Enrolment(place, classes[random.Next(classes.Length)], new(2026, 9, 7), null))));
            foreach (var lop in classes)
            {
                var (roster, there) = await central.Records.Read(
                    r => (r.View<ClassRoster>(box.Identity.School, lop), r.All<Enrolment>(box.Identity.School).Where(e => e.Value.Class == lop).ToList()), Cancel);
                Assert.Equal(there.ToDictionary(e => e.Id, e => e.Value), roster?.Enrolments.ToDictionary() ?? []);
                Assert.Equal(there.Count == 0, roster is null);
            }
        }
    }

    [Fact]
    public async Task A_fold_that_throws_over_what_stays_behind_leaves_the_record_as_it_was()
    {
        await central.DisposeAsync();
        var builder = new ModuleBuilder();
        builder.Entity<Tagged>("test.tagged").In(ScopeKind.School).WrittenBy(Side.Edge);
        builder.View<Tagged, TagTexts>(
            "test.tags", (_, t) => (Tagged.ViewOf(t.Tag), t.Tag),
            (before, t, _, _) => before is null && t.Value.Text == "hai"
                ? throw new InvalidOperationException("A module's fault.") : new(new(before?.Texts ?? []) { [t.Id] = t.Value.Text }));
        central = await CentralBox.Start(connection, builder.Build());
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Tagged("a", "một")), box.Op(B, new Tagged("a", "hai")));
        central.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RefusalReason.ApplyFailed, Assert.Single((await box.Push(box.Op(A, new Tagged("b", "một")))).NotApplied).Reason);
        Assert.Equal("a", (await central.Records.Read(r => r.Get<Tagged>(box.Identity.School, A), Cancel))!.Value.Tag);
    }
}
