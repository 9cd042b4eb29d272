using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Goes through a file row by row and remembers which pupils its earlier rows named.</summary>
internal sealed class PupilPlanner(Catalogue catalogue, Seals seals, PupilsOfYear school, PupilFile file, TimeProvider clock)
{
    private readonly ILookup<string, Row<Pupil>> byMinistryId = school.Pupils
        .Where(p => p.Value.MinistryId is not null).ToLookup(p => p.Value.MinistryId!);
    private readonly ILookup<string, Row<Pupil>> byName = school.Pupils.ToLookup(p => NameKey(p.Value));
    private readonly ILookup<string, Row<Pupil>> byFullName = school.Pupils.ToLookup(p => VietnameseText.Key(p.Value.FullName));
    private readonly HashSet<string> inFile = [.. file.Sheet.Lines.SelectMany(l =>
        new[] { l.Pupil.MinistryId ?? "", $"{VietnameseText.Key(l.ClassName)}|{NameKey(l.Pupil)}" })];
    private readonly Dictionary<Guid, string> classNames = school.ClassByName.Values.ToDictionary(c => c.Id, c => c.Value.Name);
    private readonly Dictionary<string, int> named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Number, bool HasId)> twins = new(StringComparer.Ordinal);

    private int guardiansAdded;
    private int guardiansChanged;

    public IReadOnlyList<Text> Notes => guardiansAdded + guardiansChanged == 0 ? [] : [new("Người giám hộ: thêm {0}, sửa {1}.", guardiansAdded, guardiansChanged)];

    public ImportRow Plan(PupilLine line)
    {
        if (line.IsWrong)
        {
            return Wrong(line, null);
        }
        if (line.Gone is { } status)
        {
            return Gone(line, status);
        }
        if (!school.ClassByName.TryGetValue(VietnameseText.Key(line.ClassName), out var schoolClass))
        {
            var reason = new Text(
                "Không có lớp {0} trong năm học {1}. Hãy sửa tên lớp trong tệp hoặc thêm lớp ở trang Học sinh.", line.ClassName, school.Year);
            return Wrong(line, new("Lớp", reason, false));
        }
        var (known, refusal) = Match(line.Pupil, schoolClass);
        if (refusal is not null)
        {
            return Wrong(line, new("Họ tên", refusal, false)) with { Page = known?.Id };
        }
        var key = known?.Id.ToString("n") ?? line.Pupil.MinistryId ?? $"{schoolClass.Id:n}|{NameKey(line.Pupil)}";
        if ((named.TryGetValue(key, out var before) ? before : Twin(line.Pupil, schoolClass.Id)) is not 0 and var number)
        {
            return Wrong(line, new("Họ tên", new("Trùng với dòng {0} của tệp. Hãy giữ lại một dòng.", number), false));
        }
        if (known is not null && !school.ClassesOf[known.Id].Contains(schoolClass.Id)
            && Enrol.NotBegun(school.PlacesOf[known.Id], file.From) is { } later)
        {
            return Wrong(line, new("Họ tên", new("Học sinh đã được xếp lớp từ ngày {0:dd/MM/yyyy}. Hãy chọn ngày vào học sau ngày đó.", later.From), false));
        }
        named[key] = line.Number;
        var twin = !twins.TryAdd($"{schoolClass.Id:n}|{NameKey(line.Pupil)}", (line.Number, line.Pupil.MinistryId is not null));
        return Change(known is null ? WithWarning(line, schoolClass.Id, twin) : line, schoolClass.Id, known);
    }

    /// <summary>A file ends nobody's place: of a pupil who is still in a class a person records the leaving, with its day.</summary>
    private ImportRow Gone(PupilLine line, string status)
    {
        var alike = byName[NameKey(line.Pupil)].Where(p => p.Value.MinistryId is null || line.Pupil.MinistryId is null);
        var known = (line.Pupil.MinistryId is { } id ? byMinistryId[id] : []).Concat(alike).FirstOrDefault(p => school.ClassesOf[p.Id].Any());
        var reason = known is null
            ? new Text("Không ghi vào lớp: tệp ghi trạng thái “{0}”.", status)
            : new Text("Tệp ghi trạng thái “{0}” nhưng em đang ở lớp {1}. Tệp không cho ai thôi học: hãy bấm tên em rồi ghi ngày thôi học.",
                status, classNames.GetValueOrDefault(school.ClassesOf[known.Id].First(), ""));
        return new(line.Number, line.ClassName, line.Pupil.FullName, Verdict.Gone,
            [.. line.Issues, new(PupilCells.StatusColumn, reason, IsWarning: true)], [], known?.Id);
    }

    /// <summary>The earlier row of the same name, birth date and class, unless both have ids, which then differ; 0 for none.</summary>
    private int Twin(Pupil pupil, Guid schoolClass) =>
        twins.TryGetValue($"{schoolClass:n}|{NameKey(pupil)}", out var twin) && !(twin.HasId && pupil.MinistryId is not null)
            ? twin.Number : 0;

    /// <summary>The pupil that the row means, null for a new one; with a refusal the one that it is about.</summary>
    private (Row<Pupil>? Known, Text? Refusal) Match(Pupil pupil, Row<SchoolClass> schoolClass)
    {
        if (pupil.MinistryId is { } id && byMinistryId[id].FirstOrDefault() is { } known)
        {
            var classes = school.ClassesOf[known.Id];
            return (known, !classes.Any() || classes.Contains(schoolClass.Id) ? null : InOtherClass(known));
        }
        var inClass = AlikeIn(schoolClass.Id, pupil).Where(p => MayBe(p, pupil)).ToList();
        if (inClass.Count > 1)
        {
            return (null, new("Lớp có {0} học sinh cùng họ tên và ngày sinh. Hãy ghi mã định danh Bộ để phân biệt.", inClass.Count));
        }
        if (inClass is [var same])
        {
            return (same, null);
        }
        if (pupil.BirthDate is { Length: 10 }
            && byName[NameKey(pupil)].FirstOrDefault(p => MayBe(p, pupil) && school.ClassesOf[p.Id].Any()) is { } elsewhere)
        {
            return (elsewhere, InOtherClass(elsewhere));
        }
        return Namesake(pupil, schoolClass) is { } namesake ? (namesake, MaybeSame(namesake.Value)) : (null, null);
    }

    /// <summary>
    /// A pupil of the class with this name and another birth date, whom the row may mean to correct: no ids tell the two apart, and no
    /// row of the file says that both are there.
    /// </summary>
    private Row<Pupil>? Namesake(Pupil pupil, Row<SchoolClass> schoolClass) =>
        byFullName[VietnameseText.Key(pupil.FullName)].FirstOrDefault(p => MayBe(p, pupil) && school.ClassesOf[p.Id].Contains(schoolClass.Id)
            && !(p.Value.MinistryId is { } id && inFile.Contains(id))
            && !inFile.Contains($"{VietnameseText.Key(schoolClass.Value.Name)}|{NameKey(p.Value)}"));

    private static bool MayBe(Row<Pupil> known, Pupil pupil) => known.Value.MinistryId is null || pupil.MinistryId is null;

    private static Text MaybeSame(Pupil known) => new(
        "Có thể là em {0} sinh {1} đã có trong lớp. Nếu sửa ngày sinh, hãy sửa ở trang của em; nếu là em khác, hãy ghi mã định danh Bộ của cả hai em.",
        known.FullName, FormText.Birth(known.BirthDate));

    private IEnumerable<Row<Pupil>> AlikeIn(Guid schoolClass, Pupil pupil) =>
        byName[NameKey(pupil)].Where(p => school.ClassesOf[p.Id].Contains(schoolClass));

    /// <summary>Two children of one name and birth date in one class are possible, and rare enough to ask.</summary>
    private PupilLine WithWarning(PupilLine line, Guid schoolClass, bool twin) => twin || AlikeIn(schoolClass, line.Pupil).Any()
        ? line with { Issues = [.. line.Issues,
            new("Mã định danh Bộ", new("Lớp có học sinh khác cùng họ tên và ngày sinh. Hãy kiểm tra lại mã."), IsWarning: true)] }
        : line;

    private Text InOtherClass(Row<Pupil> known) => new(
        "Học sinh này đang ở lớp {0} và không được chuyển lớp bằng cách này. Hãy sửa lại lớp, hoặc mở trang của em và bấm Chuyển lớp.",
        classNames.GetValueOrDefault(school.ClassesOf[known.Id].First(), ""));

    private ImportRow Change(PupilLine line, Guid schoolClass, Row<Pupil>? known)
    {
        var id = known?.Id ?? RecordId.New(clock);
        var drafts = new List<Draft>();
        var family = new MergeGuardians(known is null ? new() : PupilSecrets.Of(seals, file.School, id, known.Value), line.Secrets);
        var secrets = line.Secrets with { Guardians = family.Take(line.Guardians) };
        var wanted = secrets.SealInto(line.Pupil, seals, file.School, id);
        if (!secrets.IsEmpty && !PupilSecrets.AreIn(wanted))
        {
            return Wrong(line, new("Mã định danh Bộ", new(
                "Thông tin gia đình, dân tộc, số định danh của em này đã được xóa theo hạn và không ghi lại được vào hồ sơ cũ. Hãy để trống các cột đó."), IsWarning: false));
        }
        var pupil = known is null ? catalogue.Create(file.School, id, wanted) : catalogue.Change(file.School, known, Merge(known.Value, wanted));
        if (pupil is not null)
        {
            drafts.Add(pupil);
        }
        if (!school.ClassesOf[id].Contains(schoolClass))
        {
            // A place in last year's class, if nobody ended it, ends here.
            drafts.AddRange(Enrol.Begin(catalogue, file.School, [.. school.PlacesOf[id]], new(id, schoolClass, file.From, null)));
        }
        var verdict = drafts.Count == 0 ? Verdict.Same : known is null ? Verdict.Add : Verdict.Change;
        guardiansAdded += family.Added;
        guardiansChanged += family.Changed;
        return new(line.Number, line.ClassName, line.Pupil.FullName, verdict, [.. line.Issues, .. family.Issues], drafts) { Notes = family.Notes };
    }

    /// <summary>What the file says stands, what it leaves empty stays. Another spelling of the same name is no change.</summary>
    private static Pupil Merge(Pupil old, Pupil now) => new(
        now.MinistryId ?? old.MinistryId,
        VietnameseText.Key(now.FullName) == VietnameseText.Key(old.FullName) ? old.FullName : now.FullName,
        now.BirthDate ?? old.BirthDate,
        now.Gender ?? old.Gender,
        now.Ethnicity ?? old.Ethnicity,
        now.PersonalId ?? old.PersonalId,
        now.Phone ?? old.Phone,
        now.FatherName ?? old.FatherName,
        now.MotherName ?? old.MotherName,
        now.Address ?? old.Address,
        now.Email ?? old.Email,
        now.Guardians ?? old.Guardians);

    private static ImportRow Wrong(PupilLine line, RowIssue? issue) =>
        new(line.Number, line.ClassName, line.Pupil.FullName, Verdict.Wrong, issue is null ? line.Issues : [.. line.Issues, issue], []);

    private static string NameKey(Pupil pupil) => $"{VietnameseText.Key(pupil.FullName)}|{pupil.BirthDate}";
}
