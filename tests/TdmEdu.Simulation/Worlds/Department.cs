using System.Globalization;
using System.Text;
using System.Text.Json;
using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Judging;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

/// <summary>The officers at Central.</summary>
internal sealed class Department(World world)
{
    private const int IdsPerSchool = 4;

    /// <summary>More than a day's evictions that go unasked.</summary>
    private const int ManyMin = EvictionGuard.FreeADayMax + 1;

    private static readonly Actor Officer = new(new Guid(2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), Scope.City, Roles.Office | Roles.DepartmentOfficer);

    /// <summary>Few records, so that people meet in them.</summary>
    public static Guid Id(Box box, Rng rng) => new((int)(box.Identity.Node.GetHashCode() & 0x7fffffff), 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)rng.Below(IdsPerSchool));

    /// <summary>Wards are drawn anew: the school receives another ward's feed from now on, and that ward says something.</summary>
    public void MoveToWard(Box box, Rng rng)
    {
        var ward = Scope.Ward(new Guid(8, 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)rng.Below(2)));
        Decide(
            new(Scope.City, Entities.Place, 1, box.Identity.School.Owner, OpKind.Put, Encoding.UTF8.GetBytes(
                $$"""{"school":"{{box.Identity.School}}","ward":"{{ward}}"}""")),
            new(ward, Entities.Notice, 1, rng.Id(), OpKind.Put, Encoding.UTF8.GetBytes($$"""{"text":"{{Text()}}"}""")));
    }

    /// <summary>A record leaves the school, or one that left comes back.</summary>
    public void Evict(Box box, Rng rng)
    {
        var held = world.Centre.Data.Records.All.Values.Select(r => r.State)
            .Where(s => s.Scope == box.Identity.School && s.Entity is Entities.Profile or Entities.Note && (!s.Deleted || s.Evicted)).ToList();
        if (held.Count == 0)
        {
            return;
        }
        var record = rng.Of(held);
        var type = world.Centre.Catalogue.Find(record.Entity)!;
        if (!record.Evicted)
        {
            Decide(Eviction.Draft(type, record.Scope, record.Id, new(EvictReason.Moved)));
        }
        else if (record.Entity == Entities.Profile)
        {
            Decide(new Draft(
                record.Scope, record.Entity, 1, record.Id, OpKind.Put, Encoding.UTF8.GetBytes($$"""{"$deleted":false,"$evicted":false,"a":"{{Text()}}"}""")));
        }
    }

    private void Decide(params Draft[] drafts)
    {
        world.Exchange.Office(Officer, _ => new Decision<bool>(true, drafts), r =>
        {
            if (!r.Ok && r.Error.Code != ErrorCode.Unavailable)
            {
                throw new ViolationException("X1", $"the office was refused: {r.Error.Reason}");
            }
        });
    }

    public void Write(Rng rng)
    {
        var text = Text();
        var box = rng.Of(world.Boxes);
        var data = Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}""");
        Draft draft = rng.Below(5) switch
        {
            0 => new(Scope.City, Entities.Notice, 1, new Guid(9, 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)rng.Below(4)), OpKind.Put, data),
            1 => new(box.Identity.School, Entities.Notice, 1, Id(box, rng), OpKind.Put, data),
            2 => new(box.Identity.School, Entities.Profile, 1, Id(box, rng), OpKind.Put, Encoding.UTF8.GetBytes($$"""{"a":"{{text}}"}""")),
            3 => new(box.Identity.School, Entities.Card, 1, Id(box, rng), OpKind.Put, Encoding.UTF8.GetBytes($$"""{"fixed":"{{text}}"}""")),
            _ when world.Plan.Has(Fault.Poison) => new(
                Scope.City, Entities.Poison, 1, rng.Id(), OpKind.Fact, Encoding.UTF8.GetBytes($$"""{"text":"boom-box {{text}}"}""")),
            _ => new(Scope.City, world.Centre.Catalogue.Find(Entities.Novel) is null ? Entities.Notice : Entities.Novel, 1, rng.Id(), OpKind.Put, data),
        };
        Decide(draft);
    }

    /// <summary>Every note of a school is to go: held, and confirmed or not the next time.</summary>
    public void EvictMany(Box box, Rng rng)
    {
        var states = world.Centre.Data.Records.All.Values.Select(r => r.State).Where(s => s.Scope == box.Identity.School && !s.Deleted).ToList();
        foreach (var list in states.Where(s => s.Entity == HeldEvictions.Key))
        {
            var held = JsonSerializer.Deserialize<HeldEvictions>(list.Data.Span, Sync.Json.Options)!;
            if (held.Confirmed is null)
            {
                var confirmed = rng.Chance(0.5);
                Decide(
                [
                    new(list.Scope, list.Entity, 1, list.Id, OpKind.Put, Encoding.UTF8.GetBytes($$"""{"confirmed":{{(confirmed ? "true" : "false")}}}""")),
                    .. held.Ids.Where(_ => confirmed).Select(id => Evicted(held.Entity, id, new(held.Reason, list.Id))),
                ]);
                return;
            }
        }
        var notes = states.Where(s => s.Entity == Entities.Note).Select(s => Evicted(s.Entity, s.Id, new(EvictReason.Retention))).ToArray();
        if (notes.Length >= ManyMin)
        {
            Decide(notes);
        }

        Draft Evicted(string entity, Guid id, Eviction why) => Eviction.Draft(world.Centre.Catalogue.Find(entity)!, box.Identity.School, id, why);
    }

    /// <summary>One refused operation is looked at.</summary>
    public void Settle(Rng rng)
    {
        var open = world.Centre.Data.OpenRefused.ToList();
        if (open.Count == 0)
        {
            return;
        }
        var place = RefusedPlace.Of(rng.Of(open));
        if (rng.Chance(0.5))
        {
            world.Centre.Write(t => Redrive.Accept(t, world.Centre.Catalogue, Officer, place, world.Centre.NowMs), _ => { });
        }
        else
        {
            world.Centre.Write(t => Redrive.Dismiss(t, Officer, place, "looked at", world.Centre.NowMs), _ => { });
        }
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture, $"o{world.NextText++}");
}
