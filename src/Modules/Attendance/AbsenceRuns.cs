using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <param name="Days">School days in a row on which the pupil was missing without leave.</param>
/// <param name="First">Of these days.</param>
/// <param name="Missing">Sessions since then of which nobody has said anything of the pupil: neither absence nor presence.</param>
public sealed record RunLine(Guid Pupil, string FullName, Guid Class, string ClassName, int Days, DateOnly First, int Missing);

/// <summary>Who stays away day after day without leave, and who has to look into it. Counted anew whenever it is looked at.</summary>
internal static class AbsenceRuns
{
    public const int HomeroomFrom = 2;
    public const int SchoolFrom = 3;
    public const int DepartmentFrom = 5;

    /// <summary>Four weeks; a longer run is shown as this long.</summary>
    public const int SchoolDaysMax = 20;
    private const int DaysBackMax = 60;

    public static IReadOnlyList<RunLine> Of(IRecords records, Scope school, TimeProvider clock, int atLeast, Func<Guid, bool> wanted)
    {
        var (today, calendar) = (clock.Today(), Registry.Calendar.Load(records, school));
        if (calendar.YearOf(today) is not { } year)
        {
            return [];
        }
        var days = Enumerable.Range(0, DaysBackMax).Select(back => today.AddDays(-back)).Where(d => d >= year.From && calendar.WhyClosed(d) is null).Take(SchoolDaysMax).ToList();
        var walk = new Walk(records, school, clock, records.AllAt<SchoolClass>(school, year.Name).ToDictionary(c => c.Id, c => c.Value));
        var lines =
            from lop in walk.Classes
            where wanted(lop.Key)
            from pupil in walk.RosterOf(lop.Key)?.PupilsOn(today) ?? []
            let run = walk.Back(pupil, lop.Key, days)
            where run.Days >= atLeast
            select new RunLine(pupil, records.Get<Pupil>(school, pupil)?.Value.FullName ?? SheetReply.Gone, lop.Key, lop.Value.Name, run.Days, run.First, run.Missing);
        return [.. lines.OrderByDescending(l => l.Days).ThenBy(l => l.ClassName, StringComparer.Ordinal).ThenBy(l => l.FullName, VietnameseText.ByGivenName).ThenBy(l => l.Pupil)];
    }

    /// <summary>Reads each roster and sheet once: the department walks through all of the city's.</summary>
    private sealed record Walk(IRecords Records, Scope School, TimeProvider Clock, Dictionary<Guid, SchoolClass> Classes)
    {
        private readonly Dictionary<Guid, ClassRoster?> rosters = [];
        private readonly Dictionary<SessionKey, SessionSheet?> sheets = [];

        public ClassRoster? RosterOf(Guid lop)
        {
            if (!rosters.TryGetValue(lop, out var roster))
            {
                rosters[lop] = roster = Records.View<ClassRoster>(School, lop);
            }
            return roster;
        }

        /// <param name="days">School days, the newest first.</param>
        public (int Days, DateOnly First, int Missing) Back(Guid pupil, Guid now, IReadOnlyList<DateOnly> days)
        {
            var (run, first, missing, since) = (0, default(DateOnly), 0, 0);
            foreach (var day in days)
            {
                if (ClassOn(pupil, now, day) is not { } lop)
                {
                    break;
                }
                var said = lop.Slots.Where(s => s.IsSession() && s.HasBegun(day, Clock)).Select(slot => WordOf(pupil, new(lop.Class, day, slot))).ToList();
                since += said.Count(w => w is null);
                if (said.Contains(Presence.There) || (said.Contains(Presence.Excused) && !said.Contains(Presence.Unexcused)))
                {
                    break;
                }
                if (said.Contains(Presence.Unexcused))
                {
                    (run, first, missing, since) = (run + 1, day, missing + since, 0);
                }
            }
            return (run, first, missing);
        }

        /// <summary>Null where the pupil was in no class of the school.</summary>
        private (Guid Class, Slot[] Slots)? ClassOn(Guid pupil, Guid now, DateOnly day)
        {
            var lop = RosterOf(now)?.PupilsOn(day).Contains(pupil) == true ? now
                : Enrol.PlacesOf(Records, School, pupil).FirstOrDefault(p => p.Value.IsActiveOn(day))?.Value.Class;
            return lop is { } id && Classes.TryGetValue(id, out var found) ? (id, found.Slots) : null;
        }

        private Presence? WordOf(Guid pupil, SessionKey key)
        {
            if (!sheets.TryGetValue(key, out var sheet))
            {
                sheets[key] = sheet = Records.View<SessionSheet>(School, SessionSheet.IdOf(School, key.Class, key.Date, key.Slot));
            }
            return sheet?.Tally is not null && sheet.Pupils.TryGetValue(pupil, out var standing) ? standing.Code.Facts(key.Date).Presence : null;
        }
    }
}
