using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;

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

    public static void Case_06_A_line_that_is_deaf_upwards_is_given_up_and_not_waited_for(Case c)
    {
        c.Online();
        c.Cut(c.Box, 60_000, down: false);
        c.Save();
        c.PassUntil(() => c.Box.Exchange.Line == LineKind.Offline, 2 * EdgeExchange.SilenceMs, "the dead line is noticed");
        c.Pass(60_000);
        c.PassUntil(() => c.Box.Journal.State.Pending == 0, 60_000, "the lane is acknowledged");
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

    public static void Case_08_A_line_that_is_up_one_second_in_four_moves_a_backlog(Case c)
    {
        c.Cut(c.Box, 1_000);
        c.Save(300);
        for (var minutes = 0; minutes < 60 && (c.Box.Journal.State.Pending > 0 || minutes == 0); minutes++)
        {
            for (var flap = 0; flap < 15; flap++)
            {
                c.Cut(c.Box, 3_000);
                c.Pass(4_000);
            }
        }
        Case.True(c.Box.Journal.State.Pending == 0, $"{c.Box.Journal.State.Pending} of 300 are still waiting after an hour");
    }

    public static void Case_10_A_connection_that_is_dead_without_a_word_is_replaced(Case c)
    {
        c.Online();
        var session = c.Box.Exchange.Session;
        c.Cut(c.Box, 2 * EdgeExchange.SilenceMs + EdgeExchange.HeartbeatMs);
        c.PassUntil(() => c.Box.Exchange.Session is null, EdgeExchange.HeartbeatMs + 2 * EdgeExchange.SilenceMs, "the dead connection is noticed");
        c.PassUntil(() => c.Box.Exchange.Session is { } now && now != session, 60_000, "a session of its own");
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

    public static void Case_76_An_hour_without_Central_ends_without_a_herd(Case c)
    {
        for (var school = 0; school < 12; school++)
        {
            c.World.AddSchool(c.Rng);
        }
        c.Pass(10_000);
        var before = c.World.Boxes.Sum(b => b.CallsBegun);
        c.World.Centre.Crash(3_600_000);
        c.Pass(3_599_000);
        var tries = (c.World.Boxes.Sum(b => b.CallsBegun) - before) / (double)c.World.Boxes.Count;
        Case.True(tries < 2 * 3_600_000 / (Backoff.LastCap.TotalMilliseconds / 2), $"{tries} calls a box in an hour");
        before = c.World.Boxes.Sum(b => b.CallsBegun);
        c.Pass(1_100);
        Case.True(c.World.Boxes.Sum(b => b.CallsBegun) - before < 4 * c.World.Boxes.Count, "all call at once, and more than once");
    }

    public static void Case_78_A_send_that_failed_once_is_tried_again_though_nobody_writes_any_more(Case c)
    {
        c.Online();
        c.Cut(c.Box, 1_500);
        var wish = c.Save();
        c.PassUntil(() => c.IsAtCentral(wish), 60_000, "it arrives by itself");
    }

    private static Judging.Wish LoseTheAnswer(Case c)
    {
        c.Cut(c.Box, 5_000, up: false);
        var wish = c.Save();
        c.PassUntil(() => c.IsAtCentral(wish), 5_000, "Central has it");
        return wish;
    }
}
