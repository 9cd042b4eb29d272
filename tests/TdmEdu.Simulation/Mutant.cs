namespace TdmEdu.Sync;

/// <summary>The switches of the test build; each schedule runs on one thread, so each thread has its own.</summary>
internal static class Mutant
{
    [ThreadStatic]
    private static int on;

    /// <summary>0 is the kernel as it is.</summary>
    public static int On
    {
        get => on;
        set => on = value;
    }

    public static bool M1AckBeforeSync => on == 1;

    public static bool M2TrimOnSend => on == 2;

    public static bool M3CursorBeforeApply => on == 3;

    public static bool M4NoDedupe => on == 4;

    public static bool M5DedupeWithoutEpoch => on == 5;

    public static bool M6IgnoreFeedEpoch => on == 6;

    public static bool M7RawWallClock => on == 7;

    public static bool M8TrustPayloadSchool => on == 8;

    public static bool M9DropTombstone => on == 9;

    public static bool M10IgnoreSyncError => on == 10;

    public static bool M11SplitGroup => on == 11;

    public static bool M12DropUnknown => on == 12;

    public static bool M13CloneUnnoticed => on == 13;

    public static bool M14TimerOnWallClock => on == 14;

    public static bool M15PoisonBlocks => on == 15;
}
