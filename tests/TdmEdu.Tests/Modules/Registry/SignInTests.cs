using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class SignInTests
{
    private const string Right = "đúng-mật-khẩu";
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid Lan = Guid.Parse("01900000-0000-7000-8000-000000000c01");

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero));
    private readonly ListAudit audit = new();
    private readonly KernelStore store;
    private readonly SignInDelay delay;

    public SignInTests()
    {
        store = new(Side.Edge, clock);
        delay = new(clock);
        store.Seed(Compose.Staff(store.Catalogue, School, Lan, new("Nguyễn Thị Lan", "Giáo viên"), "lan", Right, Roles.Teacher));
    }

    [Fact]
    public async Task A_person_signs_in_and_both_outcomes_are_on_record_without_names()
    {
        Assert.Equal("sign_in_refused", (await Try("lan", "sai")).Error.Reason);
        var found = await Try("lan", Right);
        Assert.Equal(Lan, found.Value.Account.Id);
        Assert.Equal(
            [new AuditEntry("sign_in", Lan, "10.0.0.5", "wrong_password"), new AuditEntry("sign_in", Lan, "10.0.0.5", "")],
            audit.Entries);
    }

    [Fact]
    public async Task A_hundred_wrong_passwords_make_the_wait_grow_to_a_quarter_of_an_hour_and_never_for_good()
    {
        var waits = new List<int>();
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var refused = (await Try("lan", "sai")).Error;
            if (refused.Reason == "sign_in_wait")
            {
                waits.Add((int)refused.Message.Args[0]);
                clock.Advance(TimeSpan.FromSeconds(waits[^1]));
            }
        }
        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 900, 900], waits[..10]);
        Assert.All(waits, wait => Assert.InRange(wait, 5, 900));
        Assert.Equal("sign_in_refused", (await Try("lan", "sai")).Error.Reason);
        Assert.Equal("sign_in_wait", (await Try("lan", Right)).Error.Reason);
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.True((await Try("lan", Right)).Ok);
        Assert.Equal("sign_in_refused", (await Try("lan", "sai")).Error.Reason);
        Assert.True((await Try("lan", Right)).Ok);
    }

    [Fact]
    public async Task Attempts_made_while_waiting_do_not_make_the_wait_longer()
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            await Try("lan", "sai");
        }
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await Try("lan", Right)).Ok);
    }

    [Fact]
    public async Task Somebody_unknown_is_told_the_same_waits_the_same_and_is_not_named_in_the_record()
    {
        var unknown = new List<string>();
        var known = new List<string>();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            unknown.Add((await Try("nobody", "sai", "10.0.0.6")).Error.Message.Vietnamese);
            known.Add((await Try("lan", "sai", "10.0.0.7")).Error.Message.Vietnamese);
        }
        Assert.Equal(known, unknown);
        Assert.Contains(audit.Entries, e => e is { Actor: var actor, Reason: "unknown_user" } && actor == Guid.Empty);
        Assert.DoesNotContain(audit.Entries, e => e.ToString().Contains("nobody", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_address_that_tries_many_names_has_to_wait_too()
    {
        Error last = (await Try("x0", "sai")).Error;
        for (var attempt = 1; attempt < 25; attempt++)
        {
            last = (await Try($"x{attempt}", "sai")).Error;
        }
        Assert.Equal("sign_in_wait", last.Reason);
        Assert.True((await Try("lan", Right, "10.0.0.99")).Ok);
    }

    [Fact]
    public async Task A_disabled_account_does_not_sign_in()
    {
        var before = store.Get<Account>(School, Lan)!;
        store.Seed([store.Catalogue.Change(School, before, before.Value with { Disabled = true })!]);
        Assert.Equal("sign_in_refused", (await Try("lan", Right)).Error.Reason);
        Assert.Equal("disabled", audit.Entries[^1].Reason);
    }

    [Fact]
    public async Task A_school_account_does_not_sign_in_at_central()
    {
        var central = new SignIn(new(Side.Central, Scope.City), store, audit, delay, clock);
        Assert.False((await central.Check("lan", Right, "10.0.0.5", TestContext.Current.CancellationToken)).Ok);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pbkdf2-sha512$x$$")]
    [InlineData("pbkdf2-sha512$1000$****$****")]
    [InlineData("pbkdf2-sha512$1000$AAAA$")]
    [InlineData("md5$1$AAAA$AAAA")]
    public void A_broken_hash_lets_nobody_in(string stored) => Assert.False(PasswordHash.Verify(Right, stored));

    [Fact]
    public void Two_hashes_of_one_password_differ_and_both_verify()
    {
        var (a, b) = (PasswordHash.Of(Right), PasswordHash.Of(Right));
        Assert.NotEqual(a, b);
        Assert.True(PasswordHash.Verify(Right, a) && PasswordHash.Verify(Right, b));
        Assert.False(PasswordHash.Verify(Right, null));
    }

    private Task<Result<SignIn.Found>> Try(string userName, string password, string address = "10.0.0.5") =>
        new SignIn(new(Side.Edge, School), store, audit, delay, clock).Check(userName, password, address,
            TestContext.Current.CancellationToken);
}

internal sealed class ListAudit : IAuditLog
{
    public List<AuditEntry> Entries { get; } = [];

    public Task Write(AuditEntry entry, CancellationToken cancel)
    {
        Entries.Add(entry);
        return Task.CompletedTask;
    }
}
