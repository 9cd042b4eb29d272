using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Rights;

public sealed partial class RightsMatrixTests
{
    /// <summary>What a request may name that belongs to a class or a school, and a word that only its pages may show.</summary>
    private sealed record Things(string Canary, Guid School, Guid Class, Guid Pupil, Guid Staff, Guid Assignment, Guid Notice)
    {
        public IEnumerable<Guid> Ids => [Class, Pupil, Staff, Assignment, Notice];
    }

    /// <summary>Fields that name nothing of a school, with what is sent in them.</summary>
    private static readonly Dictionary<string, string> Plain = new()
    {
        ["ngay"] = "2026-09-07", ["hoten"] = "Lê Thử", ["ten"] = "9Z", ["khoi"] = "9", ["buoi"] = "sang", ["ghichu"] = "thử", ["loai"] = "bu", ["chucdanh"] = "",
        ["viec"] = "1", ["thu"] = "1", ["cn"] = "", ["dongy"] = "1", ["khoa"] = "1", ["ban"] = "", ["quyet"] = "rut", ["vi-sao"] = "thử", ["tim"] = "Canary",
        ["ghi"] = "", ["bo"] = "", ["doi"] = "", ["phieu"] = "", ["sau"] = "", ["phuong"] = "", ["date"] = "2026-09-07", ["slot"] = "morning", ["gio-dat"] = "",
        ["lang"] = "vi", ["tiep"] = "", ["matkhau"] = "", ["cu"] = "", ["moi"] = "", ["lai"] = "", ["may"] = "", ["mau"] = "", ["nhan"] = "", ["da-so"] = "",
        ["thay"] = "", ["ten-may"] = "", ["text"] = "", ["tep"] = "", ["maso"] = "", ["chung"] = "", ["ma-lop"] = "", ["thang"] = "2026-09",
        ["muc-dich"] = "photo", ["ai-noi"] = "parent", ["ten-nguoi"] = "Lê Thử", ["cho"] = "1", ["ly-do"] = "", ["lop-moi"] = "6A", ["nam"] = "2026–2027",
        ["dantoc"] = "01", ["sodinhdanh"] = "", ["dienthoai"] = "0900000001", ["tencha"] = "", ["tenme"] = "", ["diachi"] = "", ["thudientu"] = "",
        ["cot"] = "", ["bo-sai"] = "", ["bang"] = "danh-sach", ["dang"] = "csv", ["sdt"] = "", ["diagioi"] = "", ["con"] = "1",
        ["gh-ten"] = "", ["gh-quanhe"] = "", ["gh-sdt"] = "", ["gh-thu"] = "", ["gh-cung"] = "", ["gh-thutu"] = "", ["mon"] = "", ["chucvu"] = "GV",
        ["tiet"] = "", ["quan-he"] = "cô", ["dien-thoai"] = "0900000001", ["so-tiet"] = "1", ["khu-pho"] = "", ["cap"] = "TH", ["bai-hoc"] = "thử", ["nhan-xet"] = "",
        ["xep-loai"] = "Good",
    };

