using TdmEdu.Simulation.Judging;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Boxes;

/// <summary>One machine with its disk and its clock: the edge's host, carrying out what the kernel says as UplinkWorker and Worker do.</summary>
internal sealed partial class Box
{
    private const double CrashAtPortRate = 0.004;
    private const int CommandsMax = 16;
    private const int QueueMax = 512;
    private const int RestartMs = 2_000;

    private readonly World world;
    private readonly Rng rng;
    private readonly Rng crashRng;
    private readonly Queue<(Command Command, Action Done)> queue = new();
    private readonly List<(int Generation, Action Action)> held = [];
    private int pauses;
    private Tables tables = null!;
    private TableRecords records = null!;
    private MemoryFile file = null!;
    private EdgeExchange exchange = null!;
    private byte[]? sessionToken;
    private long startedAt;
    private long wakeAt = -1;
    private bool batchComes;

    public Box(World world, int machine, NodeIdentity node, Disk disk, Catalogue catalogue)
    {
        (this.world, Machine, Identity, Disk, Catalogue) = (world, machine, node, disk, catalogue);
        rng = Rng.Of(world.Plan.Seed, Plan.BoxStream + machine);
        crashRng = Rng.Of(world.Plan.Seed, Plan.BoxStream + 50 + machine);
        Clock = new(world.Time);
    }

    public int Machine { get; }

    public NodeIdentity Identity { get; }

    public Disk Disk { get; set; }

    public Catalogue Catalogue { get; set; }

    public WallClock Clock { get; }

    public bool Up { get; private set; }

    /// <summary>Switched off for good, by the department's decision.</summary>
    public bool Retired { get; set; }

    /// <summary>Stopped as by SIGSTOP: what comes in waits.</summary>
    public bool Paused { get; private set; }

    public int Generation { get; private set; }

    public Journal Journal { get; private set; } = null!;

    public EdgeExchange Exchange => exchange;

    public Tables Tables => tables;

    public MemoryFile File => file;

    /// <summary>The power goes at this one of the next effects on the disk; 0 leaves it on.</summary>
    public int CutAtPort { get; set; }

    public bool IsIdle => queue.Count == 0 && !batchComes;

    public void Start()
    {
        Generation++;
        if (Disk.Mode == DiskMode.Unreadable)
        {
            StartLater(RestartMs);
            return;
        }
        Up = true;
        queue.Clear();
        calls.Clear();
        (batchComes, wakeAt, sessionToken, startedAt) = (false, -1, null, world.Time.NowMs);
        Journal = new(Disk, Identity.Node, rng.Id(), rng, Port);
        world.Judge.Started(this);
        LoadTables();
        exchange = new(Journal, rng.Unit);
        Pump();
    }

    public void PowerCut(long forMs)
    {
        if (!Up)
        {
            return;
        }
        world.Trace.Add(world.Time.NowMs, "power cut", Machine, forMs);
        Stop();
        if (Disk.Durable < Disk.Frames.Count)
        {
            world.Seen(Disk.Mode == DiskMode.Liar ? Fault.DiskLiar : Fault.CrashAtPort);
        }
        Disk.PowerCut(crashRng);
        StartLater(forMs);
    }

    private void StartLater(long forMs)
    {
        var born = Generation;
        world.Time.After(forMs, () =>
        {
            if (!Up && !Retired && born == Generation)
            {
                Start();
            }
        });
    }

    public void Stop()
    {
        Up = false;
        queue.Clear();
        calls.Clear();
        world.Exchange.Unwatch(Machine);
    }

    /// <summary>Documents anew from the journal, as after any restart.</summary>
    public void LoadTables()
    {
        tables = new(Catalogue);
        records = new(Catalogue, tables);
        file = new();
        tables.Attach(file);
        var applier = new Applier(Catalogue, tables, records);
        foreach (var entry in Journal.Entries)
        {
            Replay.Apply(entry, applier, tables);
        }
    }

    /// <summary>Something happens at this machine: not while it is off, and later while it is paused.</summary>
    public void Do(int generation, Action action)
    {
        if (!Up || generation != Generation)
        {
            return;
        }
        if (Paused)
        {
            held.Add((generation, action));
            return;
        }
        try
        {
            action();
            if (Up && generation == Generation)
            {
                Pump();
            }
        }
        catch (CrashException)
        {
            PowerCut(crashRng.Between(200, 20_000));
        }
        catch (IOException)
        {
            // What the uplink's loop cannot read ends the process, and the system starts it again.
            Stop();
            Disk.Flush();
            StartLater(RestartMs);
        }
    }

    public void Pause(long forMs)
    {
        Paused = true;
        var pause = ++pauses;
        world.Time.After(forMs, () =>
        {
            if (pause == pauses)
            {
                Resume();
            }
        });
    }

    public void Resume()
    {
        (Paused, pauses) = (false, pauses + 1);
        var all = held.ToList();
        held.Clear();
        all.ForEach(h => Do(h.Generation, h.Action));
    }

    public void Later(long delayMs, Action action)
    {
        var generation = Generation;
        world.Time.After(delayMs, () => Do(generation, action));
    }

    /// <summary>The clock of the exchange: it never jumps.</summary>
    private long NowMs => Mutant.M14TimerOnWallClock ? Clock.NowMs : world.Time.NowMs - startedAt;

    private void Pump()
    {
        Begin(exchange.Advance(NowMs));
        var wake = world.Time.NowMs + Math.Clamp(exchange.WakeAt(NowMs) - NowMs, 1, EdgeExchange.HeartbeatMs);
        if (wakeAt <= world.Time.NowMs || wake < wakeAt)
        {
            wakeAt = wake;
            Later(wake - world.Time.NowMs, () => wakeAt = wakeAt == wake ? -1 : wakeAt);
        }
    }

    private void Port(string name)
    {
        if (CutAtPort > 0 && --CutAtPort == 0)
        {
            throw new CrashException();
        }
        if (!world.Healed && Up && world.Plan.Has(Fault.CrashAtPort) && crashRng.Chance(CrashAtPortRate))
        {
            world.Trace.Note(world.Time.NowMs, $"box{Machine} loses power at {name}");
            world.Seen(Fault.CrashAtPort);
            throw new CrashException();
        }
    }
}
