using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Reporting.Dashboards;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>The figures of a day: a closed day, one without data and one to come are not "not submitted", and not "all submitted".</summary>
public sealed class TodayTests : IAsyncLifetime
{
    private static readonly DateOnly Monday = new(2026, 9, 7);
    private static readonly Guid School = Guid.Parse("01900000-0000-7000-8000-000000000b01");
    private readonly string file = Path.Combine(Path.GetTempPath(), $"today-{Guid.CreateVersion7():n}.db");
    private readonly Guid full = Guid.Parse("01900000-0000-7000-8000-00000000aa01");
    private readonly Guid[] pupils = [.. Enumerable.Range(1, 3).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private CentralBox central = null!;

    public async ValueTask InitializeAsync()
    {
        central = await CentralBox.Start($"Data Source={file}");
        var scope = Scope.School(School);
        Draft[] city =
        [
            New(Scope.City, new SchoolYear("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            central.Catalogue.Create(Scope.City, School, new Unit(UnitKind.School, "TH-1", "Trường Tiểu học Mẫu", "TH", null, new(2000, 1, 1), null)),
        ];
        Draft[] own =
        [
            central.Catalogue.Create(scope, full, new SchoolClass("1A", 1, "2026-2027", [Slot.Morning])),
            New(scope, new SchoolClass("1B", 1, "2026-2027", [Slot.Morning])),
            .. pupils.Select(p => New(scope, new Enrolment(p, full, new(2026, 9, 1), null))),
        ];
        var officer = new Actor(Guid.CreateVersion7(), Scope.City, Roles.DepartmentOfficer);
        var written = await central.Records.Decide<int>(officer, _ => new(0, [.. city, .. own]), TestContext.Current.CancellationToken);
        Assert.Null(written.Ok ? null : written.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(file);
    }

    [Theory]
    [InlineData("2026-09-07", Slot.Morning, DayState.Due)]
    [InlineData("2026-09-07", Slot.Afternoon, DayState.NoLessons)]
    [InlineData("2026-09-08", Slot.Morning, DayState.NotBegun)]
    [InlineData("2026-09-06", Slot.Morning, DayState.Closed)]
    [InlineData("2030-01-07", Slot.Morning, DayState.Closed)]
    [InlineData("1800-01-01", Slot.Morning, DayState.NoData)]
    public async Task Only_a_day_that_is_due_can_be_missing(string date, Slot slot, DayState state)
    {
        var report = await Read(DateOnly.ParseExact(date, "yyyy-MM-dd"), slot);
        Assert.Equal(state, report.City.State);
        Assert.Equal(state == DayState.Due ? (1, 1) : (0, 0), (report.City.Figure.Due, report.City.Missing.Count));
        Assert.Equal(state == DayState.Closed, report.Reasons.Count > 0);
        Assert.False(report.NoUnitYet);
    }

    [Fact]
    public async Task Where_no_school_is_known_another_day_is_not_offered()
    {
        await using var fresh = await CentralBox.Start($"Data Source={file}.fresh;Pooling=False");
        var officer = new Actor(Guid.CreateVersion7(), Scope.City, Roles.DepartmentOfficer);
        var wards = ImportUnits.WardDrafts(fresh.Catalogue, new([], []));
        Assert.True((await fresh.Records.Decide<int>(officer, _ => new(0, wards), TestContext.Current.CancellationToken)).Ok);
        Assert.True((await Read(fresh, Monday, Slot.Morning)).NoUnitYet);
        File.Delete($"{file}.fresh");
    }

    [Fact]
    public async Task A_class_without_pupils_owes_nothing_and_who_joined_later_is_unknown()
    {
        var before = await Read(Monday, Slot.Morning);
        Assert.Equal((1, 3), (before.City.Figure.Due, before.City.Figure.Unknown));
        var box = await central.Enrol(School);
        var (roster, submission) = (new RosterSeen(full, pupils[..2]), RecordId.New(central.Clock));
        var rosterId = roster.IdIn(box.Identity.School);
        await box.Push(
            box.Op(rosterId, roster),
            box.Op(submission, new Submission(full, Monday, Slot.Morning, rosterId, [], [], Guid.Empty, Source.Teacher, 0)));

        var after = await Read(Monday, Slot.Morning);
        Assert.Equal(DayState.Due, after.City.State);
        Assert.Empty(after.City.Missing);
        Assert.Equal((1, 1, 2, 1), (after.City.Figure.Due, after.City.Figure.Submitted, after.City.Figure.Reported, after.City.Figure.Unknown));
    }

    [Fact]
    public async Task Of_a_box_that_was_withdrawn_or_replaced_is_shown_up_to_when_its_data_came()
    {
        Assert.Equal((LineSeen.NoBox, null, false), await Line());
        var (old, seen) = (await central.Enrol(School), central.NowMs);
        await CompleteTo(old, seen);
        Assert.Equal((LineSeen.Online, seen, false), await Line());
        central.Clock.Advance(TimeSpan.FromDays(2));
        await using (var db = central.Db())
        {
            await db.Nodes.ExecuteUpdateAsync(n => n.SetProperty(r => r.Revoked, true), TestContext.Current.CancellationToken);
        }
        Assert.Equal((LineSeen.Withdrawn, seen, true), await Line());
        Assert.Equal(seen, (await Read(Monday, Slot.Morning)).City.Schools.Single().LastSeen!.Value.ToUnixTimeMilliseconds());

        var next = await central.Enrol(School);
        Assert.Equal((LineSeen.Online, seen, true), await Line());
        await CompleteTo(next, central.NowMs);
        Assert.Equal((LineSeen.Online, central.NowMs, false), await Line());

        async Task CompleteTo(NodeBox box, long at)
        {
            await box.Push(box.Op(RecordId.New(central.Clock), new CalendarDay(Monday.AddDays(30), DayKind.Closed, "Nghỉ")));
            await using var db = central.Db();
            await db.NodeLanes.Where(l => l.NodeId == box.Identity.Node).ExecuteUpdateAsync(
                l => l.SetProperty(r => r.CompleteAtMs, at), TestContext.Current.CancellationToken);
        }

        async Task<(LineSeen, long?, bool)> Line() => (await Read(Monday, Slot.Morning)).City.Schools.Single() is var day
            ? (day.Line, day.CompleteAt?.ToUnixTimeMilliseconds(), day.FromWithdrawn) : default;
    }

    [Fact]
    public async Task What_was_sent_before_a_day_was_declared_free_is_named_and_counts_for_nothing()
    {
        var silent = (await Read(Monday, Slot.Morning)).City;
        Assert.Equal((0, 1), (silent.Silent.Count, silent.Heard.Count()));
        var box = await central.Enrol(School);
        var roster = new RosterSeen(full, pupils);
        var rosterId = roster.IdIn(box.Identity.School);
        await box.Push(
            box.Op(rosterId, roster),
            box.Op(RecordId.New(central.Clock), new Submission(full, Monday, Slot.Morning, rosterId, [], [], Guid.Empty, Source.Teacher, 0)),
            box.Op(RecordId.New(central.Clock), new CalendarDay(Monday, DayKind.Closed, "Bão")));

        var school = Assert.Single((await Read(Monday, Slot.Morning)).City.Schools);
        Assert.Equal((DayState.Closed, 0, 1), (school.State, school.Figure.Submitted, school.SubmittedThoughClosed));
    }

    [Fact]
    public async Task Case_D4_both_borders_give_the_same_city_and_name_what_is_in_no_known_ward()
    {
        var officer = new Actor(Guid.CreateVersion7(), Scope.City, Roles.DepartmentOfficer);
        const string csv = "code,name,level,ward_code\n74718401,Trường Chánh Mỹ,TH,25774\n74718402,Trường Phú Thọ,TH,25753\n";
        Assert.True((await ImportUnits.Apply(central.Records, central.Catalogue, officer, new(csv, new(2025, 6, 30), false), TestContext.Current.CancellationToken)).Ok);
        var (then, now) = (await Read(new(2025, 6, 30), Slot.Morning), await Read(new(2025, 6, 30), Slot.Morning, Borders.Now));
        Assert.Equal(["Phường Chánh Mỹ: Trường Chánh Mỹ", "Phường Phú Thọ: Trường Phú Thọ", ": Trường Tiểu học Mẫu"], Lines(then));
        Assert.Equal(["Phường Thủ Dầu Một: Trường Phú Thọ", ": Trường Chánh Mỹ, Trường Tiểu học Mẫu"], Lines(now));
        Assert.Equal(then.City.Figure, now.City.Figure);
        Assert.All([then, now], report => Assert.Equal(report.City.Figure, Figure.Sum(report.Wards.SelectMany(w => w.Schools))));
        // As a file: by whose borders is in each row, and of what nobody has submitted there is no number.
        Assert.Equal(
            [("Phường Thủ Dầu Một", Monday, null), ("Chưa xác định", Monday, null), ("Chưa xác định", Monday, null)],
            TodayTable.Of(now, new Words()).Rows.Select(r => (r[0].Text, r[1].Day, r[6].Number)));

        static IEnumerable<string> Lines(TodayReport report) => report.Wards.Select(w => $"{w.Name}: {string.Join(", ", w.Schools.Select(s => s.Name))}");
    }

    private Draft New<T>(Scope scope, T value) => central.Catalogue.Create(scope, RecordId.New(central.Clock), value);

    private Task<TodayReport> Read(DateOnly date, Slot slot, Borders by = Borders.Then) => Read(central, date, slot, by);

    private static Task<TodayReport> Read(CentralBox central, DateOnly date, Slot slot, Borders by = Borders.Then) =>
        new TodayReader(central.Records, central.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<TdmEdu.Central.Storage.CentralDb>>(), central.Clock)
            .Read(date, slot, by, TestContext.Current.CancellationToken);
}
