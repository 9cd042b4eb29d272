using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// How long somebody stays signed in: until nothing was asked for a while, twelve hours at most, and not a minute after the account was
/// changed. What the cookie says is protected, so nothing is kept here but who has signed out, and for whom the account was looked up.
/// </summary>
internal sealed class Sessions(Home home, IRecordStore store, TimeProvider clock)
{
    internal static readonly TimeSpan IdleMaxShared = TimeSpan.FromMinutes(15);
    internal static readonly TimeSpan IdleMaxOwn = TimeSpan.FromHours(1);
    internal static readonly TimeSpan LastsMax = TimeSpan.FromHours(12);
    internal static readonly TimeSpan FamilyLastsMax = TimeSpan.FromHours(4);

    /// <summary>A session is not told anew with every file of a page.</summary>
    private static readonly TimeSpan RenewedAfter = TimeSpan.FromMinutes(1);

    /// <summary>Begun later than now by more than this is a session from before the clock was set back; it would last by so much longer.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan CheckedFor = TimeSpan.FromSeconds(30);
    private const int KnownMax = 10_000;
    private const string IdItem = "session";
    private const string SinceItem = "since";
    private const string AccountItem = "account";
    private const string SharedItem = "shared";
    private const string ProvedItem = "proved";
    private const string ExternalItem = "external";
    private static readonly TimeSpan ProvedFor = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, DateTimeOffset> checkedAt = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> ended = new(StringComparer.Ordinal);

    public Task Begin(HttpContext http, Actor actor, SignIn.Found found, bool shared) => http.SignInAsync(
        Person.ToPrincipal(actor, found.FullName, found.UnitName, found.PasswordDue),
        Ticket(RecordId.New(clock).ToString("n"), clock.GetUtcNow(), found.Account.Version.ToString(), shared, clock.GetUtcNow()));

    /// <summary>For who came with a card or a link: nothing that asks for a password again ever opens.</summary>
    public Task Begin(HttpContext http, PupilSignIn.Found found) => http.SignInAsync(
        Person.ToPrincipal(found.Actor, found.FullName, found.UnitName),
        Ticket(RecordId.New(clock).ToString("n"), clock.GetUtcNow(), found.Stamp, shared: true, null));

    /// <summary>For whom another server has signed in, perhaps long ago.</summary>
    public (ClaimsPrincipal Person, AuthenticationProperties Ticket) External(SignIn.Found found, DateTimeOffset? signedInAt)
    {
        var now = clock.GetUtcNow();
        var ticket = Ticket(RecordId.New(clock).ToString("n"), now, found.Account.Version.ToString(), shared: true,
            signedInAt < now ? signedInAt : signedInAt is null ? null : now);
        ticket.Items[ExternalItem] = "1";
        return (Person.ToPrincipal(found.ActorIn(home.Scope), found.FullName, found.UnitName), ticket);
    }

    public static bool IsExternal(HttpContext http) => TicketOf(http)?.Items.ContainsKey(ExternalItem) == true;

    /// <summary>The session that changed its own account goes on; the person's others end.</summary>
    public async Task Renew(HttpContext http, Row<Account> account, bool passwordDue)
    {
        var items = (await http.AuthenticateAsync()).Properties!.Items;
        var principal = Person.ToPrincipal(http.Actor(), http.User.Identity!.Name!, http.User.UnitName() ?? "", passwordDue);
        await http.SignInAsync(principal, Ticket(items[IdItem]!, Time(items[SinceItem]), account.Version.ToString(), items[SharedItem] == "1", null));
    }

    /// <summary>Whether the person has typed the password a moment ago.</summary>
    public bool IsProved(HttpContext http) => TicketOf(http) is { } ticket
        && ticket.Items.TryGetValue(ProvedItem, out var at) && clock.GetUtcNow() - Time(at) < ProvedFor;

    public async Task Prove(HttpContext http)
    {
        var ticket = (await http.AuthenticateAsync()).Properties!;
        var now = clock.GetUtcNow();
        (ticket.IssuedUtc, ticket.ExpiresUtc) = (now, now + IdleMax(ticket.Items[SharedItem] == "1"));
        ticket.Items[ProvedItem] = now.ToString("O", CultureInfo.InvariantCulture);
        await http.SignInAsync(http.User, ticket);
    }

