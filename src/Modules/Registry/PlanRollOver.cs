using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Where every pupil of the old year goes when nobody says otherwise, and with what the office said.</summary>
internal static class PlanRollOver
{
    public static Result<RollPlan> Load(IRecords records, Scope school, RollWish wish, DateOnly today)
    {
        var years = records.All<SchoolYear>(Scope.City).Select(y => y.Value).OrderBy(y => y.From).ToList();
        var pairs = years.Zip(years.Skip(1)).Where(p => p.Second.To >= today).ToList();
        if (pairs is [])
        {
            return Error.Conflict("no_next_year", "Chưa có năm học sau. Hãy nhờ Phòng Giáo dục khai báo năm học rồi mở lại trang này.");
        }
        var places = records.All<Enrolment>(school).Where(p => !Period.Of(p.Value).IsEmpty).ToList();
        var plans = pairs.Select(p => Of(records, school, p.First, p.Second, places, wish, today)).ToList();
        return plans.Find(p => p.Standing is [] && p.Classes.Any(c => c.Places is not [])) ?? plans.Find(p => p.Standing is not [])
            ?? (Result<RollPlan>)Error.Conflict(
                "nobody_to_roll", "Năm học {0} không có học sinh nào chờ lên lớp. Hãy kiểm tra danh sách lớp.", pairs[^1].First.Name);
    }

    public static List<Row<RollOver>> Standing(IRecords records, Scope school, string year)
    {
        var undone = records.AllAt<RollOverUndone>(school, year).SelectMany(u => u.Value.Steps).ToHashSet();
        return [.. records.AllAt<RollOver>(school, year).Where(r => !undone.Contains(r.Value.Step))];
    }

    private static RollPlan Of(
        IRecords records, Scope school, SchoolYear from, SchoolYear to, List<Row<Enrolment>> places, RollWish wish, DateOnly today)
    {
        var level = records.Get<Unit>(Scope.City, school.Owner)?.Value.Level;
        var last = places.GroupBy(p => p.Value.Pupil).Select(g => g.MaxBy(p => p.Value.From)!).ToLookup(p => p.Value.Class);
        List<RollClass> classes =
        [
            .. records.AllAt<SchoolClass>(school, from.Name).OrderBy(c => c.Value, ClassOrder.Instance).Select(c => new RollClass(
                c, wish.Names.GetValueOrDefault(c.Id) ?? TargetOf(c.Value, level), [.. last[c.Id].Where(p => p.Value.To is null)], wish.Retained,
                last[c.Id].Count(p => p.Value.To is not null))),
        ];
        var first = today > to.From ? today : to.From;
        return new(from, to, first, classes, [.. Standing(records, school, to.Name).Select(r => r.Value)], Digest(classes, first));
    }

    /// <summary>The name with the next number; nothing after the last khối, and after the last year of kindergarten.</summary>
    internal static string TargetOf(SchoolClass old, string? level) => old.Grade is { } grade
        ? EditClass.LastGrade(level) is { } last && grade >= last ? ""
            : ClassOrder.LeadingNumber(old.Name) == grade
                ? (grade + 1).ToString(CultureInfo.InvariantCulture) + old.Name[grade.ToString(CultureInfo.InvariantCulture).Length..] : old.Name
        : ClassOrder.LevelOf(old) == ClassOrder.LastKindergartenAge ? "" : old.Name;

    private static string Digest(List<RollClass> classes, DateOnly first) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{first.Iso()}|{string.Join('|', classes.SelectMany(c => c.Places.Select(p => p.Id).Order().Prepend(c.Class.Id)))}")));
}
