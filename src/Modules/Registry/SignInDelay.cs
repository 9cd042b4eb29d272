namespace TdmEdu.Modules.Registry;

/// <summary>
/// Slows down guessing without ever locking anybody out: after some failures the next attempt has to wait, twice as long each
/// time, a quarter of an hour at most. Attempts made while waiting are not counted. Kept in memory only: a restart forgives.
/// </summary>
internal sealed class SignInDelay(TimeProvider clock)
{
    private const int NameFailuresFree = 3;

    /// <summary>Many people may share one address (a school computer, a router), so an address is given more, and forgiven one by
    /// one.</summary>
    private const int AddressFailuresFree = 20;

    /// <summary>Enough to reach the longest wait; more are not counted, so that the way back is never long.</summary>
    private const int DoublingsMax = 8;

    private const int EntriesMax = 10_000;
    private static readonly TimeSpan WaitFirst = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan AddressFailureForgivenEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    private sealed record Entry(int Failures, DateTimeOffset RetryAt, DateTimeOffset LastAt);

    /// <summary>
    /// Null when the attempt may be made; otherwise how long to wait. The attempt counts as a failure until
    /// <see cref="Succeeded"/> takes it back, so that attempts made side by side do not slip through.
    /// </summary>
    public TimeSpan? Begin(string userName, string address)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            var (name, source) = (Find(NameKey(userName), now), FindAddress(address, now));
            var retryAt = name.RetryAt > source.RetryAt ? name.RetryAt : source.RetryAt;
            if (retryAt > now)
            {
                return retryAt - now;
            }
            MakeRoom(now);
            entries[NameKey(userName)] = Failed(name, NameFailuresFree, now) with { LastAt = now };
            entries[AddressKey(address)] = Failed(source, AddressFailuresFree, now);
            return null;
        }
    }

    /// <summary>The name starts afresh. The address only gets this attempt back: one known password must not pay for guessing
    /// others.</summary>
    public void Succeeded(string userName, string address)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            entries.Remove(NameKey(userName));
            var source = FindAddress(address, now);
            entries[AddressKey(address)] = source with { Failures = Math.Max(0, source.Failures - 1), RetryAt = now };
        }
    }

    private Entry Find(string key, DateTimeOffset now) =>
        entries.TryGetValue(key, out var entry) && now - entry.LastAt < ForgottenAfter ? entry : new(0, DateTimeOffset.MinValue, now);

    private Entry FindAddress(string address, DateTimeOffset now)
    {
        var entry = Find(AddressKey(address), now);
        var forgiven = Math.Min(entry.Failures, (int)((now - entry.LastAt) / AddressFailureForgivenEvery));
        var lastAt = forgiven == entry.Failures ? now : entry.LastAt + forgiven * AddressFailureForgivenEvery;
        return entry with { Failures = entry.Failures - forgiven, LastAt = lastAt };
    }

    private static Entry Failed(Entry entry, int free, DateTimeOffset now)
    {
        var failures = Math.Min(entry.Failures + 1, free + DoublingsMax);
        var wait = failures < free ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(WaitMax.Ticks, WaitFirst.Ticks << (failures - free)));
        return entry with { Failures = failures, RetryAt = now + wait };
    }

    /// <summary>Entries that have been idle go first, then the oldest tenth.</summary>
    private void MakeRoom(DateTimeOffset now)
    {
        if (entries.Count + 2 <= EntriesMax)
        {
            return;
        }
        var oldest = entries.OrderBy(e => e.Value.LastAt).ToList();
        foreach (var (key, _) in oldest.TakeWhile((e, i) => i < EntriesMax / 10 || now - e.Value.LastAt >= ForgottenAfter))
        {
            entries.Remove(key);
        }
    }

    private static string NameKey(string userName) => "n:" + userName;

    private static string AddressKey(string address) => "a:" + address;
}
