using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The step of a whole school into its next year, and back. A pupil's place by this step is one record per year, whoever takes the step: two
/// computers that take it apart write the same record, so that a pupil never has two places of it (docs/decisions/0019).
/// </summary>
internal static class RollYear
{
    public static Decision<Guid> Decide(
        Catalogue catalogue, IRecords records, Scope school, RollWish wish, DateOnly today, Guid by, TimeProvider clock)
    {
        var loaded = PlanRollOver.Load(records, school, wish, today);
        if (!loaded.Ok)
        {
            return loaded.Error;
        }
        var plan = loaded.Value;
        if (plan.Standing is not [])
        {
            return Error.Conflict("rolled_over", "Trường đã kết chuyển sang năm học {0}. Nếu làm sai, hãy hoàn tác trước.", plan.To.Name);
        }
        if (plan.Seen != wish.Seen)
        {
            return Error.Conflict("roll_seen", "Danh sách lớp đã thay đổi trong lúc bạn xem. Hãy xem lại rồi xác nhận.");
        }
        var targets = new Targets(catalogue, records, school, plan.To.Name, clock);
        var (step, drafts, rolled) = (RecordId.New(clock), new List<Draft>(), plan.Classes.Where(c => c.Places is not []).ToList());
        var all = records.All<Enrolment>(school).ToLookup(p => p.Value.Pupil);
        foreach (var old in rolled)
        {
            Result<Guid>? up = old.Target is [] || old.Goes == 0 ? default(Result<Guid>?) : targets.Find(old.Target, old.Class.Value, grades: 1);
            Result<Guid>? kept = old.Kept == 0 ? default(Result<Guid>?) : targets.Find(old.Class.Value.Name, old.Class.Value, grades: 0);
            if ((up is { Ok: false } ? up : kept is { Ok: false } ? kept : null) is { } refused)
            {
                return refused.Error;
            }
            var (made, pupils) = (targets.TakeMade(), old.Places.Select(p => To(p, (old.Retained.Contains(p.Value.Pupil) ? kept : up)?.Value)).ToList());
            drafts.AddRange(made);
            drafts.AddRange(pupils.SelectMany(p => Moved(catalogue, school, all[p.Pupil], p, plan)));
            var id = RecordId.From(school, "registry.roll_over", $"{step:n}|{old.Class.Id:n}");
            drafts.Add(catalogue.Create(school, id, new RollOver(
                step, rolled.Count, plan.To.Name, old.Class.Id, plan.First, pupils, [.. made.Select(m => m.Id)], by)));
        }
        return new(step, drafts);

        static RolledPupil To(Row<Enrolment> place, Guid? to) => new(place.Value.Pupil, place.Id, to);
    }

    internal static Guid PlaceId(Scope school, Guid pupil, string year) => RecordId.From(school, "registry.enrolment", $"{pupil:n}|{year}");

    public static Decision<Guid> Undo(
        Catalogue catalogue, IRecords records, Scope school, string year, IEnumerable<ClassWork> works, Guid by, TimeProvider clock)
    {
        var rows = PlanRollOver.Standing(records, school, year);
        if (rows is [])
        {
            return Error.Conflict("not_rolled_over", "Việc kết chuyển này đã được hoàn tác. Hãy tải lại trang.");
        }
        var standing = rows.ConvertAll(r => r.Value);
        if (standing.GroupBy(r => r.Step).Any(s => s.Count() < s.First().Classes))
        {
            return Error.Conflict("roll_arriving", "Kết quả kết chuyển chưa về đủ. Hãy đợi đường truyền rồi thử lại.");
        }
        var (drafts, mine, kept) = (new List<Draft>(), new Dictionary<Guid, DateOnly>(), new HashSet<Guid>());
        var all = records.All<Enrolment>(school).ToLookup(p => p.Value.Pupil);
        foreach (var ofPupil in rows.SelectMany(r => r.Value.Pupils.Select(p => (Step: r, Pupil: p))).GroupBy(r => r.Pupil.Pupil))
        {
            var (step, pupil) = (ofPupil.First().Step.Value, ofPupil.First().Pupil);
            var (own, old) = (records.Get<Enrolment>(school, PlaceId(school, pupil.Pupil, year)), records.Get<Enrolment>(school, pupil.Place));
            // Neither is there when another school has the pupil by now.
            if (old is null)
            {
                continue;
            }
            var written = ofPupil.Max(r => r.Step.Version);
            if (new[] { own, old }.Any(p => p?.Version.CompareTo(written) > 0) || all[pupil.Pupil].Any(p => p.Id != own?.Id && Period.Of(p.Value).Overlaps(new(step.First, null))))
            {
                kept.Add(pupil.Pupil);
                continue;
            }
            if (own is { Value.To: null })
            {
                mine[own.Value.Class] = step.First;
                drafts.AddRange(new[] { catalogue.Change(school, own, own.Value with { To = own.Value.From.AddDays(-1) }) }.OfType<Draft>());
            }
            drafts.AddRange(new[] { catalogue.Change(school, old, old.Value with { To = null }) }.OfType<Draft>());
        }
        if (drafts is [] && kept.Count > 0)
        {
            return Error.Conflict("roll_kept", "Mọi em đã được sửa tay sau khi kết chuyển nên không còn gì để hoàn tác. Hãy sửa từng em ở trang Học sinh.");
        }
        var unmade = Unmade(records, school, standing, year, kept);
        foreach (var schoolClass in mine.Keys.Union(unmade))
        {
            if (records.Get<SchoolClass>(school, schoolClass) is { } row
                && works.Select(w => w.WhyKept(records, school, row, mine.GetValueOrDefault(schoolClass, standing[0].First))).FirstOrDefault(e => e is not null) is { } why)
            {
                return why;
            }
        }
        var type = catalogue.Of<SchoolClass>();
        drafts.AddRange(unmade.Select(c => new Draft(school, type.Key, type.Schema, c, OpKind.Delete, ReadOnlyMemory<byte>.Empty)));
        drafts.Add(catalogue.Create(school, RecordId.New(clock), new RollOverUndone(year, [.. standing.Select(r => r.Step).Distinct()], by, [.. kept.Order()])));
        return new(standing[0].Step, drafts);
    }

