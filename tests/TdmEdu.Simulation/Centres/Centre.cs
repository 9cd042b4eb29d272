using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Centres;

/// <summary>
/// Central's process: each call is one transaction, as in the host. Some commit late beside others (design D8); a power cut takes what
/// was not committed, and every answer on its way.
/// </summary>
internal sealed class Centre(World world)
{
    private const double CrashAtPortRate = 0.0005;
    private const double SlowRate = 0.04;
    private const int WaitingMax = 256;

    private readonly Rng slowRng = world.Plan.Stream(Fault.SlowCommit);
    private readonly Rng crashRng = world.Plan.Stream(Fault.CentralCrash);
    private readonly List<CentralTransaction> slow = [];
    private readonly List<Action> waiting = [];
    private int generation;
    private long diskFailsUntil;

    public CentralData Data { get; private set; } = new();

    public Admission Admission { get; private set; } = new();

    public Catalogue Catalogue { get; private set; } = Entities.CentralNow;

    public List<Watcher> Watchers { get; } = [];

    public bool Up { get; private set; } = true;

    public bool IsSlow => slow.Count > 0;

    public int Restores { get; private set; }

    public string FeedEpoch => Data.Meta.All[MetaKeys.FeedEpoch];

    public WallClock Clock { get; } = new(world.Time);

    public long NowMs => Clock.NowMs;

    /// <summary>Commits when the work is a success, then answers. Neither happens when the power goes before.</summary>
    public void Write<T>(Func<CentralTransaction, Result<T>> work, Action<Result<T>> answer)
    {
        if (!Up)
        {
            return;
        }
        var transaction = new CentralTransaction(Data, IsLocked, CrashAtPort) { BeganAtMs = world.Time.NowMs, ClockMs = NowMs };
        Result<T> result;
        try
        {
            result = work(transaction);
        }
        catch (WaitException)
        {
            Wait(() => Write(work, answer));
            return;
        }
        catch (Boxes.CrashException)
        {
            Crash(crashRng.Between(100, 15_000));
            return;
        }
        if (!result.Ok)
        {
            answer(result);
            return;
        }
        if (!world.Healed && world.Time.NowMs < diskFailsUntil)
        {
            answer(Error.Unavailable("store_failed", ""));
            return;
        }
        if (!world.Healed && world.Plan.Has(Fault.SlowCommit) && transaction.NewOps.Count > 0 && slowRng.Chance(SlowRate))
        {
            Late(transaction, () => answer(result));
            return;
        }
        Commit(transaction, () => answer(result));
    }

    /// <summary>One instant of what is committed.</summary>
    public T Read<T>(Func<CentralTransaction, T> work) => work(new(Data, _ => false, () => { }));

    public void Crash(long forMs)
    {
        if (!Up)
        {
            return;
        }
        world.Trace.Add(world.Time.NowMs, "central crashes", -1, forMs);
        (Up, Admission) = (false, new());
        generation++;
        slow.Clear();
        waiting.Clear();
        Watchers.Clear();
        world.CentralGone();
        world.Time.After(forMs, () => Up = true);
    }

    /// <summary>Another version takes the place of this one.</summary>
    public void Install(Catalogue catalogue)
    {
        Crash(1_000);
        Catalogue = catalogue;
        BringUp();
    }

    /// <summary>As the host at its start: records are brought up to its version, and what an older one could not apply is tried again.</summary>
    private void BringUp()
    {
        var transaction = new CentralTransaction(Data, _ => false, () => { });
        SchemaUpgrade.Run(transaction, Catalogue);
        transaction.Commit();
        RefusedPlace? place = null;
        do
        {
            var page = Read(t => t.FindRefused(Redrive.Candidates(place)));
            foreach (var school in page.GroupBy(o => o.Scope, RefusedPlace.Of))
            {
                transaction = new(Data, _ => false, () => { });
                Redrive.Retry(transaction, Catalogue, school.Key, [.. school], NowMs);
                transaction.Commit();
                world.Judge.Committed(transaction);
            }
            place = page.Count == Redrive.PageOpsMax ? RefusedPlace.Of(page[^1]) : null;
        }
        while (place is not null);
    }

    /// <summary>Nothing can be written for so long: the disk is full, or broken.</summary>
    public void FailDisk(long forMs) => diskFailsUntil = world.Time.NowMs + forMs;

    public void StartNow() => Up = true;

    /// <summary>From an older copy: the feed begins a new epoch, and what came after is gone from here.</summary>
    public void Restore(CentralData copy, Guid feedEpoch, IEnumerable<Guid> revoked)
    {
        Crash(2_000);
        Restores++;
        Data = copy.Copy();
        Data.Meta.All[MetaKeys.FeedEpoch] = feedEpoch.ToString("n");
        foreach (var node in revoked)
        {
            // The department keeps this list outside the database's backups.
            Data.Revoked.All[node] = true;
        }
        world.Judge.Restored();
        BringUp();
    }

    /// <summary>Every transaction that is under way ends now.</summary>
    public void Hurry()
    {
        while (slow.Count > 0)
        {
            Finish(slow[0]);
        }
    }

    private readonly Dictionary<CentralTransaction, Action> late = [];

    private void Late(CentralTransaction transaction, Action then)
    {
        var (delayMs, born) = (slowRng.Between(200, 60_000), generation);
        world.Trace.Add(world.Time.NowMs, "commits late", -1, delayMs);
        world.Seen(Fault.SlowCommit);
        slow.Add(transaction);
        late[transaction] = then;
        world.Time.After(delayMs, () =>
        {
            if (born == generation && slow.Contains(transaction))
            {
                Finish(transaction);
            }
        });
    }

    private void Finish(CentralTransaction transaction)
    {
        slow.Remove(transaction);
        late.Remove(transaction, out var then);
        Commit(transaction, then!);
        var ready = waiting.ToList();
        waiting.Clear();
        ready.ForEach(r => r());
    }

    private void Commit(CentralTransaction transaction, Action then)
    {
        if (slow.Exists(transaction.Touches))
        {
            // As PostgreSQL: the row's writer waits, and then writes what it had decided.
            Wait(() => Commit(transaction, then));
            return;
        }
        transaction.Commit();
        world.Judge.Committed(transaction);
        then();
        if (transaction.NewOps.Count > 0)
        {
            world.Exchange.Grew(transaction.NewOps.Select(o => o.Scope).Distinct());
        }
    }

    private void Wait(Action action)
    {
        if (waiting.Count >= WaitingMax)
        {
            throw new Judging.ViolationException("S8", "too many transactions wait at Central");
        }
        waiting.Add(action);
    }

    private bool IsLocked(Scope scope) => slow.Exists(s => s.Locked.Contains(scope));

    private void CrashAtPort()
    {
        if (!world.Healed && world.Plan.Has(Fault.CentralCrash) && crashRng.Chance(CrashAtPortRate))
        {
            world.Seen(Fault.CentralCrash);
            throw new Boxes.CrashException();
        }
    }
}
