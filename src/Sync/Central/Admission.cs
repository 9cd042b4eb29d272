using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>
/// Bounded room for each school and for all: what does not fit is told when to come back, and nobody waits in memory. Safe to
/// use from many threads.
/// </summary>
public sealed class Admission
{
    /// <summary>One call for each lane, and one Pull.</summary>
    public const int CallsPerSchoolMax = 6;

    /// <summary>More would only wait for the store's writers.</summary>
    public const int CallsMax = 64;

    /// <summary>So many sessions may be opened in a row, then one in <see cref="OpenEveryMs"/>: a box that wants more is broken or hostile.</summary>
    public const int OpensInRowMax = 30;

    public const int OpenEveryMs = 1_000;

    private const int BusyMs = 500;

    private readonly Lock gate = new();
    private readonly Dictionary<Scope, Room> rooms = [];
    private int calls;

    /// <summary>Null when there is room, and then <see cref="Leave"/> must follow; else after how many milliseconds to try again.</summary>
    /// <param name="nowMs">Of a clock that never jumps: a school must not wait for hours because the machine's clock was put right.</param>
    public int? Enter(Scope school, long nowMs, bool opens = false)
    {
        lock (gate)
        {
            if (!rooms.TryGetValue(school, out var room))
            {
                rooms[school] = room = new();
            }
            var owes = Math.Max(0, room.OpensPaidAt - nowMs);
            if (opens && owes > (OpensInRowMax - 1) * OpenEveryMs)
            {
                return (int)(owes - ((OpensInRowMax - 1) * OpenEveryMs));
            }
            if (room.Calls >= CallsPerSchoolMax)
            {
                return BusyMs;
            }
            if (calls >= CallsMax)
            {
                return 2 * BusyMs;
            }
            room.OpensPaidAt = opens ? nowMs + owes + OpenEveryMs : room.OpensPaidAt;
            room.Calls++;
            calls++;
            return null;
        }
    }

    public void Leave(Scope school)
    {
        lock (gate)
        {
            rooms[school].Calls--;
            calls--;
        }
    }

    private sealed class Room
    {
        public int Calls { get; set; }

        /// <summary>Each Open costs <see cref="OpenEveryMs"/>; when all of them are paid.</summary>
        public long OpensPaidAt { get; set; }
    }
}
