namespace TdmEdu.Sync;

/// <summary>
/// Fifteen mistakes that a sync kernel makes, each asked for at the place where it would be made. Here none can be switched on;
/// the simulator is compiled with its own <c>Mutant</c> and proves that it finds each of them.
/// </summary>
internal static class Mutant
{
    public static bool M1AckBeforeSync => false;

    public static bool M2TrimOnSend => false;

    public static bool M3CursorBeforeApply => false;

    public static bool M4NoDedupe => false;

    public static bool M5DedupeWithoutEpoch => false;

    public static bool M6IgnoreFeedEpoch => false;

    public static bool M7RawWallClock => false;

    public static bool M8TrustPayloadSchool => false;

    public static bool M9DropTombstone => false;

    public static bool M10IgnoreSyncError => false;

    public static bool M11SplitGroup => false;

    public static bool M12DropUnknown => false;

    public static bool M13CloneUnnoticed => false;

    public static bool M14TimerOnWallClock => false;

    public static bool M15PoisonBlocks => false;
}
