using System.Text;
using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Judging;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Cases;

/// <summary>What a machine, its disk and its backups can do.</summary>
internal static class MachineCases
{
    private const int PortsMax = 40;

    /// <summary>Write, sync, and the moment after it.</summary>
    private const int PagePorts = 3;

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

    public static void Case_24_The_power_goes_at_every_step_of_taking_a_page_and_the_cursor_stays_with_what_it_points_to(Case c)
    {
        for (var round = 0; round < 5 * PagePorts; round++)
        {
            c.PassUntil(() => c.Box.Exchange.Session is not null && c.Box.IsIdle && c.Box.Journal.State.Pending == 0, 60_000, "a quiet box");
            var cursor = CursorOf(c.Box);
            c.Box.CutAtPort = 1 + (round % PagePorts);
            var notices = c.Announce(3);
            c.PassUntil(() => !c.Box.Up, 10_000, "the power goes");
            c.PassUntil(() => c.Box.Up, 60_000, "the box is up again");
            var held = notices.Count(n => c.Box.Journal.Holds(n));
            Case.True(held == (CursorOf(c.Box) == cursor ? 0 : notices.Count), $"the cursor went from {cursor} to {CursorOf(c.Box)} with {held} of the page");
            c.PassUntil(() => notices.All(n => c.Box.Journal.Holds(n)), 60_000, "the page is taken again");
        }
        Case.True(c.Box.Journal.Entries.GroupBy(e => e.Op.Id).All(g => g.Count() == 1), "a page was taken twice");
    }

    public static void Case_27_A_laptop_that_slept_ten_minutes_goes_on_under_a_new_session(Case c)
    {
        c.Online();
        Arrived(c, c.Save(3));
        var session = c.Box.Exchange.Session!;
        // Its connections do not outlive the sleep, with what they held, and its clock loses more than it slept.
        c.Cut(c.Box, 600_000);
        c.Save();
        c.PassUntil(() => c.Box.Journal.State.Pending > 0, 1_000, "it has something to send");
        c.Box.Pause(600_000);
        c.Pass(600_000);
        c.Box.Clock.Jump(-1_200_000);
        var wish = c.Save();
        c.PassUntil(() => wish.Answered && c.IsAtCentral(wish), 60_000, "what was saved after waking arrives");
        c.PassUntil(() => c.Box.Exchange.Session is { } now && now != session, 60_000, "a session of its own");
        c.ArrivesLate(session, 4);
        var stamps = c.Box.Journal.ReadLane(Lane.Attendance, 1, 5, int.MaxValue).Select(o => o.Op.Hlc).ToList();
        Case.True(stamps.Count == 5 && stamps.Zip(stamps.Skip(1)).All(pair => pair.First < pair.Second), "a stamp went back");
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

    public static void Case_31_A_Central_restored_to_yesterday_is_sent_again_what_it_had_acknowledged(Case c)
    {
        c.Online();
        Arrived(c, c.Save(3));
        var backup = c.World.Centre.Data.Copy();
        var feed = c.Box.Journal.State.FeedEpoch;
        var lost = c.Save(8).Concat(c.Save(4, c.Other)).ToList();
        Arrived(c, lost);
        c.World.Centre.Restore(backup, c.Rng.Id(), []);
        Case.True(!lost.Exists(c.IsAtCentral), "the copy is older");
        Arrived(c, lost);
        c.PassUntil(() => c.Box.Journal.State.FeedEpoch != feed, 10_000, "the box follows the new feed");
        var texts = c.World.Centre.Data.Ops.Values.SelectMany(ops => ops).Select(o => Encoding.UTF8.GetString(o.Data)).ToList();
        Case.True(texts.Count == texts.Distinct().Count(), "something came twice");
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

    public static void Case_34_A_box_that_is_withdrawn_while_it_sends_gets_no_further_and_keeps_its_journal(Case c)
    {
        c.Online();
        Arrived(c, c.Save(3));
        var wishes = c.Save(5).ToList();
        c.PassUntil(() => c.Box.Journal.State.Pending > 0 && c.Box.CallsOpen > 1, 5_000, "it is sending");
        c.World.Revoke(c.Box.Identity.Node);
        var there = wishes.Count(c.IsAtCentral);
        c.PassUntil(() => c.Box.Exchange.Session is null, 5_000, "the session ends");
        wishes.AddRange(c.Save(5));
        c.Pass(60_000);
        Case.True(wishes.Count(c.IsAtCentral) == there, "what came after the withdrawal was taken");
        Case.True(c.Box.Exchange is { Session: null, Reason: nameof(OpenAction.Revoked) }, $"it says {c.Box.Exchange.Reason}");
        Case.True(wishes.TrueForAll(w => w.Answered && c.Box.Journal.Holds(w.Draft.Data)), "the journal is kept");
    }

    private static long CursorOf(Box box) => box.Journal.State.Cursors.GetValueOrDefault(box.Identity.School)?.Seq ?? 0;

    private static void Arrived(Case c, IReadOnlyList<Wish> wishes) => c.PassUntil(
        () => wishes.All(c.IsAtCentral) && c.World.Live.All(b => b.Journal.State.Pending == 0), 60_000, "all is at Central and acknowledged");
}
