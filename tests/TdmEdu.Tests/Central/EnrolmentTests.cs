using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Schools;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>How a box comes in, over real TLS, and who does not.</summary>
public sealed partial class EnrolmentTests : IAsyncLifetime
{
    private static readonly string[] Hosts = ["truong.lan", "192.168.1.10"];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("enrolment-");
    private CentralHost central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string BoxFolder => Path.Combine(folder.FullName, "box");

    public async ValueTask InitializeAsync() => central = await CentralHost.Start();

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Box_joins_by_a_code_and_four_words_and_works_with_what_it_got()
    {
        var join = new JoinCentral(BoxFolder, central.Newcomers, central.Clock);
        var words = await join.Ask((await central.Code()).ToLowerInvariant().Replace('-', ' '), Hosts, Cancel);
        Assert.True(words.Ok);
        Assert.Empty((await central.Get<BoxEnrolment>().Waiting(Cancel)).Single().Words);
        var waiting = join.WaitForDecision(Cancel);
        var shown = await central.Eventually(async () => (await central.Get<BoxEnrolment>().Waiting(Cancel)).Single().Words, w => w.Length > 0);
        Assert.Equal(words.Value, shown);
        Assert.False((await central.Get<BoxEnrolment>().Approve("mèo đỏ mèo đỏ mèo đỏ mèo đỏ", replaces: false, Cancel)).Ok);
        Assert.False(waiting.IsCompleted);
        Assert.True((await central.Get<BoxEnrolment>().Approve(TdmEdu.Modules.Shell.VietnameseText.Fold(shown), replaces: false, Cancel)).Ok);
        Assert.Null(await central.Eventually(waiting));
        Assert.Equal(["", ""], [.. await central.Audited("join_code_made"), .. await central.Audited("join_approved")]);

        using var box = new TdmEdu.EdgeNode.BoxIdentity(BoxFolder);
        Assert.Equal(Scope.School(central.School), box.School);
        Assert.Equal($"CN=node-{box.Node:n}", box.NodeCertificate.Subject);
        var centrals = central.Get<Seals>();
        Assert.Equal("01", box.Seals.Open(box.School, box.Node, "f", centrals.Seal(box.School, box.Node, "f", "01")));
        Assert.Equal(90, (box.NodeCertificate.NotAfter - box.NodeCertificate.NotBefore).Days);
        Assert.True(box.LanCertificate.MatchesHostname("truong.lan") && box.LanCertificate.MatchesHostname("192.168.1.10"));
        Assert.All(
            new[] { "node.key", "lan.key", "identity.json", $"{central.School:n}.seal" },
            name => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(BoxFolder, name)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));
        using var link = central.Link(box);
        var opened = await link.Client.OpenAsync(new() { Epoch = Wire.Bytes(RecordId.New(central.Clock)), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        Assert.Equal(Contracts.Sync.V1.OpenAction.Continue, opened.Action);
    }

    [Fact]
    public async Task Threat_T05_A_code_that_is_used_late_guessed_or_of_a_withdrawn_school_is_refused_and_on_record()
    {
        var closes = await central.AddSchool("79000002");
        var (used, late, gone) = (await central.Code(), await central.Code(), await central.Code("79000002"));
        await Close(closes);
        Assert.True((await Ask(used)).Ok);
        Assert.Equal("join_code_used", (await Ask(used)).Error.Reason);
        Assert.Equal("join_code_unknown", (await Ask(JoinCode.New())).Error.Reason);
        Assert.Equal("school_withdrawn", (await Ask(gone)).Error.Reason);
        central.Clock.Advance(BoxEnrolment.CodeLife);
        Assert.Equal("join_code_expired", (await Ask(late)).Error.Reason);
        Assert.Equal(["", "join_code_expired", "join_code_unknown", "join_code_used", "school_withdrawn"], (await central.Audited("join_asked")).Order());
        await using var db = central.Db();
        Assert.Single(await db.Enrolments.ToListAsync(Cancel));
        Assert.Empty(await db.Nodes.ToListAsync(Cancel));
        Assert.DoesNotContain(used, System.Text.Json.JsonSerializer.Serialize(await db.JoinCodes.ToListAsync(Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat_T05_Of_many_that_come_with_one_code_at_once_one_gets_in()
    {
        var code = await central.Code();
        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Ask(code, $"box-{i}"))));
        Assert.Single(tries, t => t.Ok);
        await using var db = central.Db();
        Assert.Single(await db.Enrolments.ToListAsync(Cancel));
    }

    [Fact]
    public async Task Threat_T05_Guessing_is_slowed_down_at_the_sixth_try_and_keeps_no_other_school_out()
    {
        var enrolment = central.Get<BoxEnrolment>();
        var reasons = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            reasons.Add((await Ask(JoinCode.New())).Error.Reason);
        }
        Assert.Equal(Enumerable.Repeat("join_code_unknown", 5).Append(BoxEnrolment.ReasonWait), reasons);
        Assert.Equal(BoxEnrolment.ReasonWait, (await Ask(await central.Code())).Error.Reason);
        for (var i = 0; i < 2000; i++)
        {
            await enrolment.Join(Guess(), new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), Cancel);
        }
        Assert.True((await central.Audited("join_asked")).Count < 150);
        central.Clock.Advance(TimeSpan.FromMinutes(1));
        var other = await enrolment.Join(Guess() with { Code = await central.Code() }, IPAddress.Parse("10.2.0.1"), Cancel);
        Assert.True(other.Ok);
        central.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.True((await Ask(await central.Code())).Ok);
    }

