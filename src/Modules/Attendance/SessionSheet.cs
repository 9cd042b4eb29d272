using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>What stands for a pupil. <see cref="TwoOpinions"/>: somebody says otherwise, and nobody who knew it has settled it.</summary>
public sealed record Standing(MarkCode Code, bool TwoOpinions);

/// <summary>
/// The session's figures: <see cref="Pupils"/> = <see cref="Present"/> + <see cref="Excused"/> + <see cref="Unexcused"/>.
/// <see cref="Late"/> and <see cref="LeftEarly"/> were there, and are counted in <see cref="Present"/> as well.
/// </summary>
public sealed record Tally(int Pupils, int Present, int Excused, int Unexcused, int Late, int LeftEarly, int TwoOpinions);

/// <summary>A submission inside its session, with the version that orders it.</summary>
public sealed record SheetEntry(string Version, Guid Roster, Mark[] Marks, Guid[] Seen, Guid By, Source Source);

/// <summary>
/// View: one session, (class, date, slot): the set of its submissions and what follows from it. Merging is the union of the
/// set, so order and repetition do not matter. No sheet means not submitted, which is never presence. A pupil without a
/// standing is one of whom nobody has said anything: who joined the class after the list was on the screen.
/// </summary>
public sealed record SessionSheet(
    Guid Class,
    DateOnly Date,
    Slot Slot,
    SortedDictionary<Guid, SheetEntry> Submissions,
    SortedDictionary<Guid, Standing> Pupils,
    Tally Tally)
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

    /// <summary>The figures without those who had gone to another school by that day: they are counted there.</summary>
    public Tally TallyWithout(PupilMoves? moves, Guid school) => moves is null
        ? Tally
        : Count([.. Pupils.Where(p => !moves.HasLeft(school, p.Key, Date)).Select(p => p.Value)]);

    /// <summary>A first word speaks of everyone on its list, a later one of those it names.</summary>
    internal static Share OfGone(Scope scope, Submission s, IRecords records)
    {
        if (PupilMoves.Of(records, scope) is not { } moves)
        {
            return Share.None;
        }
        var listed = s.Seen is [] ? records.Get<RosterSeen>(scope, s.Roster)?.Value.Pupils ?? [] : [];
        var about = s.Marks.Select(m => m.Pupil).Union(listed).ToList();
        var gone = about.Count(p => moves.HasLeft(scope.Owner, p, s.Date));
        return gone == 0 ? Share.None : gone < about.Count ? Share.Part : Share.Whole;
    }

    private static SortedDictionary<Guid, Standing> Stand(SortedDictionary<Guid, SheetEntry> all, Func<Guid, RosterSeen?> roster)
    {
        var rosters = all.Values.Select(e => e.Roster).Distinct().ToDictionary(id => id, id => roster(id)?.Pupils.ToHashSet());
        var standings = new SortedDictionary<Guid, Standing>();
        // Only a first word speaks of everyone; one that knew of another lists what changed and says nothing of the rest.
        foreach (var pupil in all.Values.Where(e => e.Seen is []).SelectMany(e => rosters[e.Roster] ?? []))
        {
            standings[pupil] = new(MarkCode.Present, TwoOpinions: false);
        }
        // A mark for somebody who was not on the submission's own list is kept with it, but counts for nobody.
        var words =
            from e in all
            from mark in e.Value.Marks
            where rosters[e.Value.Roster]?.Contains(mark.Pupil) != false
            select new Word(mark.Pupil, mark.Code, e.Key, e.Value.Source, FieldVersion.Parse(e.Value.Version));
        var known = Knowledge(all);
        foreach (var group in words.GroupBy(w => w.Pupil))
        {
            standings[group.Key] = Settle([.. group], known);
        }
        return standings;
    }

    /// <summary>
    /// The highest word stands: office above teacher, then the later clock, then node. While teacher and office are the only
    /// voices, being there and the reason for not being there rank alike, so one word settles both.
    /// A word that no other word about the pupil knew of is live; a live word that says otherwise is a second opinion,
    /// also when the office outranks it: what somebody typed is never dropped without a sign.
    /// </summary>
    private static Standing Settle(IReadOnlyList<Word> words, Dictionary<Guid, HashSet<Guid>> known)
    {
        var top = words.OrderBy(w => w.Source).ThenBy(w => w.Version).ThenBy(w => w.Submission).Last();
        var disputed = words.Any(w => w.Code != top.Code && !words.Any(other => known[other.Submission].Contains(w.Submission)));
        return new(top.Code, disputed);
    }

    /// <summary>What each author knew: who saw B, and B saw C, knows C.</summary>
    private static Dictionary<Guid, HashSet<Guid>> Knowledge(SortedDictionary<Guid, SheetEntry> all)
    {
        var known = new Dictionary<Guid, HashSet<Guid>>();
        foreach (var (id, entry) in all)
        {
            var seen = new HashSet<Guid>();
            var open = new Stack<Guid>(entry.Seen);
            while (open.TryPop(out var next))
            {
                // No author knew their own word in advance: a forged circle must not make words vanish.
                if (next != id && seen.Add(next) && all.TryGetValue(next, out var there))
                {
                    foreach (var further in there.Seen)
                    {
                        open.Push(further);
                    }
                }
            }
            known[id] = seen;
        }
        return known;
    }

    private static Tally Count(IReadOnlyCollection<Standing> standings)
    {
        int Of(MarkCode code) => standings.Count(s => s.Code == code);
        var (excused, unexcused) = (Of(MarkCode.Excused), Of(MarkCode.Unexcused));
        return new(standings.Count, standings.Count - excused - unexcused, excused, unexcused,
            Of(MarkCode.Late), Of(MarkCode.LeftEarly), standings.Count(s => s.TwoOpinions));
    }

    private sealed record Word(Guid Pupil, MarkCode Code, Guid Submission, Source Source, FieldVersion Version);
}
