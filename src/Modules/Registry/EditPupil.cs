using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A pupil's name, birth date, gender and ministry id, read as a row of a file would be.</summary>
internal static class EditPupil
{
    /// <param name="shown">What the form held when it was opened: what the person left alone stays as it is by now.</param>
    public static Decision<Guid> Decide(
        Catalogue catalogue, IRecords records, Scope school, Row<Pupil> before, PupilForm shown, PupilForm typed, DateOnly today)
    {
        var line = AddPupil.Read("", typed, today);
        if (line.Issues.FirstOrDefault(i => !i.IsWarning) is { } wrong)
        {
            return new Error(ErrorCode.Invalid, "pupil_wrong", wrong.Reason);
        }
        var (was, read) = (before.Value, line.Pupil);
        var wanted = was with
        {
            FullName = typed.Name == shown.Name ? was.FullName : read.FullName,
            BirthDate = typed.BirthDate == shown.BirthDate ? was.BirthDate : read.BirthDate,
            Gender = typed.Gender == shown.Gender ? was.Gender : read.Gender,
            MinistryId = typed.MinistryId == shown.MinistryId ? was.MinistryId : read.MinistryId,
        };
        return WhyTaken(records, school, before.Id, wanted, today) is { } taken
            ? taken
            : new Decision<Guid>(before.Id, catalogue.Change(school, before, wanted) is { } draft ? [draft] : []);
    }

    /// <summary>As an import finds a pupil: by the id in the whole school, else by name and birth date in the class.</summary>
    private static Error? WhyTaken(IRecords records, Scope school, Guid id, Pupil wanted, DateOnly today)
    {
        if (wanted.MinistryId is { } code && records.AllAt<Pupil>(school, code).FirstOrDefault(p => p.Id != id) is { } holder)
        {
            return Error.Conflict("ministry_id_taken", "Mã {0} là của em {1}. Hãy kiểm tra lại mã.", code, holder.Value.FullName);
        }
        var name = VietnameseText.Key(wanted.FullName);
        var beside = Enrol.PlacesOf(records, school, id).Where(p => p.Value.IsActiveOn(today)).Select(p => p.Value.Class)
            .SelectMany(c => records.View<ClassRoster>(school, c)?.PupilsOn(today) ?? []).Where(p => p != id)
            .Select(p => records.Get<Pupil>(school, p)?.Value).OfType<Pupil>();
        return beside.Any(p => (p.MinistryId is null || wanted.MinistryId is null)
            && p.BirthDate == wanted.BirthDate && VietnameseText.Key(p.FullName) == name)
            ? Error.Conflict("pupil_ambiguous", "Lớp có em khác cùng họ tên và ngày sinh. Hãy ghi mã định danh Bộ của cả hai em để phân biệt.")
            : null;
    }
}
