using System.Text.Json;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>One cell of the wall; <see cref="Session"/> is null where the class has no lessons in the slot.</summary>
public sealed record WallCell(Slot Slot, DaySession? Session)
{
    public bool Missing => Session is { Tally: null, Empty: false };
}

/// <param name="Homeroom">Whom to ask; empty where the class has no homeroom teacher today.</param>
public sealed record WallRow(Guid Class, string Name, string Homeroom, IReadOnlyList<WallCell> Cells);

/// <summary>The office's wall: every class of today in every slot. A class that has not sent is named, never counted as present.</summary>
/// <param name="Due">The slots that have begun: the afternoon is not late in the morning.</param>
public sealed record Wall(DateOnly Date, TimeOnly At, Error? Closed, IReadOnlyList<Slot> Due, IReadOnlyList<WallRow> Rows)
{
    public static Wall Of(IRecords records, Scope scope, TimeProvider clock)
    {
        var today = clock.Today();
        var homerooms = records.All<Assignment>(scope).Where(a => a.Value.Homeroom && a.Value.IsActiveOn(today))
            .ToLookup(a => a.Value.Class, a => a.Value.Staff);
        var rows = DayReply.ClassesOn(records, scope, today, (_, slot) => slot.IsSession()).Select(c => new WallRow(
            c.Id, c.Name, string.Join(", ", homerooms[c.Id].Distinct().Select(staff => records.Get<Staff>(scope, staff)?.Value.FullName).OfType<string>()),
            [.. Slots.Sessions.Select(slot => new WallCell(slot, c.Sessions.FirstOrDefault(s => s.Slot == slot)))]));
        return new(today, TimeOnly.FromDateTime(clock.SchoolNow().DateTime), Calendar.Load(records, scope).WhyClosed(today),
            [.. Slots.Sessions.Where(slot => slot.HasBegun(today, clock))], [.. rows]);
    }

    /// <summary>The classes that should have sent by now and have not.</summary>
    public IReadOnlyList<WallRow> MissingIn(Slot slot) => [.. Rows.Where(r => r.Cells.Any(c => c.Slot == slot && c.Missing))];

    /// <summary>A class without pupils has nothing to send and is in neither number.</summary>
    public (int Sent, int Of) CountIn(Slot slot)
    {
        var sessions = Rows.SelectMany(r => r.Cells).Where(c => c.Slot == slot && c.Session is { Empty: false }).ToList();
        return (sessions.Count(c => !c.Missing), sessions.Count);
    }

    public string Address(WallRow row, Slot slot) => AddressOf(row.Class, Date, slot);

    public static string AddressOf(Guid schoolClass, DateOnly date, Slot slot) =>
        $"/diem-danh#{schoolClass}/{date.Iso()}/{JsonNamingPolicy.CamelCase.ConvertName(slot.ToString())}";
}
