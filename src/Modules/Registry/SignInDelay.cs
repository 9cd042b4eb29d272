using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Slows down guessing without ever locking anybody out. Who fails at one name from one address waits twice as long each time, a quarter of
/// an hour at most. Guesses at one name from many addresses wait a little, so that a person who sits elsewhere still gets in within half a minute;
/// guesses from one address at many names wait long. Attempts made while waiting are not counted. Kept in memory only: a restart forgives.
/// </summary>
internal sealed class SignInDelay(TimeProvider clock)
{
    private const int EntriesMax = 20_000;
    private static readonly TimeSpan WaitFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    /// <param name="FailuresFree">So many cost nothing.</param>
    /// <param name="WaitMax">The longest wait.</param>
    /// <param name="ForgivenEvery">One failure is forgiven in each such time, also by others' right passwords; null: by a right one alone.</param>
    private sealed record Limit(int FailuresFree, TimeSpan WaitMax, TimeSpan? ForgivenEvery)
    {
        /// <summary>Enough to reach the longest wait; more are not counted, so that the way back is never long.</summary>
        public int FailuresMax { get; } = FailuresFree + (int)Math.Ceiling(Math.Log2(WaitMax / WaitFirst));
    }

    private static readonly Limit PersonHere = new(3, TimeSpan.FromMinutes(15), null);
    private static readonly Limit Person = new(10, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));

    /// <summary>A whole staff may share one address (a school computer, a router) and come in the same minute.</summary>
    private static readonly Limit Address = new(50, TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(30));

    /// <summary>A class's code is one name that all its pupils use, from one address when they sit behind a router. A right PIN gives back its own
    /// attempt alone: a pupil's own must not pay for guessing a classmate's.</summary>
    private static readonly Limit ClassHere = new(20, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(2));

    /// <summary>Of forty PINs in a class one guess in 250 is somebody's. Twelve guesses an hour from wherever make that more than a day of school; cards
    /// open meanwhile.</summary>
    private static readonly Limit Class = new(40, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(5));

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    private sealed record Entry(int Failures, DateTimeOffset RetryAt, DateTimeOffset LastAt);

    /// <summary>Of a clock that never jumps: when the box's time is put right, nobody waits for that.</summary>
    private DateTimeOffset Now => DateTimeOffset.UnixEpoch + clock.GetElapsedTime(0);

    public static Error Refusal(TimeSpan wait) => Error.Unavailable(
        "sign_in_wait", "Đã nhập sai nhiều lần. Hãy chờ {0} giây rồi thử lại.", (int)Math.Ceiling(wait.TotalSeconds));

    /// <summary>
    /// Null when the attempt may be made; otherwise how long to wait. The attempt counts as a failure until
    /// <see cref="Succeeded"/> takes it back, so that attempts made side by side do not slip through.
    /// </summary>
    public TimeSpan? Begin(string userName, string address, bool isClass = false)
    {
        lock (gate)
        {
            var now = Now;
            var found = KeysOf(userName, address, isClass).Select(k => (k.Key, k.Limit, Entry: Find(k.Key, k.Limit, now))).ToList();
            var retryAt = found.Max(f => f.Entry.RetryAt);
            if (retryAt > now)
            {
                return retryAt - now;
            }
            MakeRoom(now);
            foreach (var (key, limit, entry) in found)
            {
                var failures = Math.Min(entry.Failures + 1, limit.FailuresMax);
                var doublings = failures - limit.FailuresFree;
                var wait = doublings < 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(limit.WaitMax.Ticks, WaitFirst.Ticks << doublings));
                entries[key] = new(failures, now + wait, limit.ForgivenEvery is null ? now : entry.LastAt);
            }
            return null;
        }
    }

    /// <summary>Here the name starts afresh. Elsewhere only this attempt is given back: one known password must not pay for guessing others, and
    /// a person's own sign-in not for somebody's guesses.</summary>
    public void Succeeded(string userName, string address, bool isClass = false)
    {
        lock (gate)
        {
            var now = Now;
            foreach (var (key, limit) in KeysOf(userName, address, isClass))
            {
                var entry = Find(key, limit, now);
                entries[key] = entry with { Failures = limit.ForgivenEvery is null ? 0 : Math.Max(0, entry.Failures - 1), RetryAt = now };
            }
        }
    }

    private static (string Key, Limit Limit)[] KeysOf(string userName, string address, bool isClass) => isClass
        ? [($"q:{userName} {address}", ClassHere), ($"c:{userName}", Class), ($"a:{address}", Address)]
        : [($"p:{userName} {address}", PersonHere), ($"n:{userName}", Person), ($"a:{address}", Address)];

    private Entry Find(string key, Limit limit, DateTimeOffset now)
    {
        if (!entries.TryGetValue(key, out var entry) || now - entry.LastAt >= ForgottenAfter)
        {
            return new(0, DateTimeOffset.MinValue, now);
        }
        if (limit.ForgivenEvery is not { } every)
        {
            return entry;
        }
        var forgiven = Math.Min(entry.Failures, (int)((now - entry.LastAt) / every));
        return entry with { Failures = entry.Failures - forgiven, LastAt = forgiven == entry.Failures ? now : entry.LastAt + forgiven * every };
    }

    /// <summary>Entries that have been idle go first, then the oldest tenth.</summary>
    private void MakeRoom(DateTimeOffset now)
    {
        if (entries.Count + 3 <= EntriesMax)
        {
            return;
        }
        var oldest = entries.OrderBy(e => e.Value.LastAt).ToList();
        foreach (var (key, _) in oldest.TakeWhile((e, i) => i < EntriesMax / 10 || now - e.Value.LastAt >= ForgottenAfter))
        {
            entries.Remove(key);
        }
    }
}
