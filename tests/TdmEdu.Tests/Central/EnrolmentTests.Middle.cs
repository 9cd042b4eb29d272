using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central.Schools;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.Tests.Central;

public sealed partial class EnrolmentTests
{
    /// <summary>Somebody between box and Central takes the code and shows the box an authority of his own; the two screens then differ.</summary>
    [Fact]
    public async Task Threat_T05_T07_A_man_in_the_middle_shows_other_words_and_a_box_that_knows_Central_does_not_talk_to_him()
    {
        using var forged = DepartmentCa.LoadOrCreate(Path.Combine(folder.FullName, "false-ca"), central.Settings, central.Clock);
        await using var middle = await Between(forged);
        var join = new JoinCentral(BoxFolder, new Uri(middle.Urls.Single()), central.Clock);
        var words = await join.Ask(await central.Code(), Hosts, Cancel);
        Assert.True(words.Ok);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waiting = join.WaitForDecision(stop.Token);
        var shown = await central.Eventually(async () => (await central.Get<BoxEnrolment>().Waiting(Cancel)).Single().Words, w => w.Length > 0);
        Assert.NotEqual(words.Value, shown);
        Assert.Equal("nobody_waits", (await central.Get<BoxEnrolment>().Approve(words.Value, replaces: false, Cancel)).Error.Reason);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        using var box = await central.Enrol(Path.Combine(folder.FullName, "known"));
        var knows = new EnrolmentLink(new Uri(middle.Urls.Single()), (leaf, between) => CentralTrust.Leads(box.Roots, leaf, between, central.Clock.GetUtcNow()));
        Assert.Equal(EnrolmentLink.ReasonNoLine, (await knows.Call((c, o) => c.RenewAsync(new(), o), Cancel)).Error.Reason);
    }

    private async Task<WebApplication> Between(DepartmentCa own)
    {
        var directory = Path.Combine(folder.FullName, "false-ca");
        own.IssueServer(directory, "central", TlsNames.Central);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Middle(this, own));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = HttpProtocols.Http2;
            l.UseHttps(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(
                Path.Combine(directory, "central.pem"), Path.Combine(directory, "central.key")));
        }));
        var app = builder.Build();
        app.MapGrpcService<Middle>();
        await app.StartAsync(Cancel);
        return app;
    }

    /// <summary>Passes the code on with keys of his own.</summary>
    private sealed class Middle(EnrolmentTests test, DepartmentCa own) : EnrolmentService.EnrolmentServiceBase
    {
        private readonly byte[] nonce = RandomNumberGenerator.GetBytes(FourWords.NonceBytes);

        public override async Task<JoinResponse> Join(JoinRequest request, ServerCallContext context)
        {
            var joined = await test.Call((c, o) => c.JoinAsync(Request(request.Code, NewRequest(), NewRequest(), nonce), o));
            return new() { Ticket = joined.Value.Ticket, Authority = ByteString.CopyFrom(own.Certificate.RawData), Nonce = joined.Value.Nonce };
        }

        public override async Task<CollectResponse> Collect(CollectRequest request, ServerCallContext context) =>
            (await test.Call((c, o) => c.CollectAsync(new() { Ticket = request.Ticket, Nonce = ByteString.CopyFrom(nonce) }, o))).Value;
    }
}
