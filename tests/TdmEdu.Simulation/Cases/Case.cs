using System.Reflection;
using System.Text;
using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Judging;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Cases;

/// <summary>
/// What a case's script has in its hands: two to four schools, a Central, and the power to break what lies between. Whatever the
/// script leaves behind, the world is then healed and judged as after any seed.
/// </summary>
internal sealed class Case(World world)
{
    private const long StartedWithinMs = 1_000;

    private readonly Rng rng = Rng.Of(world.Plan.Seed, Plan.WorkStream);
    private readonly Workload people = new(world, new(world));

    public World World => world;

    public Rng Rng => rng;

    /// <summary>The box that the case is about, and one more.</summary>
    public Box Box => world.Boxes[0];

    public Box Other => world.Boxes[1];

    public static int RunAll(TextWriter text)
    {
        var failed = 0;
        foreach (var method in All())
        {
            var run = new World(new(1, Fault.None, 0), null, []).Play(w => Do(new(w), method));
            if (run.Violation is { } violation)
            {
                text.WriteLine($"FAILED {method.Name}: {violation.Message}");
                failed++;
            }
        }
        text.WriteLine($"cases: passed={All().Count() - failed} failed={failed}");
        return failed;
    }

    private static void Do(Case c, MethodInfo method)
    {
        c.Pass(StartedWithinMs);
        method.CreateDelegate<Action<Case>>()(c);
    }

    private static IEnumerable<MethodInfo> All() => typeof(Case).Assembly.GetTypes()
        .Where(t => t.Namespace == typeof(Case).Namespace)
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
        .Where(m => m.Name.StartsWith("Case_", StringComparison.Ordinal))
        .OrderBy(m => m.Name, StringComparer.Ordinal);

    public void Pass(long forMs)
    {
        var until = world.Time.NowMs + forMs;
        while (world.Time.Step(until))
        {
        }
    }

    public void PassUntil(Func<bool> holds, long withinMs, string what)
    {
        var until = world.Time.NowMs + withinMs;
        while (!holds())
        {
            True(world.Time.Step(until), $"not within {withinMs} ms: {what}");
        }
    }

    /// <summary>A teacher presses "Gửi"; the wish says later whether it was answered.</summary>
    public Wish Save(Box? box = null) => people.Note(box ?? Box, rng);

    public Wish Change(Guid id, bool delete) => people.Change(Box, id, delete);

    public IReadOnlyList<Wish> Save(int count, Box? box = null) => [.. Enumerable.Range(0, count).Select(_ => Save(box))];

    /// <summary>The department writes to the box's school: so many notices in one transaction, each by the text that it alone has.</summary>
    public IReadOnlyList<byte[]> Announce(int count = 1)
    {
        var notices = Enumerable.Range(0, count).Select(_ => rng.Id()).Select(id => (Id: id, Data: Encoding.UTF8.GetBytes($$"""{"text":"{{id:n}}"}"""))).ToList();
        var drafts = notices.Select(n => new Draft(Box.Identity.School, Entities.Notice, 1, n.Id, OpKind.Put, n.Data)).ToList();
        var written = false;
        world.Exchange.Office(new Actor(rng.Id(), Scope.City, Roles.Office), _ => new Decision<bool>(true, drafts), r => written = r.Ok);
        True(written, "the department's notices are written");
        return [.. notices.Select(n => n.Data)];
    }

    public void Cut(Box box, long forMs, bool up = true, bool down = true)
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

    /// <summary>What a connection of an older session still holds of the box's lane reaches Central only now.</summary>
    public void ArrivesLate(byte[] session, long seq)
    {
        var op = Box.Journal.ReadLane(Lane.Attendance, seq, 1, int.MaxValue)[0];
        Result<BatchAnswer>? late = null;
        var batch = new Batch(session, Lane.Attendance, seq, Box.Journal.HashAt(Lane.Attendance, seq - 1), [(op.Op, op.Salt)], op.Hash);
        world.Exchange.Push(Box.Identity, batch, r => late = r);
        True(late is { Ok: false, Error.Reason: "session_stale" }, "the old session is still served");
    }

    public bool IsAtCentral(Wish wish) => world.Judge.AtCentral.Contains(wish.Text);

    public void Online(Box? box = null) => PassUntil(() => (box ?? Box).Exchange.Line == LineKind.Online, 10_000, "a session");

    public static void True(bool holds, string what)
    {
        if (!holds)
        {
            throw new ViolationException("C", what);
        }
    }
}
