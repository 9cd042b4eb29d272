namespace TdmEdu.Sync.Central;

/// <summary>
/// Bounded room for each box and for all: what does not fit is told when to come back, and nobody waits in memory. A school has one box; one
/// that was withdrawn must cost its successor nothing. Safe to use from many threads.
/// </summary>
public sealed class Admission
{
    /// <summary>One call for each lane, and one Pull.</summary>
    public const int CallsPerBoxMax = 6;

    /// <summary>More would only wait for the store's writers.</summary>
    public const int CallsMax = 64;

    /// <summary>
    /// So many sessions may be opened in a row, and as many watches begun, then one in <see cref="OpenEveryMs"/>: a box that wants more is
    /// broken or hostile.
    /// </summary>
    public const int OpensInRowMax = 30;

    public const int OpenEveryMs = 1_000;

    /// <summary>
    /// So many calls may come in a row, then one in <see cref="CallEveryMs"/>: a healthy box makes one a second, and what a school writes in a
    /// week offline goes up in fewer than <see cref="CallsInRowMax"/>.
    /// </summary>
    public const int CallsInRowMax = 200;

    public const int CallEveryMs = 50;

    /// <summary>
    /// Of records and documents that one batch makes anew, far above what 500 marks of a school make. A batch beyond it is made to cost others the
    /// store's one writer; it then rests for longer than that took.
    /// </summary>
    public const long MadeBytesMax = 64 * 1024 * 1024;

    public const int RestBytesPerMs = 25_000;

    /// <summary>
    /// Of what takes no effect and is kept all the same, from one box in a day: far above what a school writes that is ahead of Central's version.
    /// What is beyond it stays on the box, unacknowledged, until there is room again.
    /// </summary>
    public const long KeptBytesPerDay = 32 * 1024 * 1024;

    /// <summary>What the row of a kept operation takes beside its data.</summary>
    public const int KeptOverheadBytes = 512;

    /// <summary>Not as long as the room takes: the box's other lanes go on with its next call.</summary>
    public const int KeptRetryMs = 30_000;

    private const int DayMs = 24 * 60 * 60 * 1000;

    private const int BusyMs = 500;

    /// <summary>Whoever was told to come back comes within this.</summary>
    private const int BackWithinMs = 4 * BusyMs;

    private readonly Lock gate = new();
    private readonly Dictionary<Guid, Room> rooms = [];
    private int calls;
    private long bulkWaitsUntil;

    /// <summary>Null when there is room, and then <see cref="Leave"/> must follow; else after how many milliseconds to try again.</summary>
    /// <param name="nowMs">Of a clock that never jumps: a box must not wait for hours because the machine's clock was put right.</param>
    /// <param name="bulk">A lane that lets all schools' attendance go first: while anything else was turned away and is not back, it gets no room.</param>
    public int? Enter(Guid box, long nowMs, bool opens = false, bool bulk = false)
    {
        lock (gate)
        {
            var room = RoomOf(box);
            if (room.RestsUntil > nowMs)
            {
                return (int)(room.RestsUntil - nowMs);
            }
            if (room.Made.WaitMs(nowMs) is > 0 and var pauseMs)
            {
                return pauseMs;
            }
            if (opens && room.Opens.WaitMs(nowMs) is > 0 and var waitMs)
            {
                return waitMs;
            }
            if (room.Calls >= CallsPerBoxMax)
            {
                return BusyMs;
            }
            if (bulk && bulkWaitsUntil > nowMs)
            {
                return (int)(bulkWaitsUntil - nowMs);
            }
            if (calls >= CallsMax)
            {
                bulkWaitsUntil = bulk ? bulkWaitsUntil : nowMs + BackWithinMs;
                return 2 * BusyMs;
            }
            if (opens)
            {
                room.Opens.Pay(nowMs);
            }
            room.Made.Pay(nowMs);
            room.Calls++;
            calls++;
            return null;
        }
    }

    /// <summary>
    /// A watch takes no room, since it mostly waits; but how often one begins is bounded. Null when it may, else after how many milliseconds
    /// to try again.
    /// </summary>
    public int? Watch(Guid box, long nowMs)
    {
        lock (gate)
        {
            var watches = RoomOf(box).Watches;
            if (watches.WaitMs(nowMs) is > 0 and var waitMs)
            {
                return waitMs;
            }
            watches.Pay(nowMs);
            return null;
        }
    }

    public void Made(Guid box, long bytes, long nowMs)
    {
        if (bytes > MadeBytesMax)
        {
            lock (gate)
            {
                RoomOf(box).RestsUntil = nowMs + (bytes / RestBytesPerMs);
            }
        }
    }

    /// <summary>How much more of a box's operations may be kept without effect now.</summary>
    public long KeptBytesLeft(Guid box, long nowMs)
    {
        lock (gate)
        {
            return (long)(KeptBytesPerDay - (Math.Max(0, RoomOf(box).KeptPaidAt - nowMs) * ((double)KeptBytesPerDay / DayMs)));
        }
    }

    public void Kept(Guid box, long bytes, long nowMs)
    {
        lock (gate)
        {
            var room = RoomOf(box);
            room.KeptPaidAt = Math.Max(room.KeptPaidAt, nowMs) + (bytes * DayMs / KeptBytesPerDay);
        }
    }

    public void Leave(Guid box)
    {
        lock (gate)
        {
            rooms[box].Calls--;
            calls--;
        }
    }

    private Room RoomOf(Guid box)
    {
        if (!rooms.TryGetValue(box, out var room))
        {
            rooms[box] = room = new();
        }
        return room;
    }

    private sealed class Room
    {
        public int Calls { get; set; }

        public long RestsUntil { get; set; }

        /// <summary>Until when what was kept takes up of the day's room.</summary>
        public long KeptPaidAt { get; set; }

        public Rate Made { get; } = new(CallsInRowMax, CallEveryMs);

        public Rate Opens { get; } = new(OpensInRowMax, OpenEveryMs);

        public Rate Watches { get; } = new(OpensInRowMax, OpenEveryMs);
    }

    /// <summary>A token bucket, kept as the time until which what was taken is paid for.</summary>
    private sealed class Rate(int inRowMax, int everyMs)
    {
        private long paidAt;

        public int WaitMs(long nowMs) => (int)Math.Max(0, paidAt - nowMs - ((inRowMax - 1) * everyMs));

        public void Pay(long nowMs) => paidAt = Math.Max(paidAt, nowMs) + everyMs;
    }
}
