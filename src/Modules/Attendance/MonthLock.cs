using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public enum LockAct
{
    Locked = 1,
    Unlocked,
}

/// <summary>
/// The office closes a class's month, or opens it again and says why. A lock names every word that it knows of: what comes later, from a phone
/// that was off or a box that was restored, is told apart by that and not by a clock.
/// </summary>
/// <param name="Code">Of the book that was locked, or was open until now.</param>
/// <param name="Words">Nothing where it is opened.</param>
public sealed record MonthLock(Guid Class, DateOnly Month, LockAct Act, string? Reason, string Code, Guid[] Words, Guid By);

/// <summary>The office has compared these words with what it knows: nothing follows from it but that people can see it.</summary>
public sealed record MonthVerified(Guid Class, DateOnly Month, Guid[] Words, Guid By);

/// <summary>View: what happened to a class's month. The view's id is that of its <see cref="MonthBook"/>.</summary>
/// <param name="Acts">By id, each with the version that orders it.</param>
public sealed record MonthLocks(SortedDictionary<Guid, LockEntry> Acts)
{
    public static MonthLocks? Of(IRecords records, Scope school, Guid schoolClass, DateOnly day) =>
        records.View<MonthLocks>(school, MonthBook.IdOf(school, schoolClass, day));

    public IReadOnlyList<LockEntry> InOrder => [.. Acts.OrderBy(a => a.Value.At).ThenBy(a => a.Key).Select(a => a.Value)];

    /// <summary>Null while the month is open.</summary>
    public LockEntry? Standing => InOrder[^1] is { Lock.Act: LockAct.Locked } last ? last : null;

    public static Error? WhyLocked(IRecords records, Scope school, Guid schoolClass, DateOnly day) =>
        Of(records, school, schoolClass, day)?.Standing is null ? null : Refusal(day, records.Get<SchoolClass>(school, schoolClass)?.Value.Name ?? "");

    internal static Error Refusal(DateOnly day, string className) => Error.Conflict(
        "month_locked", "Tháng {0:MM/yyyy} của lớp {1} đã khóa sổ. Hãy nhờ văn phòng trường mở khóa tháng ở trang Sổ điểm danh (ghi lý do), rồi làm lại.",
        day, className);

    internal static MonthLocks Fold(MonthLocks? before, Row<MonthLock> row) =>
        new(new SortedDictionary<Guid, LockEntry>(before?.Acts ?? []) { [row.Id] = new(row.Version.ToString(), row.Value) });
}

public sealed record LockEntry(string Version, MonthLock Lock)
{
    internal FieldVersion At => FieldVersion.Parse(Version);
}

/// <summary>View: the words of a class's month that the office has verified. The view's id is that of its <see cref="MonthBook"/>.</summary>
public sealed record VerifiedWords(SortedSet<Guid> Words)
{
    internal static VerifiedWords Fold(VerifiedWords? before, Row<MonthVerified> row) => new([.. before?.Words ?? [], .. row.Value.Words]);
}

public enum SessionState
{
    NotDue = 1,
    Due,

    /// <summary>Something is known, by a notice, and nobody who was there has sent it.</summary>
    Open,
    Submitted,
    Amended,
    Verified,
    Locked,
}

public static class SessionStates
{
    /// <summary>From records alone: nobody sets a state, and every host finds the same one.</summary>
    public static SessionState Of(BookSession? session, bool hasBegun, IReadOnlySet<Guid> verified, bool locked) =>
        locked ? SessionState.Locked
        : session is null ? hasBegun ? SessionState.Due : SessionState.NotDue
        : !session.Sent ? SessionState.Open
        : session.Words.IsSubsetOf(verified) ? SessionState.Verified
        : session.Amended ? SessionState.Amended
        : SessionState.Submitted;
}
