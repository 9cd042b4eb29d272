using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Demo;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Bench;

/// <summary>
/// A school's whole year on its box: 2,000 pupils in 53 classes, 210 days of two sessions. How long it takes to open any class's register of any
/// month, just after a start, against reading one of its documents.
/// </summary>
internal static class BookBench
{
    private const int Classes = 53;
    private const int PupilsEach = 38;
    private const int DaysOfYear = 210;
    private const int Opens = 500;
    private const double P95MsMax = 300;
    private static readonly TimeProvider Clock = new AtTheEnd();
    private static readonly Scope School = Scope.School(RecordId.New(Clock));
    private static readonly Actor Office = new(RecordId.New(Clock), School, Roles.Office | Roles.Teacher);
    private static readonly Catalogue Catalogue = AllModules.Catalogue();
    private static readonly SchoolYear Year = new("2026–2027", new(2026, 9, 7), new(2027, 6, 25), [1, 2, 3, 4, 5]);

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-book-").FullName;
        var identity = new EdgeIdentity(Path.Combine(folder, "box"), RecordId.New(Clock), School);
        using var filled = new Owner(identity, Catalogue, Clock, NullLogger<Owner>.Instance);
        await filled.StartAsync(default);
        var began = Stopwatch.GetTimestamp();
        var classes = await Fill(filled);
        Console.WriteLine($"book: {Classes * PupilsEach} pupils, {Classes * DaysOfYear * 2} sessions written in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        await filled.StopAsync(default);

        using var owner = new Owner(identity, Catalogue, Clock, NullLogger<Owner>.Instance);
        await owner.StartAsync(default);
        var months = Enumerable.Range(0, 10).Select(m => new DateOnly(2026, 9, 1).AddMonths(m)).ToArray();
        var random = new Random(1);
        var asked = Enumerable.Range(0, Opens).Select(_ => (Class: classes[random.Next(Classes)], Month: months[random.Next(months.Length)])).ToArray();
        var rows = 0;
        var cold = await Latencies.Measure(1, Opens, async i => rows += (await Open(owner, asked[i].Class, asked[i].Month)).Rows.Count);
        var bare = await Latencies.Measure(1, Opens, i => owner.Read(r => MonthBook.Of(r, School, asked[i].Class, asked[i].Month), default));
        var meter = await Latencies.Measure(1, 5, _ => owner.Read(r => AbsenceMeter.Load(r, School, Clock, _ => true), default));
        Console.WriteLine($"book: one class's month            {cold.Show()}  (goal p95 {P95MsMax:0} ms; {rows / Opens} rows each)");
        Console.WriteLine($"book: its view alone, warm         {bare.Show()}");
        Console.WriteLine($"book: whole school's 45-session list {meter.Show()}");
        await owner.StopAsync(default);
        Directory.Delete(folder, recursive: true);
        Console.WriteLine($"book: the page over HTTPS, one day   {(await Pages()).Show()}");
    }

    /// <summary>What TLS, sign-in check and HTML add, on a box of the demo.</summary>
    private static async Task<Latencies> Pages()
    {
        var folder = Directory.CreateTempSubdirectory("bench-book-pages-").FullName;
        await using var stack = await DemoStack.Start(folder, DemoPorts.Free(), _ => { }, default);
        var school = stack.EdgeUrls.Keys.Last();
        var office = stack.SignIns.First(s => s.SchoolCode == school && s.UserName.StartsWith("vanphong", StringComparison.Ordinal));
        using var client = new EdgeClient(stack.EdgeUrls[school], stack.Authority);
        await SignInBench.UntilKnown(stack, school, office);
        await client.SignIn(office.UserName, office.Password, default);
        var list = await client.Page("/so-diem-danh", default);
        var paths = Regex.Matches(list, "/so-diem-danh/[0-9a-f-]{36}\\?thang=[0-9-]{7}").Select(m => m.Value).ToArray();
        var pages = await Latencies.Measure(1, Opens, async i => await client.Page(paths[i % paths.Length], default));
        await stack.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        return pages;
    }

    private static Task<MonthPage> Open(Owner owner, Guid schoolClass, DateOnly month) =>
        owner.Read(r => MonthPage.Of(r, School, r.Get<SchoolClass>(School, schoolClass)!, month, Clock), default);

    private static async Task<Guid[]> Fill(Owner owner)
    {
        var classes = Enumerable.Range(0, Classes).Select(_ => RecordId.New(Clock)).ToArray();
        await TakeYear(owner);
        var days = Enumerable.Range(0, 366).Select(d => Year.From.AddDays(d)).Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            .Take(DaysOfYear).ToList();
        var random = new Random(2);
        foreach (var (id, n) in classes.Select((c, n) => (c, n)))
        {
            var pupils = Enumerable.Range(0, PupilsEach).Select(_ => RecordId.New(Clock)).Order().ToArray();
            var roster = new RosterSeen(id, pupils);
            List<Draft> drafts =
            [
                Catalogue.Create(School, id, new SchoolClass($"{(n / 14) + 6}A{(n % 14) + 1}", (n / 14) + 6, Year.Name, [Slot.Morning, Slot.Afternoon])),
                Catalogue.Create(School, roster.IdIn(School), roster),
                .. pupils.Select((p, i) => Catalogue.Create(School, p, new Pupil($"{n:000}{i:0000000}", $"Nguyễn Văn {i}", "2014-05-06", null))),
                .. pupils.Select(p => Catalogue.Create(School, RecordId.New(Clock), new Enrolment(p, id, Year.From, null))),
            ];
            foreach (var (day, slot) in from d in days from s in new[] { Slot.Morning, Slot.Afternoon } select (d, s))
            {
                Mark[] marks = [.. Enumerable.Range(0, 3).Select(_ => random.Next(PupilsEach)).Distinct().Select(p => new Mark(pupils[p], (MarkCode)random.Next(2, 6)))];
                drafts.Add(Catalogue.Create(School, RecordId.New(Clock), new Submission(
                    id, day, slot, roster.IdIn(School), [.. marks.OrderBy(m => m.Pupil)], [], Office.Id, Source.Teacher, 0)));
            }
            foreach (var some in drafts.Chunk(100))
            {
                var saved = await owner.Decide<bool>(Office, _ => new(true, some), default);
                if (!saved.Ok)
                {
                    throw new InvalidOperationException(saved.Error.Message.Vietnamese);
                }
            }
        }
        return classes;
    }

    private static async Task TakeYear(Owner owner)
    {
        var draft = Catalogue.Create(Scope.City, RecordId.New(Clock), Year);
        var op = new Op(Scope.City, draft.Entity, draft.Id, draft.Schema, draft.Kind, Hlc.At(1), default, draft.Data);
        await owner.TakePage("bench", new(Scope.City, false, [new(op, RecordId.New(Clock), 1)], new(1, [])), default);
    }

    /// <summary>The year is over when its registers are opened.</summary>
    private sealed class AtTheEnd : TimeProvider
    {
        private readonly TimeSpan ahead = new DateTimeOffset(2027, 7, 1, 8, 0, 0, SchoolTime.Offset) - System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }
}