    [Fact]
    public async Task Threat_T10_Another_schools_or_classes_objects_are_refused_at_every_endpoint_that_names_one()
    {
        var catalogue = city.Central.Get<Catalogue>();
        foreach (var field in FieldsOfForms().Concat(FieldsOfQueries()).Distinct().Where(f => !Plain.ContainsKey(f) && Value(f, "", null!, null!) is null))
        {
            city.Hole($"Nobody said what the field '{field}' may name");
        }

        var (a, b) = (Make(Scope.School(RecordId.New(city.Central.Clock)), "Canary-Anh"), Make(Scope.School(RecordId.New(city.Central.Clock)), "Canary-Bình"));
        var teachers = RightsCity.IdOf(EdgeBox.School, Roles.Teacher);
        var (own, other) = (Make(EdgeBox.School, "Canary-Của-Tôi", teachers), Make(EdgeBox.School, "Canary-Lớp-Khác"));
        await city.Central.Save([.. a.Drafts, .. b.Drafts]);
        await city.Edge.Feed([.. own.Drafts, .. other.Drafts]);

        using var department = await Visit("central", Roles.DepartmentOfficer);
        AssertReached(
            ["GET /hoc-sinh", "GET /hoc-sinh/{id:guid}", "POST /hoc-sinh/{id:guid}", "GET /can-bo", "POST /phan-cong/ket-thuc"],
            await Attack("central", department, b.Things, b.Things));
        await Attack("central", department, a.Things, b.Things, mustFail: true);

        using var teacher = await Visit("edge", Roles.Teacher);
        AssertReached(
            ["GET /hoc-sinh", "GET /api/attendance/sheets/{schoolClass:guid}/{date}/{slot}", "POST /api/attendance/submissions"],
            await Attack("edge", teacher, own.Things, own.Things));
        await Attack("edge", teacher, own.Things, other.Things, mustFail: true);
        var homeroom = Make(EdgeBox.School, "Canary-Chủ-Nhiệm", RightsCity.IdOf(EdgeBox.School, Roles.HomeroomTeacher));
        await city.Edge.Feed(homeroom.Drafts);
        using var keyMaker = await Visit("edge", Roles.HomeroomTeacher);
        AssertReached(
            [
                "GET /the-hoc-sinh", "POST /the-hoc-sinh/the", "POST /the-hoc-sinh/lien-ket", "POST /hoc-sinh/tai",
                "GET /don-xin-nghi", "POST /don-xin-nghi", "POST /don-xin-nghi/{id:guid}/duyet", "POST /don-xin-nghi/{id:guid}/huy",
            ],
            await Attack("edge", keyMaker, homeroom.Things, homeroom.Things));
        await Attack("edge", keyMaker, homeroom.Things, other.Things, mustFail: true);
        using var office = await Visit("edge", Roles.Office);
        await Attack("edge", office, b.Things, b.Things, mustFail: true);
        city.AssertNoHoles();

        (Things Things, IEnumerable<Draft> Drafts) Make(Scope school, string name, Guid? staff = null)
        {
            var klass = Compose.Class(catalogue, school, new(name.Replace("Canary", "Lớp", StringComparison.Ordinal), 5, RightsCity.Year, [Slot.Morning]));
            var (pupil, person) = (RecordId.New(city.Central.Clock), staff ?? RecordId.New(city.Central.Clock));
            var assignment = Compose.Assignment(catalogue, school, new(person, klass.Id, new(2026, 9, 1), null, true));
            return (
                new(name, school.Owner, klass.Id, pupil, person, assignment.Id, RightsCity.NoticeOf(pupil)),
                [
                    .. school == EdgeBox.School ? Array.Empty<Draft>() : [catalogue.Create(Scope.City, school.Owner, UnitOf(school))],
                    .. staff is null ? Compose.Staff(catalogue, school, person, new(name, "Giáo viên"), $"{person:n}"[..20], RightsCity.Password, Roles.Teacher) : [],
                    klass.Draft, assignment, .. Compose.Pupil(catalogue, school, pupil, new Pupil(null, name, "2016-01-01", null), klass.Id, new(2026, 9, 1)),
                    // The department neither writes nor reads notices.
                    .. school == EdgeBox.School ? [RightsCity.Notice(catalogue, school, pupil)] : Array.Empty<Draft>(),
                ]);
        }
    }

    /// <summary>Where something may be read or written it is: what is refused elsewhere is refused for whose it is.</summary>
    private static void AssertReached(IEnumerable<string> wanted, List<string> reached) => Assert.Empty(wanted.Except(reached));

    private static Unit UnitOf(Scope school) =>
        new(UnitKind.School, $"{school.Owner:n}"[..8], $"Trường {school.Owner:n}", "TH", null, new(2020, 1, 1), null);

    /// <summary>Asks every endpoint with one's own school and everything else of the other's; returns those that showed or changed something.</summary>
    private async Task<List<string>> Attack(string host, WebHost.Browser browser, Things own, Things other, bool mustFail = false)
    {
        var reached = new List<string>();
        foreach (var (method, path) in Endpoints(host).Where(e => e.Path is not ("/dang-xuat" or "/ngon-ngu") && !e.Path.StartsWith("tdmedu.", StringComparison.Ordinal)))
        {
            foreach (var id in path.Contains("{id", StringComparison.Ordinal) ? other.Ids : [Guid.Empty])
            {
                var before = await StateOf(host, other);
                var filled = "/" + Filled().Replace(path, place => place.Groups["name"].Value is var name && name == "id" ? $"{id}"
                    : Value(name, path, own, other) ?? Plain.GetValueOrDefault(name, "x")).TrimStart('/');
                var fields = FieldsOfForms().Concat(FieldsOfQueries()).Distinct().Select(f => (Name: f, Value: Value(f, path, own, other) ?? Plain[f]))
                    .Where(f => f.Value.Length > 0).ToArray();
                var answer = method != "POST" ? await browser.Get($"{filled}?{string.Join('&', fields.Select(f => $"{f.Name}={Uri.EscapeDataString(f.Value)}"))}")
                    : path.StartsWith("/api/", StringComparison.Ordinal) ? await browser.Json(HttpMethod.Post, filled, Body(path, other))
                    : await browser.Post(filled, fields);
                var (shown, changed) = (browser.Html.Contains(other.Canary, StringComparison.Ordinal), before != await StateOf(host, other));
                var taken = method == "POST" && id != Guid.Empty && (int)answer.StatusCode < 400;
                if (shown || changed)
                {
                    reached.Add($"{method} {path}");
                }
                Expect(!mustFail || !(shown || changed || taken), $"{host} {method} {filled} {(shown ? "shows" : changed ? "changes" : "takes")} what is another's");
            }
        }
        return reached;
    }

