using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Month">Its first day.</param>
/// <param name="OpensPhones">Who asks may have the families' telephone numbers and wants them.</param>
public sealed record ClassTableAsked(Scope School, Row<SchoolClass> Class, DateOnly Month, bool OpensPhones);

/// <summary>
/// A table of a class that people take away as a file. A module says what is in it and registers it; who may have it, the password again, the record
/// of it and the forms are <see cref="ClassExport"/>'s for all of them.
/// </summary>
public abstract class ClassTable
{
    /// <summary>In forms and in the audit.</summary>
    public abstract string Key { get; }

    public abstract Text Title { get; }

    public virtual bool OfMonth => false;

    public virtual bool HasPhones => false;

    public abstract Result<Table> Make(IRecords records, ClassTableAsked asked);
}
