using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Transfers;

/// <param name="State">How far it has come, in words.</param>
public sealed record TransferLine(string Pupil, string From, string To, DateOnly LastDay, Text State, int? Excused, int? Unexcused);

/// <summary>Evictions that wait for a person.</summary>
public sealed record HeldLine(Guid School, Guid List, string SchoolName, Text What, IReadOnlyList<string> Names);

public sealed record FoundPupil(Guid Id, string Name, string? BirthDate, string? MinistryId);

/// <param name="Found">Null before a search.</param>
/// <param name="HasMore">More were found than are shown.</param>
public sealed record TransferListModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, string Search, IReadOnlyList<FoundPupil>? Found, bool HasMore, IReadOnlyList<HeldLine> Held,
    IReadOnlyList<TransferLine> UnderWay, IReadOnlyList<TransferLine> Done)
{
    public string? Said { get; init; }

    public Error? Refused { get; init; }
}

/// <param name="Classes">Of the new school, in the year of the first day there.</param>
/// <param name="Refused">Why it cannot be done as chosen; null as well while something is still to be chosen.</param>
public sealed record TransferFormModel(
    Guid Pupil, Pupil Profile, Guid From, string FromName, string? ClassNow, IReadOnlyList<Row<Unit>> Schools, Guid To, string ToName,
    IReadOnlyList<Row<SchoolClass>> Classes, Guid Class, string ClassName, DateOnly LastDay, DateTimeOffset? FromSeen, Error? Refused)
{
    public bool IsComplete => To != Guid.Empty && Class != Guid.Empty;
}
