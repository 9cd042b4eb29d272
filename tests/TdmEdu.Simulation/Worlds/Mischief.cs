using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Centres;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

/// <summary>The faults that strike at a moment; those of single messages are the network's.</summary>
internal sealed class Mischief(World world, Department department)
{
    private const long HourMs = 3_600_000;
    private const long YearMs = 365 * 24 * HourMs;

    /// <summary>How long each machine's journal was when it was backed up.</summary>
    private readonly Dictionary<int, (Disk Disk, Guid[] EpochFile)> backups = [];
    private readonly List<CentralData> centralBackups = [];

    public void Do(Fault fault, Rng rng)
    {
        var live = world.Boxes.Where(b => !b.Retired).ToList();
        var box = rng.Of(live);
        world.Trace.Add(world.Time.NowMs, fault.ToString(), box.Machine);
        switch (fault)
        {
            case Fault.Partition:
                var (forMs, ways) = (rng.Between(500, 40_000), rng.Below(3));
                Cut(box, forMs, up: ways != 1, down: ways != 0);
                break;
            case Fault.Swizzle:
                foreach (var some in live.Where(_ => rng.Chance(0.6)))
                {
                    Cut(some, rng.Between(200, 20_000), up: true, down: true);
                }
                break;
            case Fault.Crash:
                box.PowerCut(rng.Between(100, 20_000));
                break;
            case Fault.Pause:
                box.Pause(rng.Between(1_000, rng.Chance(0.2) ? 600_000 : 40_000));
                break;
            case Fault.Restore:
                BackUpOrRestore(box, rng);
                break;
            case Fault.Wipe:
                Replace(box, new Disk(), rng);
                break;
            case Fault.Clone:
                Clone(box, rng);
                break;
            case Fault.DiskFull or Fault.DiskError or Fault.DiskLiar or Fault.DiskReadOnly or Fault.DiskUnreadable:
                Break(box, fault, rng);
                break;
            case Fault.DiskSlow:
                box.Disk.SlowMs = rng.Between(100, 3_000);
                break;
            case Fault.Reconnect:
                box.Reset();
                break;
            case Fault.BitRot:
                Rot(box, rng);
                break;
            case Fault.ClockJump:
                Jump(box.Clock, rng);
                break;
            case Fault.ClockDrift:
                box.Clock.Drift((rng.Unit() - 0.5) * 0.02);
                break;
            default:
                OfCentral(fault, box, rng);
                break;
        }
    }

    private void OfCentral(Fault fault, Box box, Rng rng)
    {
        switch (fault)
        {
            case Fault.CentralCrash:
                world.Centre.Crash(rng.Between(100, 15_000));
                break;
            case Fault.CentralRestore:
                BackUpOrRestoreCentral(rng);
                break;
            case Fault.CentralClock:
                Jump(world.Centre.Clock, rng);
                break;
            case Fault.CentralDisk:
                world.Centre.FailDisk(rng.Between(100, 15_000));
                break;
            case Fault.Ward:
                department.MoveToWard(box, rng);
                break;
            case Fault.Evict:
                department.Evict(box, rng);
                break;
            case Fault.EvictMany:
                department.EvictMany(box, rng);
                break;
            case Fault.Settle:
                department.Settle(rng);
                break;
            case Fault.Revoke:
                world.Revoke(box.Identity.Node);
                break;
            case Fault.OldBox when box.Up:
                box.Stop();
                box.Disk.Flush();
                box.Catalogue = box.Catalogue == Entities.BoxOld ? Entities.BoxNow : Entities.BoxOld;
                box.Start();
                break;
            case Fault.OldCentral:
                world.Centre.Install(world.Centre.Catalogue == Entities.CentralNow ? Entities.CentralBack : Entities.CentralNow);
                break;
        }
    }

    private void Cut(Box box, long forMs, bool up, bool down)
    {
        if (up)
        {
            world.Network.Block(box.Machine, up: true, forMs);
        }
        if (down)
        {
            world.Network.Block(box.Machine, up: false, forMs);
        }
    }

