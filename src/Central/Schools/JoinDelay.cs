using System.Net;
using System.Net.Sockets;

namespace TdmEdu.Central.Schools;

/// <summary>
/// Slows down who tries join codes or keys that are none: an address has five tries, then waits, twice as long each time. Many addresses
/// together wait too, but never for long, so that guessing keeps no school out. Kept in memory only: a restart forgives.
/// </summary>
internal sealed class JoinDelay(TimeProvider clock)
{
    private const int EntriesMax = 10_000;
    private const int Ipv6NetworkBytes = 8;
    private static readonly Rule Address = new(FailuresFree: 5, TimeSpan.FromMinutes(10), DoublingsMax: 3);
    private static readonly Rule Overall = new(FailuresFree: 100, TimeSpan.FromSeconds(1), DoublingsMax: 5);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(2);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    private sealed record Rule(int FailuresFree, TimeSpan WaitFirst, int DoublingsMax);

    private sealed record Entry(int Failures, DateTimeOffset RetryAt, DateTimeOffset LastAt);

    /// <summary>Of a clock that never jumps.</summary>
    private DateTimeOffset Now => DateTimeOffset.UnixEpoch + clock.GetElapsedTime(0);

    /// <summary>
    /// Null when the try may be made; otherwise how long to wait. It counts as a failure until <see cref="Succeeded"/> takes it back,
    /// so that tries made side by side do not slip through.
    /// </summary>
    public TimeSpan? Begin(IPAddress address)
    {
        lock (gate)
        {
            var now = Now;
            var (own, all) = (Find(KeyOf(address), now), Find("", now));
            var retryAt = own.RetryAt > all.RetryAt ? own.RetryAt : all.RetryAt;
            if (retryAt > now)
            {
                return retryAt - now;
            }
            if (entries.Count + 2 > EntriesMax)
            {
                foreach (var (key, _) in entries.OrderBy(e => e.Value.LastAt).Take(EntriesMax / 10).ToList())
                {
                    entries.Remove(key);
                }
            }
            entries[KeyOf(address)] = Failed(own, Address, now);
            entries[""] = Failed(all, Overall, now);
            return null;
        }
    }

    /// <summary>This try is given back and no other: one code that is known must not pay for guessing others.</summary>
    public void Succeeded(IPAddress address)
    {
        lock (gate)
        {
            foreach (var key in new[] { KeyOf(address), "" })
            {
                var entry = Find(key, Now);
                entries[key] = entry with { Failures = Math.Max(0, entry.Failures - 1), RetryAt = DateTimeOffset.MinValue };
            }
        }
    }

    private Entry Find(string key, DateTimeOffset now) =>
        entries.TryGetValue(key, out var entry) && now - entry.LastAt < ForgottenAfter ? entry : new(0, DateTimeOffset.MinValue, now);

    private static Entry Failed(Entry entry, Rule rule, DateTimeOffset now)
    {
        var failures = Math.Min(entry.Failures + 1, rule.FailuresFree + rule.DoublingsMax);
        return new(failures, failures < rule.FailuresFree ? now : now + rule.WaitFirst * (1 << (failures - rule.FailuresFree)), now);
    }

    /// <summary>Whoever has an IPv6 network has all of its addresses.</summary>
    private static string KeyOf(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString()
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, Ipv6NetworkBytes))
        : address.ToString();
}
