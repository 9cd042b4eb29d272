using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Cases;

/// <summary>What a line can do to an exchange.</summary>
internal static class NetworkCases
{
    public static void Case_01_A_line_that_never_was_leaves_the_school_working_and_the_box_patient(Case c)
    {
        c.Cut(c.Box, 600_000);
        for (var minute = 0; minute < 10; minute++)
        {
            c.Save();
            c.Pass(60_000);
        }
        Case.True(c.World.Judge.Wishes.All(w => w.Answered), "a write waited for the line");
        // Half the longest wait on average, and no busy loop.
        Case.True(c.Box.CallsBegun < 2 * 600_000 / (Backoff.LastCap.TotalMilliseconds / 2), $"{c.Box.CallsBegun} calls in ten minutes");
    }

    public static void Case_02_A_cut_between_the_batch_and_its_answer_sends_it_again_with_one_effect(Case c)
    {
        c.Online();
        var wish = LoseTheAnswer(c);
        Case.True(c.Box.Journal.State.Pending > 0, "the box counts as received what nobody confirmed");
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 60_000, "the lane is acknowledged");
        Case.True(c.IsAtCentral(wish), "it is there");
    }

    public static void Case_03_A_box_that_crashes_before_the_lost_answer_sends_the_same_again_with_one_effect(Case c)
    {
        c.Online();
        LoseTheAnswer(c);
        c.Box.PowerCut(2_000);
        c.PassUntil(() => c.Box.Up && c.Box.Journal.State.Pending == 0, 60_000, "the lane is acknowledged");
    }

    public static void Case_04_Every_message_twice_changes_nothing(Case c)
    {
        c.World.Network.Duplicate = 1;
        for (var n = 0; n < 20; n++)
        {
            c.Save(n % 2 == 0 ? c.Box : c.Other);
            c.Pass(300);
        }
        c.PassUntil(() => c.World.Live.All(b => b.Journal.State.Pending == 0), 60_000, "all is acknowledged");
    }

    public static void Case_06_A_line_that_is_deaf_upwards_is_declared_dead_and_nothing_that_still_comes_down_counts_as_received(Case c)
    {
        c.Online();
        c.Pass(EdgeExchange.HeartbeatMs);
        c.Cut(c.Box, 90_000, down: false);
        var cutAt = c.World.Centre.NowMs;
        c.Announce();
        c.PassUntil(() => c.Box.Exchange.Line == LineKind.Offline, EdgeExchange.HeartbeatMs + EdgeExchange.SilenceMs, "the dead line is noticed");
        while (c.World.Centre.NowMs < cutAt + 80_000)
        {
            var missing = c.Announce().Single();
            c.Save();
            c.Pass(10_000);
            Case.True(c.Box.Exchange.Line == LineKind.Offline, "a nudge from above passes for a line");
            Case.True(!c.Box.Journal.Holds(missing), "the box has what it could not ask for");
            Case.True(HeardOf(c) < cutAt + EdgeExchange.DoubtMs, "Central takes for heard what was not");
        }
        var last = c.Announce().Single();
        c.PassUntil(() => c.Box.Journal.State.Pending == 0 && c.Box.Journal.Holds(last), 60_000, "both sides have everything");
    }

    public static void Case_07_A_line_that_is_deaf_downwards_takes_everything_once(Case c)
    {
        c.Online();
        c.Cut(c.Box, 30_000, up: false);
        var wish = c.Save();
        c.PassUntil(() => c.IsAtCentral(wish), 30_000, "Central has it");
        c.Pass(30_000);
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 60_000, "the lane is acknowledged");
    }

    /// <summary>The line is thin as well: what one of its seconds does not carry is cut off on the way up.</summary>
    public static void Case_08_A_line_that_is_up_one_second_in_four_moves_a_backlog_by_batches_that_fit(Case c)
    {
        const int backlog = 3_000, opsPerSecond = 100, upMs = 1_000, downMs = 3_000, idleMax = 8;
        c.Cut(c.Box, 60_000);
        for (var saved = 0; saved < backlog; saved += 300)
        {
            c.Save(300);
            c.Pass(3_000);
        }
        Case.True(c.Box.Journal.State.Pending == backlog, $"{c.Box.Journal.State.Pending} are waiting");
        c.Pass(30_000);
        var (largest, next, left, seconds, idle) = (0L, Intake.BatchOpsMax, 0L, 0, 0);
        while (c.Box.Journal.State.Pending > 0)
        {
            var before = Taken(c).Seq;
            left = opsPerSecond;
            Play(upMs, isUp: true);
            c.Cut(c.Box, downMs);
            Play(downMs, isUp: false);
            idle = Taken(c).Seq > before ? 0 : idle + 1;
            seconds++;
            Case.True(idle <= idleMax, $"nothing moved in {idle} seconds of the line, after {Taken(c).Seq}");
        }
        Case.True(largest <= opsPerSecond, $"a batch of {largest} got through");
        Case.True(seconds < 4 * backlog / opsPerSecond, $"{seconds} seconds of the line were used for less than a quarter of what they carry");

        void Play(long forMs, bool isUp)
        {
            var (until, seen, session) = (c.World.Time.NowMs + forMs, Taken(c), c.Box.Exchange.Session);
            while (c.World.Time.Step(until))
            {
                var (now, batch) = (Taken(c), Taken(c).Seq - seen.Seq);
                (largest, left) = (Math.Max(largest, batch), left - batch);
                next = batch > 0 ? Math.Min(Intake.BatchOpsMax, (int)batch + BatchSize.Step)
                    : session is not null && c.Box.Exchange.Session is null ? Math.Max(BatchSize.Min, next / 2)
                    : next;
                // After an Open, and after a batch, comes the next batch.
                if (isUp && now != seen && next > left)
                {
                    c.Cut(c.Box, until - c.World.Time.NowMs, down: false);
                }
                (seen, session) = (now, c.Box.Exchange.Session);
            }
        }
    }

    public static void Case_10_A_connection_that_is_dead_without_a_word_is_replaced_and_what_is_still_in_it_is_fenced_off(Case c)
    {
        c.Online();
        c.Save();
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 10_000, "the lane is acknowledged");
        var session = c.Box.Exchange.Session!;
        c.Cut(c.Box, 2 * EdgeExchange.SilenceMs + EdgeExchange.HeartbeatMs);
        c.Save();
        c.PassUntil(() => c.Box.Exchange.Session is null, EdgeExchange.HeartbeatMs + EdgeExchange.SilenceMs, "the dead connection is noticed");
        c.PassUntil(() => c.Box.Exchange.Session is { } now && now != session, 60_000, "a session of its own");
        c.ArrivesLate(session, 2);
    }

    public static void Case_13_Another_process_of_Central_goes_on_where_the_last_one_stopped(Case c)
    {
        c.Online();
        c.Save(5);
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 10_000, "the lane is acknowledged");
        var (feed, epoch) = (c.Box.Journal.State.FeedEpoch, c.Box.Journal.State.Epoch);
        c.World.Centre.Crash(3_000);
        c.Save(5);
        c.Pass(3_000);
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 60_000, "the lane is acknowledged");
        Case.True((feed, epoch) == (c.Box.Journal.State.FeedEpoch, c.Box.Journal.State.Epoch), "nothing begins anew");
    }

    public static void Case_76_An_hour_in_which_Central_fails_every_call_ends_without_a_herd(Case c)
    {
        const int citysBoxes = 160, bucketMs = 100;
        for (var school = 0; school < 12; school++)
        {
            c.World.AddSchool(c.Rng);
        }
        c.Pass(10_000);
        var before = c.World.Boxes.Sum(b => b.CallsBegun);
        c.World.Centre.FailDisk(3_600_000);
        c.Pass(3_540_000);
        var tries = (c.World.Boxes.Sum(b => b.CallsBegun) - before) / (double)c.World.Boxes.Count;
        Case.True(tries < 1.2 * 3_540_000 / (Backoff.LastCap.TotalMilliseconds / 2), $"{tries} calls a box in an hour");
        // The whole city is switched on at once, into the last minute.
        while (c.World.Boxes.Count < citysBoxes)
        {
            c.World.AddSchool(c.Rng);
        }
        c.Pass(5_000);
        var mean = citysBoxes * bucketMs / (Backoff.LastCap.TotalMilliseconds / 2);
        Case.True(Peak(c, 55_000 / bucketMs, () => c.World.Boxes.Sum(b => b.CallsBegun)) < 2.5 * mean, "calls come in waves");
        Case.True(Peak(c, 2_000 / bucketMs, () => c.World.Boxes.Count(b => b.Exchange.Session is not null)) < 2.5 * mean, "all sessions are opened at once");
        Case.True(c.World.Boxes.All(b => b.Exchange.Session is not null), "a box is still waiting");

        static int Peak(Case c, int buckets, Func<int> count) => Enumerable.Range(0, buckets).Max(_ =>
        {
            var before = count();
            c.Pass(bucketMs);
            return count() - before;
        });
    }

    public static void Case_78_A_send_that_failed_once_is_tried_again_though_nobody_writes_any_more(Case c)
    {
        c.Online();
        c.Cut(c.Box, 1_500);
        var wish = c.Save();
        c.PassUntil(() => c.IsAtCentral(wish), 60_000, "it arrives by itself");
    }

    /// <summary>What Central has of the box: its session, and the end of its lane.</summary>
    private static (byte[]? Session, long Seq) Taken(Case c) => (
        c.World.Centre.Data.Sessions.All.GetValueOrDefault(c.Box.Identity.Node).Token,
        c.World.Centre.Data.Lanes.All.GetValueOrDefault((c.Box.Identity.Node, c.Box.Journal.State.Epoch, Lane.Attendance))?.Seq ?? 0);

    /// <summary>Up to when Central believes to have everything of the box.</summary>
    private static long HeardOf(Case c) => Enum.GetValues<Lane>()
        .Select(lane => c.World.Centre.Data.Complete.All.GetValueOrDefault((c.Box.Identity.Node, c.Box.Journal.State.Epoch, lane)))
        .Append(c.World.Centre.Data.Seen.All[c.Box.Identity.Node] ?? 0).Max();

    private static Judging.Wish LoseTheAnswer(Case c)
    {
        c.Cut(c.Box, 5_000, up: false);
        var wish = c.Save();
        c.PassUntil(() => c.IsAtCentral(wish), 5_000, "Central has it");
        return wish;
    }
}
