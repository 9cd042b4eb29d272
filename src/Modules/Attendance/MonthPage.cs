using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <param name="HasPupils">A class whose pupils had not come yet owes nothing.</param>
public sealed record PageSession(DateOnly Date, Slot Slot, SessionState State, bool HasPupils);

/// <summary>A pupil's line: a mark for each day of the month, and sums of sessions.</summary>
/// <param name="Present">Late, gone early and elsewhere for the school included.</param>
public sealed record PageRow(
    Guid Pupil, string FullName, IReadOnlyList<string?> Days, int Present, int Excused, int Unexcused, int Late, int LeftEarly, int Unsaid);

/// <summary>What came after the month was locked: kept, and in no line.</summary>
public sealed record LateWord(DateOnly Date, Slot Slot, string By, DateTimeOffset At, int Marks);

public sealed record PageAct(LockAct Act, string By, DateTimeOffset At, string? Reason);

/// <summary>
/// A class's month as it is shown, printed and taken away: a row for each pupil who was in the class on one of its days. A session that nobody
/// has sent has a mark of its own and is in no figure but the last. Of a locked month, what was known when it was locked.
/// </summary>
/// <param name="Code">Of these very data.</param>
public sealed record MonthPage(
    Row<SchoolClass> Class, DateOnly Month, IReadOnlyList<PageSession> Sessions, IReadOnlyList<PageRow> Rows, string? Code, bool IsLocked,
    IReadOnlyList<PageAct> Acts, IReadOnlyList<LateWord> Late)
{
    /// <summary>Every month has them all, so that months can be laid side by side.</summary>
    public const int Columns = 31;

    private const string NotSent = "?";
    private const string NotInClass = "–";

    public IReadOnlyList<PageSession> Unsent => [.. Sessions.Where(s => s is { HasPupils: true, State: SessionState.Due or SessionState.Open })];

    public static MonthPage Of(IRecords records, Scope school, Row<SchoolClass> lop, DateOnly month, TimeProvider clock)
    {
        var (live, locks) = (MonthBook.Of(records, school, lop.Id, month), MonthLocks.Of(records, school, lop.Id, month));
        var standing = locks?.Standing;
        var known = standing?.Lock.Words.ToHashSet();
        var book = known is null ? live : live?.Only(known, records, school);
        var places = (records.View<ClassRoster>(school, lop.Id)?.Enrolments.Values ?? Enumerable.Empty<Enrolment>())
            .Where(e => Period.Of(e).Overlaps(new(month, month.AddMonths(1).AddDays(-1)))).ToLookup(e => e.Pupil);
        var sessions = SessionsOf(records, school, lop, month, book, places, standing is not null, clock);
        var begun = sessions.Where(s => s.State != SessionState.NotDue).ToLookup(s => s.Date.Day);
        var pupils = places.Select(p => (p.Key, Places: p, Pupil: records.Get<Pupil>(school, p.Key)?.Value))
            .OrderBy(p => p.Pupil?.FullName ?? "", VietnameseText.ByGivenName).ThenBy(p => p.Pupil?.BirthDate, StringComparer.Ordinal).ThenBy(p => p.Key);
        return new(
            lop, month, sessions,
            [.. pupils.Select(p => RowOf(p.Key, p.Pupil?.FullName ?? SheetReply.Gone, p.Places, begun, book, Elsewhere(p.Key)))], book?.Code(), standing is not null,
            [.. (locks?.InOrder ?? []).Select(a => new PageAct(a.Lock.Act, records.NameOf(school, a.Lock.By) ?? "–", InSchool(a.At), a.Lock.Reason))],
            known is null || live is null ? [] : LateIn(records, school, live, known));

        // Who came from another class of the school may have been in that one's session still.
        Lazy<List<MonthBook>> Elsewhere(Guid pupil) => new(() => [.. Enrol.PlacesOf(records, school, pupil).Select(p => p.Value.Class).Distinct()
            .Where(c => c != lop.Id).Select(c => MonthBook.Of(records, school, c, month)).OfType<MonthBook>()]);
    }

    private static List<PageSession> SessionsOf(
        IRecords records, Scope school, Row<SchoolClass> lop, DateOnly month, MonthBook? book, ILookup<Guid, Enrolment> places, bool locked, TimeProvider clock)
    {
        var calendar = Calendar.Load(records, school);
        var verified = records.View<VerifiedWords>(school, MonthBook.IdOf(school, lop.Id, month))?.Words ?? [];
        return
        [
            .. from day in Enumerable.Range(0, DateTime.DaysInMonth(month.Year, month.Month))
               let date = month.AddDays(day)
               let isOpen = calendar.WhyClosed(date) is null
               from slot in lop.Value.Slots.Where(s => s.IsSession()).Order()
               let session = book?.Session(date, slot)
               let begun = slot.HasBegun(date, clock)
               where isOpen || (session?.Sent == true && begun)
               select new PageSession(
                   date, slot, SessionStates.Of(session, begun, verified, locked && begun), places.Any(p => p.Any(e => e.IsActiveOn(date)))),
        ];
    }

    private static PageRow RowOf(
        Guid pupil, string name, IEnumerable<Enrolment> places, ILookup<int, PageSession> begun, MonthBook? book, Lazy<List<MonthBook>> elsewhere)
    {
        var own = begun.SelectMany(s => s).Select(s => (s.Date, s.Slot, Standing: book?.Of(pupil, s.Date, s.Slot)))
            .Where(s => s.Standing is not null
                || (places.Any(p => p.IsActiveOn(s.Date)) && !elsewhere.Value.Exists(other => other.Of(pupil, s.Date, s.Slot) is not null))).ToList();
        var days = own.ToLookup(s => s.Date.Day, s => MarkOf(s.Standing, s.Date));
        var said = own.Where(s => s.Standing is not null).Select(s => s.Standing!.Code.Facts(s.Date)).ToList();
        int Count(MarkKind kind) => said.Count(c => c.Kind == kind);
        var (absent, excused) = (Count(MarkKind.Absent), said.Count(c => c is { IsAbsence: true, Excused: Excuse.Yes }));
        return new(
            pupil, name, [.. Enumerable.Range(1, Columns).Select(d => days.Contains(d) ? string.Join('/', days[d]) : begun.Contains(d) ? NotInClass : null)],
            said.Count - absent, excused, absent - excused, Count(MarkKind.Late), Count(MarkKind.LeftEarly), own.Count - said.Count);
    }

    private static string MarkOf(Standing? standing, DateOnly day) =>
        standing is null ? NotSent : standing.Code.Facts(day).Letter + (standing.TwoOpinions ? "*" : "");

    private static List<LateWord> LateIn(IRecords records, Scope school, MonthBook live, HashSet<Guid> known) =>
    [
        .. from id in live.Sessions.Values.SelectMany(s => s.Words).Where(w => !known.Contains(w))
           let word = records.Get<Submission>(school, id)
           where word is not null
           orderby word.Version
           select new LateWord(word.Value.Date, word.Value.Slot, records.NameOf(school, word.Value.By) ?? "–", InSchool(word.Version), word.Value.Marks.Length),
    ];

    private static DateTimeOffset InSchool(FieldVersion at) => DateTimeOffset.FromUnixTimeMilliseconds(at.Hlc.Milliseconds).ToOffset(SchoolTime.Offset);
}
