using System.Globalization;
using System.Reflection;
using System.Text.Json;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Demo;

/// <summary>A sign-in of the demo, printed at every start and kept in the demo's data folder only.</summary>
public sealed record SignIn(string SchoolCode, string UserName, string Password, string Who);

/// <summary>
/// Three schools with made-up pupils and teachers. Names come from the lists that lie beside the project when they are there,
/// else from the project's own small list. No real child is in here.
/// </summary>
internal sealed class DemoCity(Catalogue catalogue, TimeProvider clock, string password, Seals seals)
{
    private const Roles TeacherRoles = Roles.Teacher | Roles.HomeroomTeacher;
    private readonly Random random = new(174);
    private readonly Names names = Names.Load();
    private readonly string hash = PasswordHash.Of(password);
    private readonly List<Draft> drafts = [];
    /// <summary>Of its own, so that the names of pupils and teachers stay what they were.</summary>
    private readonly Random familyRandom = new(175);
    private int known;

    public sealed record School(string Code, string Name, string Level, string Ward, int Classes, int Pupils);

    /// <summary>Whose families have an address.</summary>
    public const int KnownPerClass = 3;

    private const int LessonDaysAround = 14;
    private static readonly string[] Ethnicities = ["01", "04", "05"];

    public List<SignIn> SignIns { get; } = [];

    public static IReadOnlyList<School> Schools { get; } =
        [.. Resource("schools.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))
            .Select(f => new School(f[0], f[1], f[2], f[3], int.Parse(f[4], CultureInfo.InvariantCulture), int.Parse(f[5], CultureInfo.InvariantCulture)))];

    public IReadOnlyList<Draft> Compose()
    {
        var today = clock.Today();
        drafts.AddRange(ImportUnits.WardDrafts(catalogue, new Units([], [])));
        var wards = RegistryData.Wards.Wards.Where(w => w.Value.IsValidOn(today)).ToDictionary(w => w.Value.Code, w => w.Id);
        var start = today.Month >= 8 ? today.Year : today.Year - 1;
        // Whatever day it is tried on, there are lessons today and on the weekdays before and after.
        var from = Min(new(start, 9, 5), today.AddDays(-LessonDaysAround));
        var year = new SchoolYear($"{start}–{start + 1}", from, Max(new(start + 1, 5, 31), today.AddDays(LessonDaysAround)), [1, 2, 3, 4, 5]);
        Add(Scope.City, year);
        // Tomorrow too, for who stays up.
        foreach (var day in new[] { today, today.AddDays(1) }.Where(d => !year.Weekdays.Contains(d.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)d.DayOfWeek)))
        {
            Add(Scope.City, new CalendarDay(day, DayKind.MakeUp, "Ngày học bù của bản dùng thử"));
        }
        AddPerson(Scope.Department, "", "chuyenvien", "Chuyên viên Phòng Giáo dục", Roles.DepartmentOfficer);
        AddPerson(Scope.Department, "", "quantri", "Quản trị hệ thống Phòng Giáo dục", Roles.DepartmentIt);
        foreach (var school in Schools)
        {
            AddSchool(school, wards[school.Ward], year);
        }
        // Last, so that everybody else is called what they were.
        AddPerson(Scope.Department, "", "quantri2", "Quản trị thứ hai của Phòng Giáo dục", Roles.DepartmentIt);
        return drafts;
    }

    private static DateOnly Min(DateOnly a, DateOnly b) => a < b ? a : b;

    private static DateOnly Max(DateOnly a, DateOnly b) => a > b ? a : b;

    private void AddSchool(School school, Guid ward, SchoolYear year)
    {
        var unit = Add(Scope.City, new Unit(UnitKind.School, school.Code, school.Name, school.Level, ward, new(2000, 1, 1), null, SampleCode: true));
        var scope = Scope.School(unit);
        AddPerson(scope, school.Code, "hieutruong", "Hiệu trưởng", Roles.Head);
        AddPerson(scope, school.Code, "vanphong", "Văn thư", Roles.Office);
        AddPerson(scope, school.Code, "cntt", "Cán bộ CNTT", Roles.SchoolIt);
        var teachers = Enumerable.Range(1, school.Classes)
            .Select(n => AddPerson(scope, school.Code, $"gv{n:00}", "Giáo viên chủ nhiệm", TeacherRoles)).ToList();
        for (var n = 0; n < school.Classes; n++)
        {
            var schoolClass = Add(scope, ClassOf(school, n, year.Name));
            Add(scope, new Assignment(teachers[n], schoolClass, year.From, null, Homeroom: true));
            // The next class's teacher gives lessons here as well, so that two people may take the same session.
            Add(scope, new Assignment(teachers[(n + 1) % school.Classes], schoolClass, year.From, null, Homeroom: false));
            var pupils = school.Pupils / school.Classes + (n < school.Pupils % school.Classes ? 1 : 0);
            for (var i = 0; i < pupils; i++)
            {
                Add(scope, new Enrolment(AddPupil(scope, PupilOf(year.From.Year - AgeOf(school, n)), isKnownWell: i < KnownPerClass), schoolClass, year.From, null));
            }
        }
    }

