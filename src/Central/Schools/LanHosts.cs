using System.Net;
using TdmEdu.Sync;

namespace TdmEdu.Central.Schools;

/// <summary>
/// What the certificate of a box's pages may name: what exists inside a school only. A name of Central's, or of anybody else's, would
/// make the key of a box that stands in an unlocked room a key to that.
/// </summary>
internal static class LanHosts
{
    private const int HostsMax = 8;
    private const int NameLettersMax = 100;

    /// <summary>Private addresses (RFC 1918, RFC 4193) and the machine itself.</summary>
    public static IReadOnlyList<IPNetwork> Networks { get; } =
        [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128" }.Select(n => IPNetwork.Parse(n))];

    public static Result<List<string>> Check(IEnumerable<string> asked, CentralSettings settings)
    {
        var hosts = asked.Select(h => h.Trim().TrimEnd('.').ToLowerInvariant()).Where(h => h.Length > 0).Distinct().ToList();
        if (hosts.Count is 0 or > HostsMax)
        {
            return Error.Invalid("lan_hosts_count", "Hãy nhập từ 1 đến {0} tên hoặc địa chỉ của máy trong mạng trường.", HostsMax);
        }
        return hosts.Find(h => !(IPAddress.TryParse(h, out var address) ? Networks.Any(n => n.Contains(address)) : IsLocal(h, settings))) is { } foreign
            ? Error.Invalid(
                "lan_host_foreign", "“{0}” không phải là tên hay địa chỉ trong mạng của trường. Hãy dùng địa chỉ như 192.168.1.10 hoặc tên như {1}.",
                foreign, $"truong.{settings.LanDomains[0]}")
            : hosts;
    }

    private static bool IsLocal(string name, CentralSettings settings) =>
        name.Length <= NameLettersMax && Uri.CheckHostName(name) == UriHostNameType.Dns && name.All(char.IsAscii)
        && (name == "localhost" || settings.LanDomains.Any(d => name.EndsWith("." + d, StringComparison.Ordinal)));
}
