using System.Globalization;
using System.Text;
using System.Text.Json;
using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Judging;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

/// <summary>Teachers at the boxes, and now and then an officer at Central.</summary>
internal sealed class Workload(World world, Department department)
{
    private readonly Rng poison = world.Plan.Stream(Fault.Poison);
    private readonly Dictionary<int, Wish> unanswered = [];

    public void Step(Rng rng)
    {
        if (rng.Chance(0.15))
        {
            department.Write(rng);
            return;
        }
        var live = world.Boxes.Where(b => !b.Retired && b.Up && !b.Paused).ToList();
        if (live.Count == 0)
        {
            return;
        }
        var box = rng.Of(live);
        for (var burst = rng.Chance(0.15) ? 1 + rng.Below(10) : 1; burst > 0; burst--)
        {
            Write(box, rng);
        }
    }

    /// <summary>One fact of its own, as a submission is.</summary>
    public Wish Note(Box box, Rng rng) => Note(box, rng, NewText());

    private Wish Note(Box box, Rng rng, string text)
    {
        var wish = Make(box, Entities.Note, OpKind.Fact, rng.Id(), $$"""{"day":"d{{rng.Below(3)}}","text":"{{text}}"}""", Lane.Attendance);
        Post(box, [wish], atomic: false);
        return wish;
    }

    /// <summary>A record of the school's own is changed, or taken away.</summary>
    public Wish Change(Box box, Guid id, bool delete)
    {
        var text = NewText();
        var wish = Make(box, Entities.Profile, delete ? OpKind.Delete : OpKind.Put, id, delete ? text : $$"""{"a":"{{text}}"}""", Lane.Control);
        Post(box, [wish], atomic: false);
        return wish;
    }

    private void Write(Box box, Rng rng)
    {
        if (unanswered.Remove(box.Machine, out var again) && rng.Chance(0.5))
        {
            Post(box, [again], atomic: false);
            return;
        }
        var text = NewText();
        switch (rng.Below(12))
        {
            case <= 2:
                Note(box, rng, text);
                break;
            case <= 5:
                var fields = rng.Below(3) switch
                {
                    0 => $$"""{"a":"{{text}}"}""", 1 => $$"""{"b":"{{text}}"}""", _ => $$"""{"a":"{{text}}","b":"{{text}}"}""",
                };
                Post(box, [Make(box, Entities.Profile, OpKind.Put, Department.Id(box, rng), fields, Lane.Control)], atomic: false);
                break;
            case 6:
                Post(box, [Make(box, Entities.Profile, OpKind.Delete, Department.Id(box, rng), text, Lane.Control)], atomic: false);
                break;
            case 7:
                var loan = Make(box, Entities.Loan, OpKind.Fact, rng.Id(), $$"""{"copy":"c","text":"{{text}}"}""", Lane.Desks);
                // The card may be one that Central refuses, once the loan before it has been applied.
                var copy = rng.Chance(0.5) ? Card(box, rng, text)
                    : Make(box, Entities.Copy, OpKind.Put, Department.Id(box, rng), $$"""{"state":"{{text}}"}""", Lane.Desks);
                (loan.Peer, copy.Peer) = (copy, loan);
                Post(box, [loan, copy], atomic: true);
                break;
            case 8 when box.Catalogue == Entities.BoxNow:
                Post(box, [Make(box, Entities.Novel, OpKind.Put, Department.Id(box, rng), $$"""{"text":"{{text}}"}""", Lane.Learning)], atomic: false);
                break;
            case 9 when world.Judge.Wishes.LastOrDefault(w => w.Machine == box.Machine && w is { Answered: true, DiskLost: false } && w.Draft.Entity == Entities.Note) is { } known:
                // The form of a fact is used for another one: nothing of the decision may stay.
                var change = Make(box, Entities.Profile, OpKind.Put, Department.Id(box, rng), $$"""{"a":"{{text}}"}""", Lane.Control);
                Post(box, [change, Make(box, Entities.Note, OpKind.Fact, known.Draft.Id, $$"""{"day":"d0","text":"{{NewText()}}"}""", Lane.Attendance)], atomic: false);
                break;
            case 9 or 10:
                Post(box, [Card(box, rng, text)], atomic: false);
                break;
            default:
                var dose = world.Plan.Has(Fault.Poison) && poison.Chance(0.5) ? "boom-central" : "";
                Post(box, [Make(box, Entities.Poison, OpKind.Fact, rng.Id(), $$"""{"text":"{{dose}} {{text}}"}""", Lane.Telemetry)], atomic: false);
                break;
        }
    }