    [Fact]
    public async Task Threat_T05_The_certificate_says_what_Central_chose_whatever_the_request_asks()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var greedy = new CertificateRequest($"CN={TlsNames.Central}, O=Trường khác", key, HashAlgorithmName.SHA256);
        greedy.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        greedy.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TlsNames.ServerAuth)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(TlsNames.Central);
        greedy.CertificateExtensions.Add(names.Build());
        var nonce = RandomNumberGenerator.GetBytes(16);
        var asked = await Call((c, o) => c.JoinAsync(Request(central.Code().Result, greedy.CreateSigningRequest(), greedy.CreateSigningRequest(), nonce), o));
        var collect = new CollectRequest { Ticket = asked.Value.Ticket, Nonce = ByteString.CopyFrom(nonce) };
        Assert.Equal(EnrolmentState.Waiting, (await Call((c, o) => c.CollectAsync(collect, o))).Value.State);
        await central.Get<BoxEnrolment>().Approve((await central.Get<BoxEnrolment>().Waiting(Cancel)).Single().Words, replaces: false, Cancel);
        var got = (await Call((c, o) => c.CollectAsync(collect, o))).Value;
        Assert.Equal(central.School, RecordId.FromBytes(got.School.Span));
        foreach (var (bytes, usage) in new[] { (got.Certificates.Node, TlsNames.ClientAuth), (got.Certificates.Lan, TlsNames.ServerAuth) })
        {
            using var certificate = X509CertificateLoader.LoadCertificate(bytes.Span);
            Assert.False(certificate.MatchesHostname(TlsNames.Central));
            Assert.DoesNotContain("Trường khác", certificate.Subject, StringComparison.Ordinal);
            Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
            Assert.Equal(usage, certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Single().Value);
        }
    }

    [Theory]
    [InlineData("central.tdmedu.internal")]
    [InlineData("giaoduc.example.vn")]
    [InlineData("*.lan")]
    [InlineData("lan")]
    [InlineData("8.8.8.8")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("172.32.0.1")]
    public async Task Threat_T07_A_boxs_certificate_names_nothing_outside_its_school(string host)
    {
        var join = new JoinCentral(BoxFolder, central.Newcomers, central.Clock);
        Assert.Equal("lan_host_foreign", (await join.Ask(await central.Code(), ["192.168.1.10", host], Cancel)).Error.Reason);
    }

    [Fact]
    public async Task Threat_T05_A_recorded_exchange_is_worth_nothing_to_another()
    {
        var (code, nonce) = (await central.Code(), RandomNumberGenerator.GetBytes(16));
        var request = Request(code, NewRequest(), NewRequest(), nonce);
        var first = await Call((c, o) => c.JoinAsync(request, o));
        Assert.Equal("join_code_used", (await Call((c, o) => c.JoinAsync(request, o))).Error.Reason);
        var other = new CollectRequest { Ticket = first.Value.Ticket, Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16)) };
        Assert.Equal("enrolment_unknown", (await Call((c, o) => c.CollectAsync(other, o))).Error.Reason);
        var shown = (await central.Get<BoxEnrolment>().Waiting(Cancel)).Single();
        Assert.Equal("", shown.Words);
        Assert.Equal("nobody_waits", (await central.Get<BoxEnrolment>().Decide(shown.EnrolmentId, true, false, Guid.Empty, Cancel)).Error.Reason);
    }

    [Fact]
    public async Task A_box_that_the_department_turns_away_says_so_and_begins_anew_with_other_keys()
    {
        var join = new JoinCentral(BoxFolder, central.Newcomers, central.Clock);
        await join.Ask(await central.Code(), Hosts, Cancel);
        var key = await File.ReadAllTextAsync(Path.Combine(BoxFolder, "node.key"), Cancel);
        var asked = (await central.Get<BoxEnrolment>().Waiting(Cancel)).Single();
        await central.Get<BoxEnrolment>().Decide(asked.EnrolmentId, approve: false, replaces: false, Guid.Empty, Cancel);
        Assert.Equal("join_refused", (await central.Eventually(join.WaitForDecision(Cancel)))!.Reason);
        Assert.True((await join.Ask(await central.Code(), Hosts, Cancel)).Ok);
        Assert.NotEqual(key, await File.ReadAllTextAsync(Path.Combine(BoxFolder, "node.key"), Cancel));
    }

    [Fact]
    public async Task A_power_cut_while_it_waits_costs_no_new_code()
    {
        var words = await new JoinCentral(BoxFolder, central.Newcomers, central.Clock).Ask(await central.Code(), Hosts, Cancel);
        var again = new JoinCentral(BoxFolder, central.Newcomers, central.Clock);
        Assert.Equal(words.Value, again.Words);
        var waiting = again.WaitForDecision(Cancel);
        Assert.True((await central.Eventually(() => central.Get<BoxEnrolment>().Approve(words.Value, replaces: false, Cancel), a => a.Ok)).Ok);
        Assert.Null(await central.Eventually(waiting));
    }

    [Fact]
    public async Task Threat_T05_A_second_box_comes_in_only_in_the_place_of_the_old_one_which_is_shut_out()
    {
        using var old = await central.Enrol(Path.Combine(folder.FullName, "old"));
        var join = new JoinCentral(BoxFolder, central.Newcomers, central.Clock);
        await join.Ask(await central.Code(), Hosts, Cancel);
        var waiting = join.WaitForDecision(Cancel);
        var asked = await central.Eventually(async () => (await central.Get<BoxEnrolment>().Waiting(Cancel)).Single(), e => e.Words.Length > 0);
        var refused = await central.Get<BoxEnrolment>().Decide(asked.EnrolmentId, approve: true, replaces: false, Guid.Empty, Cancel);
        Assert.Equal("school_has_box", refused.Error.Reason);
        Assert.False(waiting.IsCompleted);
        await central.Get<BoxEnrolment>().Decide(asked.EnrolmentId, approve: true, replaces: true, Guid.Empty, Cancel);
        Assert.Null(await central.Eventually(waiting));
        await using var db = central.Db();
        Assert.Equal([old.Node], await db.Nodes.Where(n => n.Revoked).Select(n => n.NodeId).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Each_door_opens_to_its_own_calls_only()
    {
        using var box = await central.Enrol(BoxFolder);
        var link = new EnrolmentLink(central.Web, (_, _) => true);
        Assert.Equal(EnrolmentLink.ReasonNoLine, (await link.Call((c, o) => c.RenewAsync(new(), o), Cancel)).Error.Reason);
        using var wrong = new TdmEdu.EdgeNode.Uplink.CentralLink(box, central.Newcomers, central.Clock);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await wrong.Client.OpenAsync(new(), cancellationToken: Cancel));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        using var page = new HttpRequestMessage(HttpMethod.Get, new Uri(central.Newcomers, "/dang-nhap")) { Version = HttpVersion.Version20 };
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(page, Cancel)).StatusCode);
    }

    private Task<Result<string>> Ask(string code, string box = "box") =>
        new JoinCentral(Path.Combine(folder.FullName, $"{box}-{Guid.CreateVersion7()}"), central.Newcomers, central.Clock).Ask(code, Hosts, Cancel);

    private Task<Result<T>> Call<T>(Func<EnrolmentService.EnrolmentServiceClient, CallOptions, AsyncUnaryCall<T>> call) =>
        new EnrolmentLink(central.Newcomers, (_, _) => true).Call(call, Cancel);

    private static JoinAsk Guess() => new(JoinCode.New(), NewRequest(), NewRequest(), Hosts, new byte[32]);

    private static JoinRequest Request(string code, byte[] node, byte[] lan, byte[] nonce) => new()
    {
        Code = code,
        Keys = new() { Node = ByteString.CopyFrom(node), Lan = ByteString.CopyFrom(lan) },
        LanHosts = { Hosts },
        Commitment = ByteString.CopyFrom(SHA256.HashData(nonce)),
    };

    private static byte[] NewRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return BoxKey.Request(key);
    }

    private async Task Close(Guid school)
    {
        var unit = await central.Get<IRecordStore>().Read(records => records.Get<Unit>(Scope.City, school)!, Cancel);
        await central.Save(central.Get<Catalogue>().Change(Scope.City, unit, unit.Value with { ValidTo = new DateOnly(2026, 8, 31) })!);
    }
}
