using TdmEdu.Modules;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>The box's side of the exchange over its real journal, told what happened step by step.</summary>
public sealed partial class EdgeExchangeTests
{
    private static readonly byte[] Token = new byte[Greeting.TokenBytes];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("feed-1", true)]
    [InlineData("feed-2", false)]
    public async Task A_session_ends_when_Central_turns_out_to_be_a_restored_one_that_still_knows_it(string feedEpoch, bool lives)
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var pull = exchange.Advance(0).OfType<PullCall>().Single();
        exchange.Pulled(pull, new(feedEpoch, [new(EdgeBox.School, false, [], new(91, []))], More: false), 0);
        Assert.Equal(lives, exchange.Session is not null);
    }

    [Fact]
    public async Task Where_something_is_new_every_second_Central_still_hears_that_the_box_has_everything()
    {
        await using var box = await EdgeBox.Start();
        var exchange = await Online(box);
        var beats = 0;
        for (var now = 0; now < 60_000; now += 100)
        {
            if (now % 1_000 == 0)
            {
                exchange.Nudged();
            }
            foreach (var step in exchange.Advance(now))
            {
                switch (step)
                {
                    case PullCall pull:
                        exchange.Pulled(pull, new("feed-1", [], More: false), 0).OfType<JournalStep>().ToList().ForEach(s => exchange.Done(s, ok: true, now));
                        break;
                    case BeatCall beat:
                        exchange.Beaten(beat, same: true);
                        beats++;
                        break;
                }
            }
        }
        Assert.InRange(beats, 12, 16);
    }

    [Fact]
    public async Task A_beat_that_found_the_box_behind_is_asked_again_after_the_pull_and_only_once()
    {
        await using var box = await EdgeBox.Start();
        var exchange = await Online(box);
        Pull(exchange);
        for (var beat = 0; beat < 2; beat++)
        {
            exchange.Beaten(exchange.Advance(exchange.WakeAt(0)).OfType<BeatCall>().Single(), same: false);
            Pull(exchange);
        }
        Assert.Empty(exchange.Advance(0));
        Assert.True(exchange.WakeAt(0) > 0);

        static void Pull(EdgeExchange exchange) =>
            exchange.Pulled(exchange.Advance(0).OfType<PullCall>().Single(), new("feed-1", [], More: false), 0)
                .OfType<JournalStep>().ToList().ForEach(s => exchange.Done(s, ok: true, 0));
    }

    [Fact]
    public async Task An_answer_that_holds_less_than_was_acknowledged_ends_the_session_and_one_of_an_old_session_says_nothing()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var push = exchange.Advance(0).OfType<PushCall>().First();
        var old = new PullCall([1, .. Token[1..]], 500);
        Assert.Empty(exchange.Pulled(old, new("feed-2", [], More: true), 0));
        Assert.NotNull(exchange.Session);
        exchange.Pushed(push, new(new(push.Lane, push.From - 1, box.Owner.Journal.HashAt(push.Lane, push.From - 1)), Gap: false, []), 0);
        Assert.Null(exchange.Session);
    }

    [Fact]
    public async Task Resync_from_takes_back_what_was_acknowledged_and_sends_again_from_there()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        await Online(box);
        await box.Owner.Acknowledge(new(Lane.Attendance, 60, []), Cancel);
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0);
        var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(0)));
        Assert.Equal(60, open.Hello.Lanes.Single(l => l.Head.Lane == Lane.Attendance).Acked);

        var held = new LaneHead(Lane.Attendance, 20, box.Owner.Journal.HashAt(Lane.Attendance, 20));
        var lanes = open.Hello.Lanes.Select(l => new WelcomeLane(l.Head.Lane == held.Lane ? held : l.Head, [], 0)).ToList();
        var welcomed = exchange.Opened(new(OpenAction.ResyncFrom, Token, "feed-1", lanes), 0).OfType<WelcomedStep>().Single();
        await box.Owner.Welcomed(welcomed, Cancel);
        exchange.Done(welcomed, ok: true, 0);
        Assert.Equal((20, 40), (box.Owner.Journal.State.Acked[(int)Lane.Attendance], box.Owner.Journal.State.Pending));
        var push = Assert.Single(exchange.Advance(0).OfType<PushCall>());
        Assert.Equal((Lane.Attendance, 21), (push.Lane, push.From));
    }

    [Fact]
    public async Task A_backup_is_recorded_as_Central_tells_it_up_and_down_but_never_beyond_what_was_recorded()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        foreach (var (told, known) in new[] { (40L, 40L), (99L, 60L), (0L, 0L) })
        {
            exchange.Nudged();
            var pull = exchange.Advance(0).OfType<PullCall>().Single();
            var answer = new FeedAnswer("feed-1", [], More: false) { BackedUp = new Dictionary<Lane, long> { [Lane.Attendance] = told } };
            var step = Assert.IsType<BackUpStep>(Assert.Single(exchange.Pulled(pull, answer, 0)));
            Assert.True((await box.Owner.BackUp(step, Cancel)).Ok);
            exchange.Done(step, ok: true, 0);
            Assert.Equal(known, box.Owner.Journal.State.BackedUp[(int)Lane.Attendance]);
        }
        exchange.Nudged();
        Assert.Empty(exchange.Pulled(exchange.Advance(0).OfType<PullCall>().Single(), new("feed-1", [], More: false), 0));
    }

    [Fact]
    public async Task What_Central_says_it_holds_never_counts_for_more_than_was_recorded()
    {
        await using var box = await EdgeBox.Start();
        Assert.True((await box.Submit(box.NewId())).Ok);
        Assert.Equal(1, (await box.Owner.Acknowledge(new(Lane.Attendance, 99, []), Cancel)).Value);
        Assert.Equal(0, box.Owner.Status.Pending);
    }

    [Fact]
    public async Task A_school_that_is_told_to_come_back_later_neither_pushes_nor_pulls_before()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var calls = exchange.Advance(0);
        exchange.Failed(calls.OfType<PullCall>().Single(), Failure.Busy, 0, retryAfterMs: 500);
        Assert.Empty(exchange.Advance(499));
        Assert.Equal(500, exchange.WakeAt(1));
        Assert.Contains(exchange.Advance(500), s => s is PullCall);
    }

    [Fact]
    public async Task A_batch_that_was_on_its_way_when_the_line_died_is_sent_as_half_whichever_call_is_missed_first()
    {
        await using var box = await EdgeBox.Start();
        await box.Submit(box.NewId());
        var exchange = await Online(box);
        var push = exchange.Advance(0).OfType<PushCall>().Single();
        exchange.Failed(new WatchCall(push.Session), Failure.Unavailable, 0);
        exchange.Failed(push, Failure.Unavailable, 0);
        await Opened(box, exchange);
        Assert.Equal(push.OpsMax / 2, exchange.Advance(0).OfType<PushCall>().Single().OpsMax);
    }

    [Fact]
    public async Task A_watch_that_is_told_to_come_back_later_begins_with_the_next_session()
    {
        await using var box = await EdgeBox.Start();
        var exchange = await Online(box);
        exchange.Failed(new WatchCall(exchange.Session!), Failure.Busy, 0, retryAfterMs: 500);
        Assert.Empty(exchange.Advance(499));
        Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(exchange.WakeAt(499))));
    }

    /// <summary>A line that is there again is looked for at least this often, and Central asked at least once in a heartbeat.</summary>
    [Fact]
    public async Task Whatever_fails_the_box_looks_again_within_a_heartbeat()
    {
        await using var box = await EdgeBox.Start();
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0.999);
        var now = 0L;
        foreach (var failure in Enum.GetValues<Failure>())
        {
            var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(now)));
            exchange.Failed(open, failure, now, retryAfterMs: 1_000);
            Assert.InRange(exchange.WakeAt(now), now + 1, now + EdgeExchange.HeartbeatMs - 1);
            Assert.Empty(exchange.Advance(exchange.WakeAt(now) - 1));
            now = exchange.WakeAt(now);
        }
    }

    [Fact]
    public async Task Step_that_the_disk_could_not_read_for_is_tried_again_with_the_next_session()
    {
        await using var box = await EdgeBox.Start();
        var exchange = await Online(box);
        var page = new FeedPage(box.Owner.Identity.School, Restart: false, [], new(1, [1]));
        var pull = exchange.Advance(0).OfType<PullCall>().Single();
        var step = exchange.Pulled(pull, new("feed-1", [page], More: false), 0).OfType<TakePagesStep>().Single();
        exchange.Failed(step, Failure.Unavailable, 0);
        Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(exchange.WakeAt(0))));
    }

    [Fact]
    public async Task Lanes_are_sent_beside_each_other_but_bulk_waits_while_anything_else_is_on_its_way()
    {
        await using var box = await EdgeBox.Start(installed: WithBulk());
        await box.Fill();
        await box.Write(new Draft(EdgeBox.School, "test.attempt", 1, box.NewId(), OpKind.Put, "{}"u8.ToArray()));
        var exchange = await Online(box);
        var first = exchange.Advance(0).OfType<PushCall>().ToList();
        Assert.Equal([Lane.Control, Lane.Attendance], first.Select(p => p.Lane));
        await Acknowledged(box, exchange, first[0], 100);
        await Acknowledged(box, exchange, first[1], 200);
        Assert.True((await box.Submit(box.NewId())).Ok);
        var next = exchange.Advance(300).OfType<PushCall>().Single();
        Assert.Equal(Lane.Attendance, next.Lane);
        await Acknowledged(box, exchange, next, 400);
        Assert.Equal(Lane.Learning, exchange.Advance(500).OfType<PushCall>().Single().Lane);
        Assert.True((await box.Submit(box.NewId())).Ok);
        Assert.Equal(Lane.Attendance, exchange.Advance(600).OfType<PushCall>().Single().Lane);
    }

    [Fact]
    public async Task A_session_on_which_nothing_moves_though_something_waits_is_given_up_and_one_that_moves_or_has_nothing_is_not()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var stuck = exchange.StuckMs;
        var pushes = exchange.Advance(0).OfType<PushCall>().ToList();
        exchange.Advance(stuck);
        Assert.NotNull(exchange.Session);
        await Acknowledged(box, exchange, pushes[0], stuck);
        exchange.Advance(stuck + 1);
        exchange.Advance((2 * stuck) + 1);
        Assert.NotNull(exchange.Session);
        exchange.Advance((2 * stuck) + 2);
        Assert.Equal((true, nameof(Failure.Stuck)), (exchange.Session is null, exchange.Reason));

        exchange = await Online(box, acked: true);
        exchange.Advance(0);
        exchange.Advance(10 * stuck);
        Assert.NotNull(exchange.Session);
    }

    /// <summary>The product's own modules, and one whose records can wait.</summary>
    private static Catalogue WithBulk()
    {
        var builder = new ModuleBuilder();
        foreach (var module in AllModules.List)
        {
            module.Define(builder);
        }
        builder.Entity<object>("test.attempt").In(ScopeKind.School).WrittenBy(Side.Edge).On(Lane.Learning).Allow(Roles.Office, Verbs.Read | Verbs.Write);
        return builder.Build();
    }

    private static async Task Acknowledged(EdgeBox box, EdgeExchange exchange, PushCall push, long nowMs)
    {
        var last = box.Owner.Journal.ReadLane(push.Lane, push.From, push.OpsMax, int.MaxValue)[^1];
        var acknowledge = Assert.IsType<AcknowledgeStep>(Assert.Single(exchange.Pushed(push, new(new(push.Lane, last.Seq, last.Hash), Gap: false, []), nowMs)));
        await box.Owner.Acknowledge(acknowledge, Cancel);
        exchange.Done(acknowledge, ok: true, nowMs);
    }

    private static async Task<EdgeExchange> Online(EdgeBox box, bool acked = false)
    {
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0);
        await Opened(box, exchange, acked);
        return exchange;
    }

    private static async Task Opened(EdgeBox box, EdgeExchange exchange, bool acked = false, long at = 0)
    {
        var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(at)));
        var lanes = open.Hello.Lanes.Select(l => new WelcomeLane(acked ? l.Head : new(l.Head.Lane, 0, []), [], 0)).ToList();
        var welcomed = exchange.Opened(new(OpenAction.Continue, Token, "feed-1", lanes), at).OfType<WelcomedStep>().Single();
        await box.Owner.Welcomed(welcomed, Cancel);
        exchange.Done(welcomed, ok: true, at);
    }
}
