using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>Sessions that end in the middle, and readers that do not read.</summary>
public sealed partial class WireTests
{
    private const int StreamWindowBytes = 65_535;

    [Fact]
    public async Task Case_34_A_box_that_is_withdrawn_while_it_sends_loses_its_stream_within_five_seconds_and_sends_no_more()
    {
        using var channel = Channel(certificate);
        var client = new SyncService.SyncServiceClient(channel);
        var hello = new OpenRequest { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow };
        var opened = await client.OpenAsync(hello, cancellationToken: Cancel);
        using var watch = client.Watch(new() { Session = opened.Session }, cancellationToken: Cancel);
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        var taken = await client.PushAsync(Batch(opened.Session, "một"), cancellationToken: Cancel);
        await using var db = Db();
        await db.Nodes.ExecuteUpdateAsync(n => n.SetProperty(r => r.Revoked, true), Cancel);
        var began = Stopwatch.GetTimestamp();
        var second = Batch(opened.Session, "hai");
        (second.FirstSeq, second.PrevHash) = (2, taken.Durable.Hash);
        await Refused(StatusCode.PermissionDenied, "node_revoked", () => client.PushAsync(second, cancellationToken: Cancel));
        await Refused(StatusCode.PermissionDenied, "node_revoked", async () =>
        {
            while (await watch.ResponseStream.MoveNext(Cancel))
            {
            }
        });
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await Refused(StatusCode.PermissionDenied, "node_revoked", () => client.PushAsync(second, cancellationToken: Cancel));
        Assert.Equal(Contracts.Sync.V1.OpenAction.Revoked, (await client.OpenAsync(hello, cancellationToken: Cancel)).Action);
        Assert.Equal(1, (await db.Ops.SingleAsync(Cancel)).Seq);
    }

    /// <summary>What Central holds for a box is one page, however much waits; of that it sends one window, and then the stream pauses.</summary>
    [Fact]
    public async Task Case_75_A_reader_that_does_not_read_pauses_its_stream_and_costs_Central_one_page_and_nobody_else_anything()
    {
        using var channel = Channel(certificate);
        var client = new SyncService.SyncServiceClient(channel);
        var opened = await client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        await Backlog(client, opened.Session);
        var received = 0L;
        using var handler = Handler(certificate);
        (handler.InitialHttp2StreamWindowSize, handler.ConnectCallback) = (StreamWindowBytes, async (to, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(to.DnsEndPoint, cancel);
            return new Counted(socket, count => Interlocked.Add(ref received, count));
        });
        using var http = new HttpClient(handler);
        // As after an install: everything from the beginning, under an epoch whose own operations nobody leaves out.
        var installed = RecordId.New(TimeProvider.System);
        var anew = await client.OpenAsync(
            new() { Epoch = Wire.Bytes(installed), Protocol = Hello.ProtocolNow, LastSession = opened.Session }, cancellationToken: Cancel);
        using var response = await Pull(http, anew.Session);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        var paused = Interlocked.Read(ref received);
        Assert.InRange(paused, StreamWindowBytes / 2, StreamWindowBytes + 16_384);

        var beside = await client.PullAsync(new() { Session = anew.Session }, cancellationToken: Cancel);
        Assert.True(beside.More);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        Assert.Equal(paused, Interlocked.Read(ref received));

        var body = await response.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(beside, PullResponse.Parser.ParseFrom(body.AsSpan(5).ToArray()));
        Assert.InRange(body.Length, 2 * StreamWindowBytes, FeedPages.BytesMax + (FeedPages.BytesMax / 2));
    }

    /// <summary>Two pages and a half for whoever reads them.</summary>
    private async Task Backlog(SyncService.SyncServiceClient client, ByteString session)
    {
        var text = new string('x', 100_000);
        for (var batch = 0; batch < 13; batch++)
        {
            var next = Batch(session, $"{batch} một {text}", $"{batch} hai {text}");
            await using var db = Db();
            if (await db.NodeLanes.AsNoTracking().SingleOrDefaultAsync(l => l.Lane == Lane.Attendance, Cancel) is { } lane)
            {
                (next.FirstSeq, next.PrevHash) = (lane.LastSeq + 1, ByteString.CopyFrom(lane.LastHash));
            }
            Assert.Empty((await client.PushAsync(next, cancellationToken: Cancel)).Outcomes);
        }
    }

    /// <summary>The call up to its headers; the rest comes when it is read.</summary>
    private async Task<HttpResponseMessage> Pull(HttpClient http, ByteString session)
    {
        var message = new PullRequest { Session = session }.ToByteArray();
        var content = new ByteArrayContent([0, .. Frame(message, message.Length).AsSpan(1)]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, app.Urls.First() + "/tdmedu.sync.v1.SyncService/Pull")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.ParseAdd("trailers");
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private sealed class Counted(Socket socket, Action<int> read) : NetworkStream(socket, ownsSocket: true)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            read(count);
            return count;
        }
    }
}
