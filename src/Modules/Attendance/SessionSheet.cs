using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>What stands for a pupil. <see cref="TwoOpinions"/>: somebody says otherwise, and nobody who knew it has settled it.</summary>
public sealed record Standing(MarkCode Code, bool TwoOpinions, int? Minutes = null);

/// <summary>
/// The session's figures: <see cref="Pupils"/> = <see cref="Present"/> + <see cref="Excused"/> + <see cref="Unexcused"/>.
/// <see cref="Late"/> and <see cref="LeftEarly"/> were there, and are counted in <see cref="Present"/> as well.
/// </summary>
public sealed record Tally(int Pupils, int Present, int Excused, int Unexcused, int Late, int LeftEarly, int TwoOpinions);

/// <summary>A submission inside its session, with the version that orders it.</summary>
public sealed record SheetEntry(string Version, Guid Roster, Mark[] Marks, Guid[] Seen, Guid By, Source Source)
{
    internal bool IsNotice => Source == Source.Notice;

    /// <summary>Somebody looked at the whole class; notices and the gate speak of single pupils, and leave the session unsent.</summary>
    internal bool IsSheet => Source is not (Source.Notice or Source.Gate);

    internal bool TakesImportBack => Source == Source.Import && Roster == Guid.Empty;

    /// <summary>Whose word goes before whose.</summary>
    internal static int RankOf(Source source) => source switch { Source.Import => 0, Source.Gate or Source.Paper => (int)Source.Teacher, _ => (int)source };

    internal FieldVersion At => FieldVersion.Parse(Version);
}

/// <summary>What an approved notice, not taken back, says in a session.</summary>
internal sealed record ExpectedAbsence(Guid Word, Guid Pupil);

