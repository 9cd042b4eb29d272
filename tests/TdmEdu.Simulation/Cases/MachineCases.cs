using TdmEdu.Simulation.Boxes;
using TdmEdu.Sync.Central;

namespace TdmEdu.Simulation.Cases;

/// <summary>What a machine, its disk and its backups can do.</summary>
internal static class MachineCases
{
    private const int PortsMax = 40;

    public static void Case_15_The_power_goes_at_every_step_to_the_disk_and_nothing_answered_is_lost(Case c)
    {
        for (var port = 1; port <= PortsMax; port++)
        {
            var generation = c.Box.Generation;
            c.Box.CutAtPort = port;
            while (c.Box.Up && c.Box.Generation == generation)
            {
                c.Save(2);
                c.Pass(200);
            }
            c.PassUntil(() => c.Box.Up, 60_000, "the box is up again");
        }
        Case.True(c.World.Judge.Wishes.Any(w => w.Answered), "people worked in between");
    }

    public static void Case_22_What_the_disk_did_not_take_is_not_answered_and_the_next_is(Case c)
    {
        c.Online();
        c.Box.Disk.Mode = DiskMode.Failing;
        var refused = c.Save();
        c.Pass(2_000);
        Case.True(!refused.Answered, "the disk refused it");
        c.Box.Disk.Mode = DiskMode.Honest;
        var taken = c.Save();
        c.Pass(2_000);
        Case.True(taken.Answered, "the disk took it");
    }

    public static void Case_27_A_laptop_that_slept_ten_minutes_goes_on_under_a_new_session(Case c)
    {
        c.Online();
        c.Save(3);
        c.Box.Pause(600_000);
        c.Pass(600_000);
        var wish = c.Save();
        c.PassUntil(() => wish.Answered && c.IsAtCentral(wish), 60_000, "what was saved after waking arrives");
    }

    public static void Case_30_A_disk_put_back_with_all_beside_it_is_noticed_by_its_history(Case c)
    {
        c.Online();
        c.Save(3);
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 10_000, "the lane is acknowledged");
        var copy = Disk.CopyOf(c.Box.Disk);
        var epoch = c.Box.Journal.State.Epoch;
        var later = c.Save(3);
        c.PassUntil(() => later.All(c.IsAtCentral), 10_000, "Central has them");
        c.Box.Stop();
        c.Box.Disk = copy;
        c.World.Judge.ExpectLoss(c.Box);
        c.Pass(2 * (long)Greeting.Lease.TotalMilliseconds);
        c.Box.Start();
        c.PassUntil(() => c.Box.Journal.State.Epoch != epoch, 60_000, "a new epoch");
        c.PassUntil(() => later.All(w => c.Box.Journal.Holds(w.Draft.Data)), 60_000, "it has back what the copy lacks");
    }

    public static void Case_32_A_Central_restored_and_a_box_away_for_a_month_come_together_and_raise_no_dead(Case c)
    {
        c.Online();
        var id = c.Rng.Id();
        var key = new RecordKey(c.Box.Identity.School, "sim.profile", id);
        var alive = c.Change(id, delete: false);
        c.PassUntil(() => c.IsAtCentral(alive), 10_000, "Central has it");
        var backup = c.World.Centre.Data.Copy();
        c.Change(id, delete: true);
        c.PassUntil(() => c.World.Centre.Data.Records.All[key].State.Deleted, 10_000, "Central has deleted it");
        c.Cut(c.Box, 3_600_000);
        c.Save(5);
        c.Save(5, c.Other);
        c.Pass(3_600_000);
        c.World.Centre.Restore(backup, c.Rng.Id(), []);
        Case.True(!c.World.Centre.Data.Records.All[key].State.Deleted, "the copy has it alive");
        foreach (var box in c.World.Boxes)
        {
            box.Stop();
        }
        c.Pass(30L * 24 * 3_600_000);
        foreach (var box in c.World.Boxes)
        {
            box.Start();
        }
        c.PassUntil(() => c.World.Live.All(b => b.Journal.State.Pending == 0), 120_000, "all is acknowledged");
        c.Pass(10_000);
        Case.True(c.Box.Tables.Get("sim.profile", c.Box.Identity.School, id) is { Deleted: true }, "what the copy still had alive stays deleted here");
        Case.True(c.World.Centre.Data.Records.All[key].State.Deleted, "and is deleted there again");
    }
}
