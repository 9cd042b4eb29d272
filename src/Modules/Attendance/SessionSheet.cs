using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>What stands for a pupil, and whether two people who had not seen each other's word disagree ("2 ý kiến").</summary>
public sealed record Standing(MarkCode Code, bool TwoOpinions);

/// <summary>The session's figures. <see cref="Late"/> and <see cref="LeftEarly"/> are counted in <see cref="Present"/> as well.</summary>
public sealed record Tally(int Pupils, int Present, int Excused, int Unexcused, int Late, int LeftEarly, int TwoOpinions);

/// <summary>A submission inside its session, with the version that orders it.</summary>
public sealed record SheetEntry(string Version, Guid Roster, Mark[] Marks, Guid[] Seen, Guid By, Source Source);

/// <summary>
/// View: one session, (class, date, slot): the set of its submissions and what follows from it. Merging is the union of the
/// set, so order and repetition do not matter. No sheet means not submitted, which is never presence.
/// </summary>
public sealed record SessionSheet(Guid Class, DateOnly Date, Slot Slot, SortedDictionary<Guid, SheetEntry> Submissions, SortedDictionary<Guid, Standing> Pupils, Tally Tally)
{
    public static Guid IdOf(Scope scope, Guid schoolClass, DateOnly date, Slot slot) =>
        RecordId.From(scope, "attendance.session", $"{schoolClass:n}|{date.Iso()}|{slot}");

    internal static SessionSheet Fold(SessionSheet? before, Row<Submission> row, Func<Guid, RosterSeen?> roster)
    {
        var s = row.Value;
        var all = before is null ? [] : new SortedDictionary<Guid, SheetEntry>(before.Submissions);
        all[row.Id] = new(row.Version.ToString(), s.Roster, s.Marks, s.Seen, s.By, s.Source);
        var pupils = Stand(all, roster);
        return new(s.Class, s.Date, s.Slot, all, pupils, Count(pupils.Values));
    }

    private static SortedDictionary<Guid, Standing> Stand(SortedDictionary<Guid, SheetEntry> all, Func<Guid, RosterSeen?> roster)
    {
        var standings = new SortedDictionary<Guid, Standing>();
        foreach (var pupil in all.Values.Select(e => e.Roster).Distinct().SelectMany(id => roster(id)?.Pupils ?? []))
        {
            standings[pupil] = new(MarkCode.Present, TwoOpinions: false);
        }
        var words = all.SelectMany(e => e.Value.Marks.Select(m => new Word(m.Pupil, m.Code, e.Key, e.Value)));
        foreach (var group in words.GroupBy(w => w.Pupil))
        {
            var ranked = group.OrderBy(w => w.Entry.Source).ThenBy(w => FieldVersion.Parse(w.Entry.Version)).ToList();
            standings[group.Key] = new(Effective(ranked), Disputed(ranked));
        }
        return standings;
    }

    /// <summary>Status and justification are two registers: an absence that is once excused stays so until a word about its reason.</summary>
    private static MarkCode Effective(List<Word> ranked)
    {
        var status = ranked[^1].Code;
        return IsAbsence(status) ? ranked.Last(w => IsAbsence(w.Code)).Code : status;
    }

    /// <summary>Two words that rank as high, say otherwise, and neither of whose authors had seen the other's.</summary>
    private static bool Disputed(List<Word> ranked)
    {
        var top = ranked[^1];
        return ranked.Any(w => w.Code != top.Code && w.Entry.Source == top.Entry.Source
            && !top.Entry.Seen.Contains(w.Submission) && !w.Entry.Seen.Contains(top.Submission));
    }

    private static bool IsAbsence(MarkCode code) => code is MarkCode.Excused or MarkCode.Unexcused;

    private sealed record Word(Guid Pupil, MarkCode Code, Guid Submission, SheetEntry Entry);

    private static Tally Count(IReadOnlyCollection<Standing> standings)
    {
        int Of(MarkCode code) => standings.Count(s => s.Code == code);
        var (excused, unexcused) = (Of(MarkCode.Excused), Of(MarkCode.Unexcused));
        return new(standings.Count, standings.Count - excused - unexcused, excused, unexcused,
            Of(MarkCode.Late), Of(MarkCode.LeftEarly), standings.Count(s => s.TwoOpinions));
    }
}
