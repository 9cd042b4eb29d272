using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What a school reads of the department's decision that a pupil of theirs and one of another school are one person.</summary>
/// <param name="OtherSchool">Its name.</param>
/// <param name="IsKept">The pupil goes on here.</param>
/// <param name="UndoneOn">Null while it stands.</param>
public sealed record MergeNotice(Guid Pupil, string FullName, string OtherSchool, bool IsKept, DateOnly From, bool HasFilled, DateOnly? UndoneOn)
{
    /// <summary>How long the page of all pupils speaks of it; the pupil's own page always does.</summary>
    internal const int DaysShown = 30;

    /// <summary>What happened, and what it means here.</summary>
    public Text Words => (IsKept, UndoneOn) switch
    {
        (true, null) => new Text("Từ {0:dd/MM/yyyy} phòng giáo dục gộp hồ sơ của em ở {1} vào hồ sơ này: em học tiếp ở đây. Điểm danh của trường kia vẫn ở trường kia.",
            From, OtherSchool),
        (false, null) => new Text("Từ {0:dd/MM/yyyy} phòng giáo dục gộp hồ sơ này vào hồ sơ của em ở {1}: em học tiếp ở đó, không còn trong lớp ở đây. Điểm danh ở đây giữ nguyên.",
            From, OtherSchool),
        (true, { } day) => new Text("Ngày {0:dd/MM/yyyy} phòng giáo dục hoàn tác lần gộp từ {1:dd/MM/yyyy} với hồ sơ ở {2}: đó là hai học sinh. Em vẫn học ở đây.",
            day, From, OtherSchool),
        (_, { } day) => new Text("Ngày {0:dd/MM/yyyy} phòng giáo dục hoàn tác lần gộp từ {1:dd/MM/yyyy} với hồ sơ ở {2}: đó là hai học sinh. Em lại ở lớp cũ: hãy điểm danh bù.",
            day, From, OtherSchool),
    };

    /// <summary>Of a school, the newest first.</summary>
    internal static IReadOnlyList<MergeNotice> Of(IRecords records, Scope school) =>
    [
        .. from row in records.All<PupilMerge>(school)
           let merge = row.Value
           let isKept = merge.KeptSchool == school.Owner
           let pupil = isKept ? merge.Kept : merge.Other
           orderby row.Version descending
           select new MergeNotice(
               pupil, records.Get<Pupil>(school, pupil)?.Value.FullName ?? "–",
               records.Get<Unit>(Scope.City, isKept ? merge.OtherSchool : merge.KeptSchool)?.Value.Name ?? "–", isKept, merge.From,
               isKept && merge.Filled != new MergedFields(null, null, null), merge.Undone ? SchoolTime.DayOf(row.Version.Hlc) : null),
    ];

    /// <summary>Of late, for the office.</summary>
    internal static IReadOnlyList<MergeNotice> Recent(IRecords records, Scope school, DateOnly today) =>
        [.. Of(records, school).Where(m => (m.UndoneOn ?? m.From) > today.AddDays(-DaysShown))];
}
