using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>One pupil by form: read, compared and placed exactly as one row of a file would be.</summary>
internal static class AddPupil
{
    public static PupilLine Read(string className, PupilForm typed, DateOnly today)
    {
        var issues = new List<RowIssue>();
        var pupil = new Pupil(
            PupilCells.MinistryId(Cell(typed.MinistryId), issues),
            PupilCells.Name(Cell(typed.Name), issues),
            new PupilCells(from1904: false, today).BirthDate(Cell(typed.BirthDate), issues),
            PupilCells.Gender(Cell(typed.Gender), issues));
        return new(1, className, pupil, new(), issues);
    }

    public static Decision<Guid> Decide(
        Catalogue catalogue, Seals seals, IRecords records, Scope school, Guid schoolClass, DateOnly from, Func<string, PupilLine> read, TimeProvider clock)
    {
        if (records.Get<SchoolClass>(school, schoolClass)?.Value is not { } found)
        {
            return Assign.NoClass;
        }
        var plan = ImportPupils.Plan(catalogue, seals, records, new(school, new([read(found.Name)], []), from), clock);
        if (!plan.Ok)
        {
            return plan.Error;
        }
        var row = plan.Value.Rows[0];
        if (row.Verdict == Verdict.Wrong)
        {
            return new Error(ErrorCode.Invalid, "pupil_wrong", row.Issues.First(i => !i.IsWarning).Reason);
        }
        return row.Verdict == Verdict.Add || row.Drafts.Any(d => d.Entity == catalogue.Of<Enrolment>().Key)
            ? new Decision<Guid>(schoolClass, row.Drafts)
            : Error.Conflict("pupil_exists", "Học sinh này đã có trong lớp {0}. Hãy kiểm tra lại danh sách.", found.Name);
    }

    private static SheetCell Cell(string text) => new() { Text = VietnameseText.Normalise(text) };
}
