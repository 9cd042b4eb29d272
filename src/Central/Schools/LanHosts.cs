using System.Net;
using System.Net.Sockets;
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

    public static Result<List<string>> Check(IEnumerable<string> asked, CentralSettings settings)
    {
        var hosts = asked.Select(h => h.Trim().TrimEnd('.').ToLowerInvariant()).Where(h => h.Length > 0).Distinct().ToList();
        if (hosts.Count is 0 or > HostsMax)
        {
            return Error.Invalid("lan_hosts_count", "Hãy nhập từ 1 đến {0} tên hoặc địa chỉ của máy trong mạng trường.", HostsMax);
        }
        return hosts.Find(h => !(IPAddress.TryParse(h, out var address) ? IsPrivate(address) : IsLocal(h, settings))) is { } foreign
            ? Error.Invalid(
                "lan_host_foreign", "“{0}” không phải là tên hay địa chỉ trong mạng của trường. Hãy dùng địa chỉ như 192.168.1.10 hoặc tên như {1}.",
                foreign, $"truong.{settings.LanDomains[0]}")
            : hosts;
    }

    private static bool IsLocal(string name, CentralSettings settings) =>
        name.Length <= NameLettersMax && Uri.CheckHostName(name) == UriHostNameType.Dns && name.All(char.IsAscii)
        && (name == "localhost" || settings.LanDomains.Any(d => name.EndsWith("." + d, StringComparison.Ordinal)));

    private static bool IsPrivate(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6UniqueLocal
            : bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 192 && bytes[1] == 168);
    }
}
