using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;
using OtpNet;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class SignInTests
{
    private const string Right = "bốn con mèo ngủ trưa";
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid Lan = Guid.Parse("01900000-0000-7000-8000-000000000c01");

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero));
    private readonly ListAudit audit = new();
    private readonly KernelStore store;
    private readonly SignInDelay delay;
    private readonly SecondFactor codes;

    public SignInTests()
    {
        codes = new(new EphemeralDataProtectionProvider(), clock);
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
    public async Task Threat_T05_A_password_for_one_sign_in_ends_after_three_days_and_only_who_knows_it_is_told()
    {
        var given = store.Get<Account>(School, Lan)!;
        store.Seed([store.Catalogue.Change(School, given, given.Value.Given(PasswordHash.Of("abcd-efgh-kmnp-qrst"), clock.GetUtcNow()))!]);
        clock.Advance(Account.GivenFor);
        Assert.True((await Try("lan", "abcd-efgh-kmnp-qrst")).Value.PasswordDue);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("given_over", (await Try("lan", "abcd-efgh-kmnp-qrst")).Error.Reason);
        Assert.Equal("sign_in_refused", (await Try("lan", "sai")).Error.Reason);
        var over = store.Get<Account>(School, Lan)!;
        store.Seed([store.Catalogue.Change(School, over, over.Value with { PasswordHash = PasswordHash.Of(Right) })!]);
        Assert.False((await Try("lan", Right)).Value.PasswordDue);
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
        for (var attempt = 1; attempt < 60; attempt++)
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
        var central = New(new(Side.Central, Scope.City), store, audit, clock);
        Assert.False((await central.Check(new("lan", Right, "", "10.0.0.5"), TestContext.Current.CancellationToken)).Ok);
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

    [Fact]
    public void A_stored_hash_costs_at_least_220_000_rounds_of_PBKDF2_with_SHA_512()
    {
        var parts = PasswordHash.Of(Right).Split('$');
        Assert.Equal("pbkdf2-sha512", parts[0]);
        var rounds = int.Parse(parts[1], CultureInfo.InvariantCulture);
        Assert.InRange(rounds, 220_000, int.MaxValue);
        var (salt, hash) = (Convert.FromBase64String(parts[2]), Convert.FromBase64String(parts[3]));
        Assert.InRange(salt.Length, 16, 64);
        Assert.Equal(hash, Rfc2898DeriveBytes.Pbkdf2(Right, salt, rounds, HashAlgorithmName.SHA512, 32));
    }

    [Fact]
    public void The_same_letters_from_a_phone_and_from_a_PC_are_the_same_password() =>
        Assert.True(PasswordHash.Verify(Right.Normalize(NormalizationForm.FormD), PasswordHash.Of(Right)));

    [Fact]
    public async Task The_right_password_from_another_address_works_within_half_a_minute_of_a_hundred_wrong_ones()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if ((await Try("lan", "sai", $"10.0.1.{attempt % 25}")).Error is { Reason: "sign_in_wait" } refused)
            {
                clock.Advance(TimeSpan.FromSeconds((int)refused.Message.Args[0]));
            }
        }
        Assert.Equal("sign_in_wait", (await Try("lan", "sai", "10.0.1.0")).Error.Reason);
        var elsewhere = await Try("lan", Right, "10.0.2.1");
        clock.Advance(TimeSpan.FromSeconds(elsewhere.Ok ? 0 : Math.Min(30, (int)elsewhere.Error.Message.Args[0])));
        Assert.True(elsewhere.Ok || (await Try("lan", Right, "10.0.2.1")).Ok);
    }

    [Fact]
    public async Task A_whole_staff_signs_in_in_the_same_minute_from_one_address()
    {
        for (var person = 0; person < 40; person++)
        {
            Assert.Null(delay.Begin($"gv{person}", "10.0.0.5"));
        }
        Assert.True((await Try("lan", Right)).Ok);
    }

    [Fact]
    public async Task With_codes_on_the_password_alone_does_not_sign_in_and_a_code_is_good_once()
    {
        var before = store.Get<Account>(School, Lan)!;
        var offer = codes.Propose(Lan, "lan");
        var kept = codes.Accept(Lan, offer.Token, CodeOf(offer.Secret))!;
        Assert.DoesNotContain(offer.Secret, kept, StringComparison.Ordinal);
        store.Seed([store.Catalogue.Change(School, before, before.Value with { TotpSecret = kept })!]);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("sign_in_refused", (await Try("lan", Right)).Error.Reason);
        Assert.Equal("wrong_code", audit.Entries[^1].Reason);
        var code = CodeOf(offer.Secret);
        Assert.False((await Try("lan", "sai", code: code)).Ok);
        Assert.True((await Try("lan", Right, code: code)).Ok);
        Assert.False((await Try("lan", Right, code: code)).Ok);
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.True((await Try("lan", Right, code: CodeOf(offer.Secret))).Ok);
    }

    [Fact]
    public void An_offered_secret_is_one_person_s_and_soon_old()
    {
        var offer = codes.Propose(Lan, "lan");
        Assert.Null(codes.Accept(Guid.Empty, offer.Token, CodeOf(offer.Secret)));
        Assert.Null(codes.Accept(Lan, offer.Token + "x", CodeOf(offer.Secret)));
        Assert.Null(codes.Accept(Lan, offer.Token, CodeOf(codes.Propose(Lan, "lan").Secret)));
        clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Null(codes.Accept(Lan, offer.Token, CodeOf(offer.Secret)));
    }

    /// <summary>RFC 6238, appendix B: the phone's codes are those that every authenticator makes.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(2000000000, "279037")]
    public void The_codes_are_those_of_the_standard(long second, string code) =>
        Assert.Equal(code, new Totp(Encoding.ASCII.GetBytes("12345678901234567890")).ComputeTotp(DateTimeOffset.FromUnixTimeSeconds(second).UtcDateTime));

    internal static SignIn New(
        Home home, IRecordStore store, IAuditLog audit, TimeProvider clock, SignInDelay? delay = null, SecondFactor? codes = null,
        CentralContact? contact = null) => new(
            home, store, audit, delay ?? new(clock), codes ?? new(new EphemeralDataProtectionProvider(), clock), new(home, store, clock), new(clock, contact), clock);

    private string CodeOf(string secret) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(clock.GetUtcNow().UtcDateTime);

    private Task<Result<SignIn.Found>> Try(string userName, string password, string address = "10.0.0.5", string code = "") =>
        New(new(Side.Edge, School), store, audit, clock, delay, codes).Check(
            new(userName, password, code, address), TestContext.Current.CancellationToken);
}

internal sealed class ListAudit : IAuditLog
{
    public List<AuditEntry> Entries { get; } = [];

    public Task Write(AuditEntry entry, CancellationToken cancel)
    {
        Entries.Add(entry);
        return Task.CompletedTask;
    }

    /// <summary>Kept elsewhere than in this list: nothing was written before the test.</summary>
    public Task<DateTimeOffset?> Latest(string what, DateTimeOffset since, CancellationToken cancel) => Task.FromResult<DateTimeOffset?>(null);
}