    /// <summary>After the clock was set: the session of who set it begins at the new time.</summary>
    public async Task Restart(HttpContext http)
    {
        var ticket = (await http.AuthenticateAsync()).Properties!;
        var now = clock.GetUtcNow();
        (ticket.IssuedUtc, ticket.ExpiresUtc) = (now, now + IdleMax(ticket.Items[SharedItem] == "1"));
        ticket.Items[SinceItem] = now.ToString("O", CultureInfo.InvariantCulture);
        ticket.Items[ProvedItem] = DateTimeOffset.MinValue.ToString("O", CultureInfo.InvariantCulture);
        await http.SignInAsync(http.User, ticket);
    }

    /// <summary>A cookie that was copied before is of no use afterwards.</summary>
    public async Task End(HttpContext http)
    {
        if ((await http.AuthenticateAsync()).Properties is { } ticket)
        {
            Note(ended, ticket.Items[IdItem]!, LastsMax);
        }
        await http.SignOutAsync();
        // Not the storage: what was entered and not sent yet lies there. Not the cookies: the language is one, and other hosts' sessions are.
        http.Response.Headers["Clear-Site-Data"] = "\"cache\"";
    }

    public async Task Check(CookieValidatePrincipalContext context)
    {
        var (now, items) = (clock.GetUtcNow(), context.Properties.Items);
        var alive = items.TryGetValue(SinceItem, out var since) && context.Principal?.TryActor() is { } actor
            && now - Time(since) is var age && age < (actor.Is(Access.Family) ? FamilyLastsMax : LastsMax) && age > -ClockSlack && !ended.ContainsKey(items[IdItem]!)
            && await IsAsItWas(actor, items[AccountItem]!, context.HttpContext.RequestAborted);
        if (!alive)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync();
            return;
        }
        context.ShouldRenew = now - context.Properties.IssuedUtc >= RenewedAfter && context.HttpContext.IsAskedByAPerson();
    }

    private async Task<bool> IsAsItWas(Actor actor, string version, CancellationToken cancel)
    {
        var key = $"{actor.Id:n} {version}";
        if (checkedAt.TryGetValue(key, out var at) && clock.GetUtcNow() - at < CheckedFor)
        {
            return true;
        }
        var now = await store.Read(
            records => actor.Is(Access.Family) ? PupilKeys.StampOf(records, actor, clock.Today())
                : home.IsOfGroup(actor) && !Groups.Is(records, actor.Scope, clock.Today()) ? null
                : records.Get<Account>(home.AccountsOf(actor), actor.Id) is { Value.Disabled: false } account ? account.Version.ToString() : null,
            cancel);
        if (now != version)
        {
            return false;
        }
        Note(checkedAt, key, CheckedFor);
        return true;
    }

    private static AuthenticationProperties? TicketOf(HttpContext http) => http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties;

    private AuthenticationProperties Ticket(string id, DateTimeOffset since, string version, bool shared, DateTimeOffset? proved)
    {
        var now = clock.GetUtcNow();
        return new()
        {
            IssuedUtc = now,
            ExpiresUtc = now + IdleMax(shared),
            Items =
            {
                [IdItem] = id,
                [SinceItem] = since.ToString("O", CultureInfo.InvariantCulture),
                [AccountItem] = version,
                [SharedItem] = shared ? "1" : "0",
                [ProvedItem] = (proved ?? DateTimeOffset.MinValue).ToString("O", CultureInfo.InvariantCulture),
            },
        };
    }

    private static TimeSpan IdleMax(bool shared) => shared ? IdleMaxShared : IdleMaxOwn;

    private void Note(ConcurrentDictionary<string, DateTimeOffset> among, string key, TimeSpan keptFor)
    {
        var now = clock.GetUtcNow();
        if (among.Count >= KnownMax)
        {
            foreach (var (old, at) in among.Where(e => now - e.Value >= keptFor))
            {
                among.TryRemove(KeyValuePair.Create(old, at));
            }
        }
        among[key] = now;
    }

    private static DateTimeOffset Time(string? text) => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture);
}

/// <summary>For a host whose clock a person sets.</summary>
public static class SessionClock
{
    public static Task RestartSession(this HttpContext http) => http.RequestServices.GetRequiredService<Sessions>().Restart(http);
}
