using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <param name="Before">What was counted until then; null while the class had sent nothing.</param>
public sealed record MealChange(DateTimeOffset At, string By, int? Before, int? After);

/// <param name="AtCutOff">Null where the class had sent nothing by then: never everybody, never nobody.</param>
/// <param name="Changes">What was said after it, in the order in which the box took it.</param>
public sealed record MealLine(Guid Class, string Name, int? AtCutOff, int? Now, IReadOnlyList<MealChange> Changes);

public sealed record MealModel(DateOnly Date, TimeOnly CutOff, bool IsPast, TimeOnly At, IReadOnlyList<MealLine> Lines)
{
    public int Counted => Lines.Sum(l => l.AtCutOff ?? 0);

    public int Now => Lines.Sum(l => l.Now ?? 0);

    public IReadOnlyList<string> Missing => [.. Lines.Where(l => l.AtCutOff is null).Select(l => l.Name)];
}

/// <summary>
/// How many the kitchen cooks for: who is there by the words that the box had at the cut-off. That figure never changes; what was said later stands
/// beside it as a change.
/// </summary>
internal static class MealCount
{
    private sealed record Word(SessionSheet Sheet, Guid Id, SheetEntry Entry);

    public static MealModel Of(IRecords records, Scope school, DateOnly date, TimeProvider clock)
    {
        var cutOff = Slot.Meal.Facts().CutOff!.Value;
        var ends = new DateTimeOffset(date.ToDateTime(cutOff), SchoolTime.Offset);
        var sheets = records.Views<SessionSheet>(school, date.Iso(), date.Iso() + '\0').ToLookup(s => s.Class);
        var year = Calendar.Load(records, school).YearOf(date);
        var classes = (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name))
            .Where(c => SlotRoster.EnrolledOn(records, school, c.Id, date).Count > 0).ToList();
        // A school that has not said which classes eat feeds all of them.
        var eating = classes.Exists(c => c.Value.Slots.Contains(Slot.Meal)) ? classes.Where(c => c.Value.Slots.Contains(Slot.Meal)) : classes;
        return new(date, cutOff, ends <= clock.GetUtcNow(), TimeOnly.FromDateTime(clock.SchoolNow().DateTime),
            [.. eating.OrderBy(c => c.Value, ClassOrder.Instance).Select(c => LineOf(records, school, c, [.. sheets[c.Id]], ends))]);
    }

    private static MealLine LineOf(IRecords records, Scope school, Row<SchoolClass> lop, IReadOnlyList<SessionSheet> sheets, DateTimeOffset ends)
    {
        // The meal's own list stands before the morning's.
        var first = lop.Value.Slots.Where(s => s.IsSession()).Order().FirstOrDefault();
        var asked = sheets.Where(s => s.Slot == Slot.Meal || s.Slot == first).OrderByDescending(s => s.Slot == Slot.Meal).ToList();
        var words = asked.SelectMany(s => s.Submissions.Select(e => new Word(s, e.Key, e.Value))).OrderBy(w => w.Entry.At).ThenBy(w => w.Id).ToList();
        var known = new HashSet<Guid>();
        foreach (var word in words.TakeWhile(w => TimeOf(w) <= ends))
        {
            known.Add(word.Id);
        }
        var (atCutOff, changes) = (Count(), new List<MealChange>());
        var now = atCutOff;
        foreach (var word in words.Skip(known.Count))
        {
            known.Add(word.Id);
            var after = Count();
            if (after != now)
            {
                changes.Add(new(TimeOf(word), records.NameOf(school, word.Entry.By) ?? "–", now, after));
                now = after;
            }
        }
        return new(lop.Id, lop.Value.Name, atCutOff, now, changes);

        int? Count() => asked.Select(s => s.Only(known, id => records.Get<RosterSeen>(school, id)?.Value)).FirstOrDefault(s => s.Tally is not null) is { } sheet
            ? sheet.Pupils.Values.Count(s => s.Code.Facts(sheet.Date).Kind is not (MarkKind.Absent or MarkKind.OffSite))
            : null;
    }

    private static DateTimeOffset TimeOf(Word word) => DateTimeOffset.FromUnixTimeMilliseconds(word.Entry.At.Hlc.Milliseconds).ToOffset(SchoolTime.Offset);
}
