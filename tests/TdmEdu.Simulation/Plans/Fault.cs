namespace TdmEdu.Simulation.Plans;

/// <summary>What may go wrong. Each seed enables some of them (swarm testing: a fault that is always on hides others).</summary>
[Flags]
internal enum Fault : long
{
    None = 0,
    Loss = 1 << 0,
    Duplicate = 1 << 1,
    Delay = 1 << 2,
    Partition = 1 << 3,
    Swizzle = 1 << 4,
    Garble = 1 << 5,
    Crash = 1 << 6,
    CrashAtPort = 1 << 7,
    Pause = 1 << 8,
    Restore = 1 << 9,
    Clone = 1 << 10,
    DiskFull = 1 << 11,
    DiskError = 1 << 12,
    DiskLiar = 1 << 13,
    BitRot = 1 << 14,
    ClockJump = 1 << 15,
    ClockDrift = 1 << 16,
    CentralCrash = 1 << 17,
    CentralRestore = 1 << 18,
    SlowCommit = 1 << 19,
    Revoke = 1 << 20,
    OldBox = 1 << 21,
    OldCentral = 1 << 22,
    Adversary = 1 << 23,
    Poison = 1 << 24,
    SmallBatch = 1 << 25,
    Wipe = 1 << 26,
    CentralDisk = 1 << 27,
    Ward = 1 << 28,
    Evict = 1 << 29,

    /// <summary>A call is taken and never answered, on a connection that lives.</summary>
    Hang = 1 << 30,

    /// <summary>The connections are made anew, as with another certificate.</summary>
    Reconnect = 1L << 31,
    DiskReadOnly = 1L << 32,
    DiskUnreadable = 1L << 33,
    DiskSlow = 1L << 34,

    /// <summary>The department takes what was refused into effect, or decides that it shall have none.</summary>
    Settle = 1L << 35,

    /// <summary>More leaves a school at once than anybody believes.</summary>
    EvictMany = 1L << 36,

    /// <summary>Central's own machine is set to another time, forth or back.</summary>
    CentralClock = 1L << 37,
}