    /// <summary>In the words of the box's version: a field of this entity has been renamed, and another has become the department's.</summary>
    private Wish Card(Box box, Rng rng, string text)
    {
        var (old, id) = (box.Catalogue == Entities.BoxOld, Department.Id(box, rng));
        var field = rng.Below(3) switch { 0 => "holder", 1 when old => "fixed", _ => old ? "no" : "number" };
        return Make(box, Entities.Card, OpKind.Put, id, $$"""{"{{field}}":"{{text}}"}""", Lane.Desks, schema: old ? 1 : 2);
    }

    private string NewText() => string.Create(CultureInfo.InvariantCulture, $"w{world.NextText++}");

    private static Wish Make(Box box, string entity, OpKind kind, Guid id, string data, Lane lane, int schema = 1) =>
        new(box.Machine, box.Identity.Node, new(box.Identity.School, entity, schema, id, kind, Encoding.UTF8.GetBytes(data))) { Lane = lane };

    private void Post(Box box, IReadOnlyList<Wish> wishes, bool atomic)
    {
        var actor = new Actor(new Guid(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), box.Identity.School, Roles.Office);
        var decision = new Decision<bool>(true, [.. wishes.Select(w => w.Draft)]) { Atomic = atomic };
        string? unread = null;
        var command = new Command<bool>(
            s =>
            {
                var reply = s.Decide(actor, _ => decision);
                unread = reply.Ok ? wishes.Where(w => !IsRead(box, w)).Select(w => w.Text).FirstOrDefault() : null;
                return reply;
            },
            CancellationToken.None) { ReadOnly = false };
        foreach (var wish in wishes.Where(w => !world.Judge.Wishes.Contains(w)))
        {
            world.Judge.Wanted(wish);
        }
        if (wishes is [{ Draft.Entity: Entities.Note }])
        {
            // The form of a fact carries its id, and can be sent again; the others are typed anew.
            unanswered[box.Machine] = wishes[0];
        }
        box.Enqueue(command, () =>
        {
            if (!command.Done.IsCompleted)
            {
                return;
            }
            unanswered.Remove(box.Machine);
            if (command.Done.IsFaulted)
            {
                throw new ViolationException("X1", $"a decision threw {command.Done.Exception!.InnerException}");
            }
            if (!command.Done.Result.Ok)
            {
                world.Judge.Refused(box, wishes, command.Done.Result.Error.Reason);
                return;
            }
            if (unread is not null)
            {
                throw new ViolationException("S11", $"box{box.Machine} took {unread} and does not show it");
            }
            foreach (var wish in wishes)
            {
                world.Judge.Answered(box, wish);
            }
        });
    }

    /// <summary>S11: who saves a field reads it at once, whatever the clocks say. Later in the same batch others may change it.</summary>
    private static bool IsRead(Box box, Wish wish)
    {
        var draft = wish.Draft;
        if (box.Tables.Get(draft.Entity, draft.Scope, draft.Id) is not { } doc)
        {
            return false;
        }
        switch (draft.Kind)
        {
            case OpKind.Delete:
                return doc.Deleted;
            case OpKind.Fact:
                return doc.Data.Span.SequenceEqual(draft.Data.Span);
            default:
                using (var saved = JsonDocument.Parse(draft.Data))
                using (var held = JsonDocument.Parse(doc.Data))
                {
                    return saved.RootElement.EnumerateObject()
                        .All(f => held.RootElement.TryGetProperty(f.Name, out var value) && value.ValueEquals(f.Value.GetString()));
                }
        }
    }
}
