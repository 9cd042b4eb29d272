using System.Net;
using Microsoft.AspNetCore.Http;

namespace TdmEdu.Modules.Shell;

/// <summary>
/// The names and addresses under which browsers reach this host. What a request claims to have asked for is anybody's text: it leads no redirect and
/// is printed on no card unless it is one of these.
/// </summary>
/// <param name="Names">In lower case, the first one first; asked each time, since a box's change with its certificate.</param>
/// <param name="Port">Of the pages.</param>
public sealed record WebHosts(Func<IReadOnlyList<string>> Names, int Port)
{
    /// <summary>Under the name that was asked for, where other devices know it too.</summary>
    public Uri AddressFor(HttpRequest request)
    {
        var names = Names();
        var elsewhere = names.Where(n => !IsThisMachine(n)).ToList();
        var known = elsewhere is [] ? names : elsewhere;
        return new UriBuilder(Uri.UriSchemeHttps, known.Contains(NameIn(request)) ? NameIn(request) : known[0], Port).Uri;
    }

    /// <summary>The address of this machine that was called is right, too: a box gets another one from its router.</summary>
    internal bool Has(HttpContext http) => Names().Contains(NameIn(http.Request))
        || (IPAddress.TryParse(NameIn(http.Request), out var address) && address.MapToIPv6().Equals(http.Connection.LocalIpAddress?.MapToIPv6()));

    internal static bool IsThisMachine(string name) => name == "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));

    internal static string NameIn(HttpRequest request) => request.Host.Host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
}
