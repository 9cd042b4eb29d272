using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Schools;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>A box's certificates over months and years: renewed, late, shut out, under a new authority.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("renewal-");
    private readonly Dictionary<Guid, ByteString> sessions = [];
    private CentralHost central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => central = await CentralHost.Start();

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_box_renews_by_itself_at_half_of_the_life_and_stays_who_it_is()
    {
        using var box = await Enrol("box");
        var (first, lan, node) = (box.NodeCertificate, box.LanCertificate, box.Node);
        using var renewal = Renewal(box, "box");
        await central.Later(TimeSpan.FromDays(44));
        Assert.False(renewal.IsDue);
        await central.Later(TimeSpan.FromDays(1.1));
        await renewal.StartAsync(Cancel);
        await central.Eventually(() => Task.FromResult(box.NodeCertificate), c => c != first);
        await renewal.StopAsync(Cancel);
        Assert.False(renewal.IsDue);
        Assert.Equal(BoxKey.Pin(first.PublicKey), BoxKey.Pin(box.NodeCertificate.PublicKey));
        Assert.True(box.NodeCertificate.NotAfter > first.NotAfter.AddDays(40) && box.LanCertificate.NotAfter > lan.NotAfter.AddDays(40));
        // As if the reply had been lost: the box asks again.
        Assert.Null(await renewal.Renew(Cancel));
        Assert.Equal("Continue", await Open(box));
        using var again = new BoxIdentity(Path.Combine(folder.FullName, "box"));
        Assert.Equal((node, box.NodeCertificate.Thumbprint), (again.Node, again.NodeCertificate.Thumbprint));
    }

    [Fact]
    public async Task Case_33_A_box_that_was_off_for_a_summer_beyond_its_certificate_renews_by_its_key_and_works_on()
    {
        using var box = await Enrol("box");
        await central.Later(DepartmentCa.BoxLife + TimeSpan.FromDays(119));
        using var link = central.Link(box);
        Assert.Equal(nameof(StatusCode.Unavailable), await Open(box, link));
        var expired = box.NodeCertificate;
        using var renewal = Renewal(box, "box");
        await renewal.StartAsync(Cancel);
        await central.Eventually(() => Task.FromResult(box.NodeCertificate), c => c != expired);
        await renewal.StopAsync(Cancel);
        Assert.Equal("Continue", await Open(box, link));
    }

    [Fact]
    public async Task Case_33_A_box_that_was_off_for_longer_waits_until_a_person_lets_it_renew_once()
    {
        using var box = await Enrol("box");
        using var renewal = Renewal(box, "box");
        await central.Later(DepartmentCa.BoxLife + TimeSpan.FromDays(121));
        Assert.Equal("renewal_needs_department", (await renewal.Renew(Cancel))!.Reason);
        await using (var db = central.Db())
        {
            Assert.NotNull((await db.Nodes.SingleAsync(Cancel)).RenewalAskedAtMs);
        }
        Assert.True((await central.Get<BoxRegister>().AllowRenewal($"{box.Node}", Cancel)).Ok);
        Assert.Null(await renewal.Renew(Cancel));
        Assert.Equal("Continue", await Open(box));
        await central.Later(DepartmentCa.BoxLife + TimeSpan.FromDays(121));
        Assert.Equal("renewal_needs_department", (await renewal.Renew(Cancel))!.Reason);
    }

    [Fact]
    public async Task Threat_T02_A_revoked_box_is_refused_at_the_next_call_its_open_stream_ends_within_5_s_and_it_cannot_renew()
    {
        using var box = await Enrol("box");
        using var link = central.Link(box);
        var epoch = RecordId.New(central.Clock);
        var opened = await link.Client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        using var watch = link.Client.Watch(new() { Session = opened.Session }, cancellationToken: Cancel);
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        var ended = watch.ResponseStream.MoveNext(Cancel);

        Assert.True((await central.Get<BoxRegister>().Revoke($"{box.Node}", Cancel)).Ok);
        var pull = new PullRequest { Session = opened.Session };
        Assert.Equal("node_revoked", await Reason(async () => await link.Client.PullAsync(pull, cancellationToken: Cancel)));
        for (var second = 0; second < 5 && !ended.IsCompleted; second++)
        {
            central.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(2), Cancel));
        }
        Assert.True(ended.IsCompleted);
        Assert.Equal("node_revoked", await Reason(() => ended));
        Assert.Equal("Revoked", await Open(box));
        using var renewal = Renewal(box, "box");
        Assert.Equal("node_revoked", (await renewal.Renew(Cancel))!.Reason);
        Assert.Equal("node_revoked", Assert.Single(await central.Audited("node_renewed")));
    }

    /// <summary>Who has seen the node key's request would have a certificate of their own under the box's names.</summary>
    [Fact]
    public async Task Threat_T07_A_LAN_key_for_which_the_node_key_has_not_signed_gets_no_certificate()
    {
        using var box = await Enrol("box");
        var (own, foreign) = (BoxIdentity.Renewal(Path.Combine(folder.FullName, "box")), BoxIdentity.Renewal(Path.Combine(folder.FullName, "other")));
        foreach (var word in (ByteString[])[ByteString.Empty, own.LanByNode, foreign.LanByNode])
        {
            Assert.Equal("malformed", await Renew(foreign.Keys.Lan, word));
        }
        Assert.Null(await Renew(own.Keys.Lan, own.LanByNode));

        async Task<string?> Renew(ByteString lan, ByteString word)
        {
            var renewed = await central.Get<Certification>().Renew(own.Keys.Node.ToByteArray(), lan.ToByteArray(), word.ToByteArray(), IPAddress.Loopback, Cancel);
            return renewed.Ok ? null : renewed.Error.Reason;
        }
    }

    [Fact]
    public async Task Threat_T03_A_key_that_was_never_enrolled_renews_nothing()
    {
        using var box = await Enrol("box");
        var other = Path.Combine(folder.FullName, "other");
        BoxIdentity.Keys(other);
        using var renewal = Renewal(box, "other");
        var before = box.NodeCertificate;
        Assert.Equal("node_unknown", (await renewal.Renew(Cancel))!.Reason);
        Assert.Same(before, box.NodeCertificate);
        // The public half alone, as anybody may see it: a request that the key did not sign.
        var forged = BoxIdentity.Keys(Path.Combine(folder.FullName, "box")).Node.ToByteArray();
        forged[^1] ^= 1;
        Assert.Null(BoxKey.Of(forged));
    }

    [Fact]
    public async Task Departments_authority_is_replaced_while_boxes_and_browsers_work_on()
    {
        using var box = await Enrol("box");
        await central.AddSchool("79000002");
        using var late = await central.Enrol(Path.Combine(folder.FullName, "late"), "79000002");
        X509Certificate2 old = new(central.Authority.Certificate);
        var stranger = DepartmentCa.LoadOrCreate(Path.Combine(folder.FullName, "stranger"), central.Settings, central.Clock).Certificate;
        var rotation = central.Get<CaRotation>();
        Assert.True(rotation.Begin().Ok);
        Assert.Equal("rotation_unfinished", rotation.Begin().Error.Reason);
        await central.StartAgain();
        X509Certificate2 @new = new(central.Authority.Certificate);
        Assert.NotEqual(old.Thumbprint, @new.Thumbprint);
        Assert.Equal((true, true, false), (await Browse(central.Web, old), await Browse(central.Web, @new), await Browse(central.Web, stranger)));
        Assert.Equal("Continue", await Open(box));

        using var renewal = Renewal(box, "box");
        Assert.Null(await renewal.Renew(Cancel));
        Assert.Equal([@new.Thumbprint, old.Thumbprint], box.Roots.Select(r => r.Thumbprint));
        Assert.Equal(@new.Subject, box.NodeCertificate.Issuer);
        await using (var page = await Serve(box))
        {
            var address = new Uri(page.Urls.Single());
            Assert.Equal((true, true, false), (await Browse(address, old), await Browse(address, @new), await Browse(address, stranger)));
        }
        Assert.Contains("1 máy", (await central.Get<CaRotation>().End(Cancel)).Error.Message.Vietnamese, StringComparison.Ordinal);
        using var lateRenewal = Renewal(late, "late");
        var stillOld = new BoxIdentity(Copy("late"));
        Assert.Null(await lateRenewal.Renew(Cancel));
        Assert.True((await central.Get<CaRotation>().End(Cancel)).Ok);
        await central.StartAgain();
        Assert.Equal("Continue", await Open(box));
        Assert.Equal((false, true), (await Browse(central.Web, old), await Browse(central.Web, @new)));
        // With the new root it would know Central; its old certificate opens nothing any more.
        File.Copy(Path.Combine(folder.FullName, "box", "ca.pem"), Path.Combine(folder.FullName, "late-copy", "ca.pem"), overwrite: true);
        stillOld = new BoxIdentity(Path.Combine(folder.FullName, "late-copy"));
        Assert.Equal(nameof(StatusCode.Unavailable), await Open(stillOld));
    }

    /// <summary>A Central that nobody restarts for a year must not shut all boxes out by its own certificate.</summary>
    [Fact]
    public async Task Centrals_own_certificate_is_renewed_while_it_runs()
    {
        using var box = await Enrol("box");
        central.Clock.Advance(TimeSpan.FromDays(199));
        using var renewal = Renewal(box, "box");
        Assert.Null(await renewal.Renew(Cancel));
        var file = Path.Combine(central.Settings.DataDir, "ca", "central.pem");
        using var own = X509CertificateLoader.LoadCertificateFromFile(file);
        Assert.True(own.NotAfter > central.Clock.GetUtcNow().AddDays(390));
    }

    private Task<BoxIdentity> Enrol(string name) => central.Enrol(Path.Combine(folder.FullName, name));

    private Renewal Renewal(BoxIdentity box, string name) =>
        new(box, Path.Combine(folder.FullName, name), central.Newcomers, central.Clock, NullLogger<Renewal>.Instance);

    /// <summary>What Central says to do, or the status with which the call failed.</summary>
    private async Task<string> Open(BoxIdentity box)
    {
        using var link = central.Link(box);
        return await Open(box, link);
    }

    private async Task<string> Open(BoxIdentity box, CentralLink link)
    {
        try
        {
            var last = sessions.GetValueOrDefault(box.Node, ByteString.Empty);
            var request = new OpenRequest { Epoch = Wire.Bytes(box.Node), Protocol = Hello.ProtocolNow, LastSession = last };
            var opened = await link.Client.OpenAsync(request, cancellationToken: Cancel);
            sessions[box.Node] = opened.Session;
            return opened.Action.ToString();
        }
        catch (RpcException e)
        {
            return (e.StatusCode == StatusCode.Internal ? StatusCode.Unavailable : e.StatusCode).ToString();
        }
    }

    private static async Task<string?> Reason(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).Trailers.GetValue(Wire.ReasonTrailer);

    /// <summary>Whether a browser that knows one root takes the page.</summary>
    private async Task<bool> Browse(Uri address, X509Certificate2 root)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, sent, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                    && CentralTrust.Leads([root], (X509Certificate2)shown!, sent!.ChainPolicy.ExtraStore, central.Clock.GetUtcNow()),
            },
        });
        try
        {
            using var answer = await http.GetAsync(address, Cancel);
            return true;
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<WebApplication> Serve(BoxIdentity box)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(box)));
        var app = builder.Build();
        await app.StartAsync(Cancel);
        return app;
    }

    private string Copy(string name)
    {
        var copy = Directory.CreateDirectory(Path.Combine(folder.FullName, name + "-copy"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder.FullName, name)))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        }
        return copy.FullName;
    }
}
