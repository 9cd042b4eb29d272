using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public static class StaffNames
{
    /// <summary>Who did it: somebody of the school or of the department; null when it is nobody that this host knows.</summary>
    public static string? NameOf(this IRecords records, Scope school, Guid actor) =>
        (records.Get<Staff>(school, actor) ?? records.Get<Staff>(Scope.Department, actor))?.Value.FullName;
}