    /// <summary>The classes that the step added and nobody else has entered, or stays in.</summary>
    private static List<Guid> Unmade(IRecords records, Scope school, List<RollOver> standing, string year, HashSet<Guid> kept) =>
    [
        .. standing.SelectMany(r => r.Made).Distinct().Where(c => records.Get<SchoolClass>(school, c) is not null
            && records.View<ClassRoster>(school, c)?.Enrolments
                .Any(e => !Period.Of(e.Value).IsEmpty && (e.Key != PlaceId(school, e.Value.Pupil, year) || kept.Contains(e.Value.Pupil))) != true),
    ];

    /// <summary>The end comes before the beginning: however little of the step has arrived, nobody is in two classes.</summary>
    private static List<Draft> Moved(Catalogue catalogue, Scope school, IEnumerable<Row<Enrolment>> places, RolledPupil pupil, RollPlan plan)
    {
        var id = PlaceId(school, pupil.Pupil, plan.To.Name);
        var own = places.FirstOrDefault(p => p.Id == id);
        var drafts = Enrol.End(catalogue, school, [.. places.Where(p => p.Id != id)], pupil.To is null ? plan.From.To.AddDays(1) : plan.First);
        if (pupil.To is { } to)
        {
            // A step that was taken back left the place with an end, which only a change takes off.
            var place = new Enrolment(pupil.Pupil, to, plan.First, null);
            drafts.AddRange(new[] { own is null ? catalogue.Create(school, id, place) : catalogue.Change(school, own, place) }.OfType<Draft>());
        }
        return drafts;
    }

    /// <summary>The classes of the new year by name: those that are there, and those that the step adds.</summary>
    private sealed class Targets(Catalogue catalogue, IRecords records, Scope school, string year, TimeProvider clock)
    {
        private readonly Dictionary<string, (Guid Id, int? Grade)> byName = records.AllAt<SchoolClass>(school, year)
            .GroupBy(c => VietnameseText.Key(c.Value.Name)).ToDictionary(g => g.Key, g => (g.First().Id, g.First().Value.Grade));
        private List<Draft> made = [];

        public Result<Guid> Find(string typed, SchoolClass old, int grades)
        {
            var (name, grade) = (VietnameseText.Normalise(typed), old.Grade + grades);
            var found = byName.TryGetValue(VietnameseText.Key(name), out var there);
            if (!EditClass.IsName(name) || (found ? there.Grade : ClassOrder.LeadingNumber(name) ?? grade) != grade && grade is not null)
            {
                return Error.Invalid("roll_target", "Lớp {0} không thể sang lớp “{1}”. Hãy ghi tên một lớp của khối {2}.", old.Name, name, grade ?? 0);
            }
            if (found)
            {
                return there.Id;
            }
            var value = old with { Name = name, Grade = grade, Year = year };
            var (id, draft) = Compose.Class(catalogue, school, value);
            // A class that has another name by now keeps the id of its first one.
            if (records.Get<SchoolClass>(school, id) is not null)
            {
                id = RecordId.New(clock);
                draft = catalogue.Create(school, id, value);
            }
            made.Add(draft);
            byName[VietnameseText.Key(name)] = (id, grade);
            return id;
        }

        public List<Draft> TakeMade()
        {
            var taken = made;
            made = [];
            return taken;
        }
    }
}

/// <summary>Teachers of a class that the step added.</summary>
internal sealed class TeachersOfClass : ClassWork
{
    public override Error? WhyKept(IRecords records, Scope school, Row<SchoolClass> schoolClass, DateOnly first) =>
        records.AllAt<Assignment>(school, schoolClass.Id.ToString("n")).Any(a => !Period.Of(a.Value).IsEmpty)
            ? Error.Conflict("roll_teachers", "Lớp {0} của năm học mới đã có giáo viên được phân công nên không hoàn tác được. Hãy bỏ phân công trước.", schoolClass.Value.Name)
            : null;
}
