using System.Collections.Immutable;
using System.Globalization;
using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.Modules.Registry;

public enum SlotKind
{
    /// <summary>Buổi: half a school day. What a school year's absences are counted in.</summary>
    Session = 1,
    Lesson,
    Meal,
    Door,
    Event,
}

/// <param name="Begins">Before this time of the day nobody owes anything of the slot.</param>
/// <param name="CutOff">When what is known is acted on; what is said later is a correction.</param>
/// <param name="Levels">The levels of school at which every class has it.</param>
/// <param name="Bell">Who comes later is late, where the school has not set its own time.</param>
public sealed record SlotFacts(Slot Slot, string Name, SlotKind Kind, TimeOnly Begins, TimeOnly? CutOff, ImmutableArray<string> Levels, TimeOnly? Bell);

/// <summary>What attendance is taken of, as data (slots.csv).</summary>
public static class Slots
{
    private static readonly Dictionary<Slot, SlotFacts> BySlot = DataFile.Rows("Registry.slots.csv").Select(r => new SlotFacts(
        Enum.Parse<Slot>(r.Cells[0], ignoreCase: true), r.Cells[1], Enum.Parse<SlotKind>(r.Cells[2], ignoreCase: true),
        Time(r.Cells[3]), r.Cells[4] is [] ? null : Time(r.Cells[4]), [.. r.Cells[5].Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        r.Cells[6] is [] ? null : Time(r.Cells[6]))).ToDictionary(s => s.Slot);

    public static ImmutableArray<Slot> All { get; } = [.. BySlot.Keys.Order()];

    /// <summary>The halves of a school day, the first first.</summary>
    public static ImmutableArray<Slot> Sessions { get; } = [.. BySlot.Values.Where(s => s.Kind == SlotKind.Session).Select(s => s.Slot)];

    private static TimeOnly Time(string text) => TimeOnly.ParseExact(text, "HH:mm", CultureInfo.InvariantCulture);

    public static SlotFacts Facts(this Slot slot) => BySlot[slot];

    public static bool IsSession(this Slot slot) => slot.Facts().Kind == SlotKind.Session;

    /// <summary>Before a session has begun it is not "not submitted": the afternoon is not late in the morning.</summary>
    public static bool HasBegun(this Slot slot, DateOnly date, TimeProvider clock) =>
        date < clock.Today() || (date == clock.Today() && slot.Facts().Begins <= TimeOnly.FromDateTime(clock.SchoolNow().DateTime));

    /// <summary>The half of the day that a teacher most likely means now.</summary>
    public static Slot SlotNow(this TimeProvider clock) => Sessions.Last(s => s.HasBegun(clock.Today(), clock));
}
