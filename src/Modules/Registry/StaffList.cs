using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A class that somebody teaches today or will.</summary>
public sealed record StaffClass(string Name, DateOnly From, DateOnly? To, bool Homeroom, string? Subject);

public sealed record StaffLine(Guid Id, Staff Staff, Row<Account>? Account, IReadOnlyList<StaffClass> Classes)
{
    internal static List<StaffLine> Load(IRecords records, Scope scope, DateOnly today)
    {
        var accounts = records.All<Account>(scope).ToDictionary(a => a.Id);
        var classes = scope == Scope.Department ? [] : records.All<SchoolClass>(scope).ToDictionary(c => c.Id, c => c.Value);
        var assignments = scope == Scope.Department ? [] : records.All<Assignment>(scope).Select(a => a.Value);
        var work = assignments
            .Where(a => classes.ContainsKey(a.Class) && (a.To is null || a.To >= today && a.To >= a.From)).ToLookup(a => a.Staff);
        return
        [
            .. records.All<Staff>(scope).OrderBy(s => s.Value.FullName, VietnameseText.ByGivenName).Select(s => new StaffLine(
                s.Id, s.Value, accounts.GetValueOrDefault(s.Id),
                [
                    .. work[s.Id].OrderByDescending(a => a.Homeroom).ThenBy(a => classes[a.Class], ClassOrder.Instance)
                        .Select(a => new StaffClass(classes[a.Class].Name, a.From, a.To, a.Homeroom, a.Subject is { } s ? Subjects.Find(s)?.Name ?? s : null)),
                ])),
        ];
    }
}

/// <summary>Roles in the words of the people who have them.</summary>
internal static class RoleWords
{
    public static readonly IReadOnlyList<(Roles Role, string Words)> All =
    [
        (Roles.Teacher, "Giáo viên"),
        (Roles.HomeroomTeacher, "Giáo viên chủ nhiệm"),
        (Roles.Office, "Văn phòng"),
        (Roles.Head, "Hiệu trưởng"),
        (Roles.SchoolIt, "CNTT của trường"),
        (Roles.DepartmentOfficer, "Chuyên viên Phòng"),
        (Roles.DepartmentIt, "Quản trị của Phòng"),
    ];

    public static IEnumerable<(Roles Role, string Words)> In(Roles roles) => All.Where(r => roles.HasFlag(r.Role));
}
