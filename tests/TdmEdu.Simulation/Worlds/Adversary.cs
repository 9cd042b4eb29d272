using System.Text;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

/// <summary>A school with a true certificate and no honesty. It speaks to Central without a box's kernel between.</summary>
internal sealed class Adversary(World world)
{
    private const int FloodCalls = 40;
    private const int Machine = -2;

    private readonly NodeIdentity node = new(world.AdversaryNode, world.SchoolOf(world.AdversaryNode));
    private readonly Guid epoch = world.AdversaryNode;
    private readonly Dictionary<Lane, LaneHead> heads = [];
    private byte[] session = [];
    private Batch? last;
    private int next;

    public void Act(Rng rng)
    {
        if (!world.Centre.Up)
        {
            return;
        }
        if (session.Length == 0 || rng.Chance(0.1))
        {
            Open(rng.Chance(0.2) ? FloodCalls : 1, rng);
            return;
        }
        if (last is not null && rng.Chance(0.2))
        {
            Send(last with { Session = rng.Chance(0.5) ? session : last.Session });
            return;
        }
        if (rng.Chance(0.1))
        {
            Ask(rng);
            return;
        }
        for (var times = rng.Chance(0.1) ? FloodCalls : 1; times > 0; times--)
        {
            Push(rng);
        }
    }

    private void Ask(Rng rng)
    {
        var feed = new FeedQuery(session, "?", new Dictionary<Scope, Cursor> { [Victim(rng).School] = new(3, [1]) }, int.MaxValue, [], long.MaxValue);
        for (var times = rng.Chance(0.2) ? FloodCalls : 1; times > 0; times--)
        {
            world.Exchange.Pull(node, Machine, feed, world.Time.NowMs, _ => { });
            world.Exchange.Watch(new(Machine, node, session, () => { }, _ => { }));
            world.Exchange.Beat(node, Machine, session, rng.Bytes(32), long.MaxValue, world.Time.NowMs, _ => { });
        }
    }

    private void Open(int times, Rng rng)
    {
        for (var i = 0; i < times; i++)
        {
            var hello = new Hello(
                rng.Chance(0.8) ? epoch : rng.Id(), Hello.ProtocolNow, session, rng.Chance(0.1), "",
                [.. Enum.GetValues<Lane>().Select(l => new HelloLane(heads.GetValueOrDefault(l) ?? Base(l), rng.Chance(0.9) ? 0 : long.MaxValue))]);
            world.Exchange.Open(node, Machine, hello, r =>
            {
                if (r.Ok && r.Value.Session.Length > 0)
                {
                    session = r.Value.Session;
                    foreach (var lane in r.Value.Lanes)
                    {
                        heads[lane.Durable.Lane] = lane.Durable.Seq == 0 ? Base(lane.Durable.Lane) : lane.Durable;
                    }
                }
            });
        }
    }

    private void Push(Rng rng)
    {
        var lane = (Lane)rng.Below(5);
        var head = heads.GetValueOrDefault(lane) ?? Base(lane);
        var ops = new List<(Op, byte[])>();
        for (var i = rng.Below(4); i >= 0; i--)
        {
            ops.Add((Evil(rng), rng.Bytes(HashChain.SaltBytes)));
        }
        var batch = new Batch(session, lane, head.Seq + 1, head.Hash, ops);
        batch = rng.Below(10) switch
        {
            0 => batch with { FirstSeq = head.Seq + 5 },
            1 => batch with { PrevHash = rng.Bytes(32) },
            2 => batch with { Session = rng.Bytes(32) },
            3 when head.Seq > 0 => batch with { FirstSeq = head.Seq },
            _ => batch,
        };
        last = batch;
        Send(batch);
    }

    private void Send(Batch batch) => world.Exchange.Push(node, batch, r =>
    {
        if (r.Ok)
        {
            heads[batch.Lane] = r.Value.Durable;
        }
    });

    private Op Evil(Rng rng)
    {
        var text = Encoding.UTF8.GetBytes($$"""{"text":"e{{next++}}"}""");
        var note = Encoding.UTF8.GetBytes($$"""{"day":"d1","text":"e{{next++}}"}""");
        var now = new Hlc(Hlc.At(world.Centre.NowMs).Value + rng.Below(1000));
        var own = new Op(node.School, Entities.Note, rng.Id(), 1, OpKind.Fact, now, Guid.Empty, note);
        return rng.Below(9) switch
        {
            0 => own with { Scope = Victim(rng).School },
            1 => own with { Scope = Victim(rng).School, Entity = Entities.Profile, Kind = OpKind.Put, Data = text },
            2 => own with { Scope = Scope.City, Entity = Entities.Notice, Kind = OpKind.Put, Data = text },
            3 => own with { Entity = "sim.unheard_of", Data = text },
            4 => own with { Hlc = new(Hlc.At(world.Centre.NowMs + 400_000_000_000L).Value) },
            5 => own with { Entity = Entities.Profile, Kind = OpKind.Put, Id = new Guid(5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), Data = "{\"a\":[[[[[1"u8.ToArray() },
            6 => own with { Kind = OpKind.Put },
            7 => own with { Schema = 99 },
            _ => own,
        };
    }

    private NodeIdentity Victim(Rng rng) => rng.Of(world.Boxes).Identity;

    private LaneHead Base(Lane lane) => new(lane, 0, HashChain.Base(node.Node, epoch, lane));
}