    private void BackUpOrRestore(Box box, Rng rng)
    {
        if (!backups.TryGetValue(box.Machine, out var backup) || rng.Chance(0.3))
        {
            if (box.Up)
            {
                backups[box.Machine] = (Disk.CopyOf(box.Disk), [.. box.Disk.EpochFile]);
            }
            return;
        }
        var disk = Disk.CopyOf(backup.Disk);
        if (rng.Chance(0.5))
        {
            // Only the journal is put back; the file beside it stays.
            disk.EpochFile.Clear();
            disk.EpochFile.AddRange(box.Disk.EpochFile);
        }
        Replace(box, disk, rng);
    }

    private void Replace(Box box, Disk disk, Rng rng)
    {
        box.Stop();
        box.Disk = disk;
        world.Judge.ExpectLoss(box);
        world.Time.After(rng.Between(100, rng.Chance(0.5) ? 5_000 : 200_000), () =>
        {
            if (!box.Up && !box.Retired)
            {
                box.Start();
            }
        });
    }

    private void Clone(Box box, Rng rng)
    {
        if (!box.Up || world.Boxes.Count > 7 || world.Boxes.Any(b => b != box && b.Identity == box.Identity))
        {
            return;
        }
        var twin = world.AddMachine(box.Identity, Disk.CopyOf(box.Disk), box.Catalogue);
        world.Time.After(rng.Between(100, 30_000), () =>
        {
            if (!twin.Retired && !twin.Up)
            {
                twin.Start();
            }
        });
    }

    private void Break(Box box, Fault fault, Rng rng)
    {
        if (box.Disk.Mode == DiskMode.Liar)
        {
            return;
        }
        var disk = box.Disk;
        disk.Mode = fault switch
        {
            Fault.DiskFull => DiskMode.Full,
            Fault.DiskError => DiskMode.Failing,
            Fault.DiskReadOnly => DiskMode.ReadOnly,
            Fault.DiskUnreadable => DiskMode.Unreadable,
            _ => DiskMode.Liar,
        };
        if (disk.Mode != DiskMode.Liar)
        {
            world.Time.After(rng.Between(100, 15_000), () => disk.Mode = DiskMode.Honest);
        }
    }

    private void Rot(Box box, Rng rng)
    {
        if (box.Disk.Frames.Count > 1 && box.Up)
        {
            box.Disk.Rot(rng.Below(box.Disk.Frames.Count));
            box.PowerCut(1_000);
        }
    }

    private static void Jump(WallClock clock, Rng rng)
    {
        switch (rng.Below(8))
        {
            case 0:
                clock.Jump(HourMs);
                break;
            case 1:
                clock.Jump(-HourMs);
                break;
            case 2:
                clock.Jump(YearMs);
                break;
            case 3:
                clock.Jump(-YearMs);
                break;
            case 4:
                clock.Reset();
                break;
            case 5:
                clock.Freeze();
                break;
            default:
                clock.Correct();
                break;
        }
    }

    private void BackUpOrRestoreCentral(Rng rng)
    {
        if (centralBackups.Count == 0 || rng.Chance(0.4))
        {
            centralBackups.Add(world.Centre.Data.Copy());
            foreach (var (key, head) in world.Centre.Data.Lanes.All)
            {
                world.Centre.Data.BackedUp.All[key] = head.Seq;
            }
            return;
        }
        var copy = centralBackups[rng.Below(centralBackups.Count)];
        var office = Guid.ParseExact(world.Centre.Data.Meta.All[Sync.Central.MetaKeys.CentralNode], "n");
        foreach (var (scope, ops) in world.Centre.Data.Ops)
        {
            // By the operations themselves: the copy may be of a history that an earlier restore has ended, and longer.
            var kept = copy.Ops.TryGetValue(scope, out var held) ? held.ToHashSet() : [];
            foreach (var op in ops.Where(o => o.Node == office && !kept.Contains(o)))
            {
                world.LostOffice.Add((op.Entity, op.Id));
            }
        }
        world.Centre.Restore(copy, rng.Id(), world.Revoked);
    }
}
