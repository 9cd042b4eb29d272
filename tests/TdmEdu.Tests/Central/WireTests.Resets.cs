using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;

namespace TdmEdu.Tests.Central;

public sealed partial class WireTests
{
    /// <summary>HTTP/2 by hand, since a client library would not: each stream is opened and reset at once, which no status tells of.</summary>
    [Fact]
    public async Task Threat_T13_Streams_that_are_opened_and_reset_at_once_are_in_the_audit()
    {
        var server = new Uri(app.Urls.First());
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", server.Port, Cancel);
        using var handler = Handler(certificate);
        await using var tls = new SslStream(tcp.GetStream());
        handler.SslOptions.TargetHost = server.Host;
        handler.SslOptions.ApplicationProtocols = [SslApplicationProtocol.Http2];
        await tls.AuthenticateAsClientAsync(handler.SslOptions, Cancel);
        await tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), Cancel);
        await tls.WriteAsync(Frame(type: 4, flags: 0, stream: 0, []), Cancel);
        // POST, https; then literal path, authority, content-type and te (RFC 7541).
        byte[] open =
        [
            0x83, 0x87, 0x04, .. Text("/tdmedu.sync.v1.SyncService/Open"), 0x01, .. Text(server.Authority),
            0x00, .. Text("content-type"), .. Text("application/grpc"), 0x00, .. Text("te"), .. Text("trailers"),
        ];
        for (var stream = 1; stream < 4 * RefusalAudit.TakenBackMax; stream += 2)
        {
            await tls.WriteAsync((byte[])[.. Frame(type: 1, flags: 4, stream, open), .. Frame(type: 3, flags: 0, stream, [0, 0, 0, 8])], Cancel);
        }
        await using var db = Db();
        for (var tries = 0; tries < 100 && !await db.Audit.AnyAsync(a => a.Reason == "reset_flood", Cancel); tries++)
        {
            await Task.Delay(50, Cancel);
        }
        var audited = await db.Audit.Select(a => ValueTuple.Create(a.Event, a.Actor, a.Reason)).ToListAsync(Cancel);
        Assert.Equal([(RefusalAudit.Event, node, "reset_flood")], audited);

        static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

        static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
            [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload];
    }
}