/// <summary>
/// View: one session, (class, date, slot): the set of its submissions and what follows from it. Merging is the union of the
/// set, so order and repetition do not matter. A pupil without a standing is one of whom nobody has said anything: who joined
/// the class after the list was on the screen.
/// </summary>
/// <param name="Tally">Null while there are only words of notices and of the gate: not submitted, as without a sheet, which is never presence.</param>
public sealed record SessionSheet(
    Guid Class,
    DateOnly Date,
    Slot Slot,
    SortedDictionary<Guid, SheetEntry> Submissions,
    SortedDictionary<Guid, Standing> Pupils,
    Tally? Tally)
{
    public static Guid IdOf(Scope scope, Guid schoolClass, DateOnly date, Slot slot) =>
        RecordId.From(scope, "attendance.session", $"{schoolClass:n}|{date.Iso()}|{slot}");

    internal static SessionSheet Fold(SessionSheet? before, Row<Submission> row, Func<Guid, RosterSeen?> roster)
    {
        var s = row.Value;
        var all = before is null ? [] : new SortedDictionary<Guid, SheetEntry>(before.Submissions);
        all[row.Id] = new(row.Version.ToString(), s.Roster, s.Marks, s.Seen, s.By, s.Source);
        return Of(s.Class, s.Date, s.Slot, all, roster);
    }

    /// <summary>The session as it was, or would be, with some of its words alone.</summary>
    internal SessionSheet Only(IReadOnlySet<Guid> words, Func<Guid, RosterSeen?> roster) => Of(
        Class, Date, Slot, new SortedDictionary<Guid, SheetEntry>(Submissions.Where(s => words.Contains(s.Key)).ToDictionary()), roster);

    /// <summary>Something was said after the first that was sent.</summary>
    internal bool IsAmended() => Submissions.Values.Where(e => e.IsSheet).Min(e => (FieldVersion?)e.At) is { } first
        && Submissions.Values.Any(e => e.At.CompareTo(first) > 0);

    private static SessionSheet Of(Guid schoolClass, DateOnly date, Slot slot, SortedDictionary<Guid, SheetEntry> all, Func<Guid, RosterSeen?> roster)
    {
        var takenBack = all.Values.Where(e => e.TakesImportBack).SelectMany(e => e.Seen).ToHashSet();
        var standing = takenBack.Count == 0 ? all : new SortedDictionary<Guid, SheetEntry>(
            all.Where(e => !e.Value.TakesImportBack && !(e.Value.Source == Source.Import && takenBack.Contains(e.Key))).ToDictionary());
        var pupils = Stand(standing, roster);
        return new(schoolClass, date, slot, all, pupils, standing.Values.All(e => !e.IsSheet) ? null : Count(pupils.Values, date));
    }

    /// <summary>How many of these pupils nobody who was there has said anything of.</summary>
    public static int Unknown(SessionSheet? sheet, IReadOnlyCollection<Guid> pupils) =>
        sheet?.Tally is null ? pupils.Count : pupils.Count(p => !sheet.Pupils.ContainsKey(p));

    internal IEnumerable<ExpectedAbsence> ExpectedAbsences() => ExpectedBy(Submissions);

    /// <summary>The figures without those who had gone to another school by that day: they are counted there.</summary>
    public Tally? TallyWithout(PupilMoves? moves, Guid school) => moves is null || Tally is null
        ? Tally
        : Count([.. Pupils.Where(p => !moves.HasLeft(school, p.Key, Date)).Select(p => p.Value)], Date);

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
        var sent = all.Where(e => !e.Value.IsNotice).ToList();
        // Only a first word speaks of everyone; one that knew of another lists what changed and says nothing of the rest.
        foreach (var pupil in sent.Where(e => e.Value.IsSheet && e.Value.Seen is []).SelectMany(e => rosters[e.Value.Roster] ?? []))
        {
            standings[pupil] = new(MarkCode.Present, TwoOpinions: false);
        }
        // A mark for somebody who was not on the submission's own list is kept with it, but counts for nobody.
        var words =
            from e in sent
            from mark in e.Value.Marks
            where rosters[e.Value.Roster]?.Contains(mark.Pupil) != false
            select new Word(mark.Pupil, mark.Code, mark.Minutes, e.Key, e.Value.Source, e.Value.At);
        var (said, sheets) = (words.ToLookup(w => w.Pupil), sent.FindAll(e => e.Value.IsSheet));
        // Who has gone to another class since the notice was approved is not missed in this one, unless somebody speaks of them here.
        var expected = ExpectedBy(all).Where(x => sheets is [] || said.Contains(x.Pupil) || sheets.Exists(e => rosters[e.Value.Roster]?.Contains(x.Pupil) != false));
        var (notices, known) = (expected.ToLookup(x => x.Pupil, x => x.Word), Knowledge(all));
        foreach (var pupil in said.Select(g => g.Key).Union(notices.Select(g => g.Key)))
        {
            standings[pupil] = Settle([.. said[pupil]], [.. notices[pupil]], known);
        }
        return standings;
    }

    private static IEnumerable<ExpectedAbsence> ExpectedBy(SortedDictionary<Guid, SheetEntry> all)
    {
        var takenBack = all.Values.Where(e => e is { IsNotice: true, Marks: [] }).SelectMany(e => e.Seen).ToHashSet();
        return from e in all
               where e.Value.IsNotice && !takenBack.Contains(e.Key)
               from mark in e.Value.Marks
               where mark.Code == MarkCode.Excused
               select new ExpectedAbsence(e.Key, mark.Pupil);
    }

    /// <summary>
    /// Two registers. Whether the pupil was there: office above teacher above what a notice expects, then the later clock, then node. Why not:
    /// office above notice above teacher. Whoever says the first says the second with it, so a notice changes a teacher's "without leave" only.
    /// A word that no other word about the pupil knew of is live; a live word that says otherwise is a second opinion, also when another
    /// outranks it: what somebody typed, or a family asked and was granted, is never dropped without a sign. "Without leave" is not
    /// otherwise than the notice that came later: it is history.
    /// </summary>
    /// <param name="notices">The words of approved notices; there are some where <paramref name="words"/> are none.</param>
    private static Standing Settle(IReadOnlyList<Word> words, IReadOnlyList<Guid> notices, Dictionary<Guid, HashSet<Guid>> known)
    {
        var top = words.OrderBy(w => SheetEntry.RankOf(w.Source)).ThenBy(w => w.Version).ThenBy(w => w.Submission).LastOrDefault();
        var code = top is null || IsExcused(top) ? MarkCode.Excused : top.Code;
        var disputed = words.Any(w => w.Code != code && !(code == MarkCode.Excused && IsExcused(w)) && !IsKnown(w.Submission))
            || (code != MarkCode.Excused && notices.Any(n => !IsKnown(n)));
        return new(code, disputed, code == top?.Code ? top.Minutes : null);

        bool IsExcused(Word word) => notices.Count > 0 && word is { Source: Source.Teacher or Source.Import or Source.Paper, Code: MarkCode.Unexcused };

        bool IsKnown(Guid word) => words.Any(other => known[other.Submission].Contains(word));
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

    private static Tally Count(IReadOnlyCollection<Standing> standings, DateOnly day)
    {
        var said = standings.Select(s => s.Code.Facts(day)).ToList();
        int Of(MarkKind kind) => said.Count(c => c.Kind == kind);
        var (absent, excused) = (Of(MarkKind.Absent), said.Count(c => c is { IsAbsence: true, Excused: Excuse.Yes }));
        return new(standings.Count, standings.Count - absent, excused, absent - excused,
            Of(MarkKind.Late), Of(MarkKind.LeftEarly), standings.Count(s => s.TwoOpinions));
    }

    private sealed record Word(Guid Pupil, MarkCode Code, int? Minutes, Guid Submission, Source Source, FieldVersion Version);
}