    private static string? Value(string field, string path, Things own, Things other)
    {
        var isTransfer = path.StartsWith("/chuyen-truong", StringComparison.Ordinal);
        return field switch
        {
            "truong" or "truong1" or "school" => $"{own?.School}",
            "tu" => isTransfer ? $"{own.School}" : "2026-09-08",
            "den" => isTransfer ? $"{other.School}" : "2026-09-20",
            "lop" or "lop-cu" or "schoolClass" => $"{other?.Class}",
            "truong2" => $"{other?.School}",
            "hs" or "giu" or "em1" or "em2" => $"{other?.Pupil}",
            "canbo" or "nguoi" or "nghi" or "gv" => $"{other?.Staff}",
            "thay" when path.StartsWith("/day-thay", StringComparison.Ordinal) => $"{own.Staff}",
            // Whoever adds a person sends the new person's id, which is nobody's yet.
            "ma" => path == "/phan-cong/ket-thuc" ? $"{other.Assignment}" : "",
            "muc" => $"{other?.Assignment}",
            _ => null,
        };
    }

    private string Body(string path, Things other)
    {
        switch (path)
        {
            case "/api/attendance/submissions":
                var (id, none) = (RecordId.New(city.Central.Clock), Array.Empty<Guid>());
                return JsonSerializer.Serialize(
                    new { id, @class = other.Class, date = "2026-09-07", slot = "morning", pupils = (Guid[]?)null, marks = none, seen = none, takenAtMs = 1 });
            case "/api/attendance/receipts":
                return JsonSerializer.Serialize(new { ids = new[] { other.Pupil } });
            case "/api/attendance/gate":
                return JsonSerializer.Serialize(new { card = new string('5', 40), agoMs = 0 });
            default:
                city.Hole($"Nobody said what is posted to {path}");
                return "{}";
        }
    }

    /// <summary>All that belongs to the other school, and what of one's own points to the other's.</summary>
    private async Task<string> StateOf(string host, Things other)
    {
        if (host == "edge")
        {
            return string.Join('\n', city.Edge.Owner.Journal.Reader.EntriesAfter(0).Select(e => e.Op).Where(op => op.Entity != AuditEntry.Key)
                .Where(op => other.Ids.Contains(op.Id) || Names(op.Data.Span)));
        }
        await using var db = city.Central.Db();
        var text = new StringBuilder();
        foreach (var row in (await db.Records.AsNoTracking().ToListAsync(Cancel)).OrderBy(r => (r.Scope.Value, r.Entity, r.Id)))
        {
            if (row.Scope.Owner == other.School || Names(row.Data))
            {
                text.AppendLine($"{row.Scope} {row.Entity} {row.Id} {Encoding.UTF8.GetString(row.Data)} {row.Deleted}");
            }
        }
        return text.ToString();

        bool Names(ReadOnlySpan<byte> json)
        {
            var data = Encoding.UTF8.GetString(json);
            return other.Ids.Any(id => data.Contains($"{id}", StringComparison.Ordinal) || data.Contains($"{id:n}", StringComparison.Ordinal));
        }
    }

    private IEnumerable<string> FieldsOfQueries() => new[] { "edge", "central" }.SelectMany(Sources).SelectMany(s => s.Endpoints)
        .SelectMany(e => e.Metadata.OfType<MethodInfo>()).SelectMany(m => m.GetParameters())
        .Where(p => (Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType) is { IsValueType: true, Namespace: "System" } || p.ParameterType == typeof(string))
        .Select(p => p.Name!).Where(n => n != "id");

    private static IReadOnlyList<string> FieldsOfForms([CallerFilePath] string here = "") => formFields ??=
    [
        .. Directory.EnumerateFiles(System.IO.Path.GetFullPath("../../../src", System.IO.Path.GetDirectoryName(here)!), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => FormField().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).Distinct(),
    ];

    private static IReadOnlyList<string>? formFields;

    private IEnumerable<EndpointDataSource> Sources(string host) => [host == "edge" ? city.Edge.Get<EndpointDataSource>() : city.Central.Get<EndpointDataSource>()];

    [GeneratedRegex("""[Ff]orm(?:\.Files)?\["([\w-]+)"\]""")]
    private static partial Regex FormField();
}