    /// <summary>The name of the n-th class, from 0; its homeroom teacher is gv(n+1).</summary>
    public static string ClassName(string schoolCode, int n) => ClassOf(Schools.Single(s => s.Code == schoolCode), n, "").Name;

    public static int PupilsMin(string schoolCode) => Schools.Where(s => s.Code == schoolCode).Select(s => s.Pupils / s.Classes).Single();

    private static SchoolClass ClassOf(School school, int n, string year) => school.Level switch
    {
        "MN" => new(n < 8 ? $"Mầm {n + 1}" : n < 17 ? $"Chồi {n - 7}" : $"Lá {n - 16}", null, year, [Slot.Morning, Slot.Afternoon]),
        "TH" => new($"{n / 5 + 1}/{n % 5 + 1}", n / 5 + 1, year, [Slot.Morning, Slot.Afternoon]),
        _ => new($"{n / 6 + 6}A{n % 6 + 1}", n / 6 + 6, year, [Slot.Morning, Slot.Afternoon]),
    };

    private static int AgeOf(School school, int n) => school.Level switch
    {
        "MN" => n < 8 ? 3 : n < 17 ? 4 : 5,
        "TH" => n / 5 + 6,
        _ => n / 6 + 11,
    };

    private Pupil PupilOf(int birthYear)
    {
        var gender = random.Next(2) == 0 ? Gender.Female : Gender.Male;
        var birth = new DateOnly(birthYear, 1, 1).AddDays(random.Next(365));
        return new(null, names.Next(random, gender), birth.Iso(), gender);
    }

    /// <summary>The first few of each class come with what is sealed. Numbers that nobody can have: no province is 000, and 0900000… is not given out.</summary>
    private Guid AddPupil(Scope scope, Pupil pupil, bool isKnownWell)
    {
        if (!isKnownWell)
        {
            return Add(scope, pupil);
        }
        var (id, n) = (RecordId.New(clock), ++known);
        var secrets = new PupilSecrets(
            Ethnicities[n % Ethnicities.Length], string.Create(CultureInfo.InvariantCulture, $"000{(pupil.Gender == Gender.Male ? 2 : 3)}{pupil.BirthDate![2..4]}{n:000000}"),
            string.Create(CultureInfo.InvariantCulture, $"0900000{n % 1000:000}"), names.Next(familyRandom, Gender.Male), names.Next(familyRandom, Gender.Female),
            string.Create(CultureInfo.InvariantCulture, $"Số {n}, đường Bịa Đặt"),
            string.Create(CultureInfo.InvariantCulture, $"giadinh{n}@vidu.example"));
        drafts.Add(catalogue.Create(scope, id, secrets.SealInto(pupil, seals, scope, id)));
        return id;
    }

    private Guid AddPerson(Scope scope, string school, string userName, string title, Roles roles)
    {
        var name = names.Next(random, random.Next(2) == 0 ? Gender.Female : Gender.Male);
        var staff = Add(scope, new Staff(name, title));
        drafts.Add(catalogue.Create(scope, staff, new Account(userName, hash, roles)));
        SignIns.Add(new(school, userName, password, $"{title} {name}"));
        return staff;
    }

    private Guid Add<T>(Scope scope, T value)
    {
        var id = RecordId.New(clock);
        drafts.Add(catalogue.Create(scope, id, value));
        return id;
    }

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"TdmEdu.Demo.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed class Names(string[] family, string[] girls, string[] boys)
    {
        public static Names Load()
        {
            var own = Resource("names.txt").Split('\n').Where(l => l.Contains(':', StringComparison.Ordinal) && l[0] != '#')
                .ToDictionary(l => l[..l.IndexOf(':', StringComparison.Ordinal)], l => l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            var lists = Path.Combine(Repository.Root, "..", "shared", "data", "names");
            if (!Directory.Exists(lists))
            {
                return new(own["family"].Split(' '), own["girl"].Split(','), own["boy"].Split(','));
            }
            using var regions = JsonDocument.Parse(File.ReadAllText(Path.Combine(lists, "region-tags.json")));
            var family = regions.RootElement.GetProperty("universalSurnames").EnumerateArray().Select(e => e.GetString()!).ToArray();
            return new(family, Lines(lists, "girl.txt"), Lines(lists, "boy.txt"));
        }

        public string Next(Random random, Gender gender)
        {
            var given = gender == Gender.Female ? girls : boys;
            return $"{family[random.Next(family.Length)]} {given[random.Next(given.Length)]}";
        }

        // The lists use Ð (U+00D0) where Vietnamese has Đ (U+0110).
        private static string[] Lines(string folder, string file) =>
            [.. File.ReadAllLines(Path.Combine(folder, file)).Select(l => l.Trim().Replace('Ð', 'Đ').Normalize()).Where(l => l.Length > 0)];
    }
}
