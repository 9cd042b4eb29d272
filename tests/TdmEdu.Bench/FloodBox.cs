using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using LaneHead = TdmEdu.Sync.Records.LaneHead;
using Op = TdmEdu.Sync.Records.Op;

namespace TdmEdu.Bench;

/// <summary>A school's box as Central sees it: a certificate, a session, the ends of its lanes.</summary>
internal sealed class FloodBox(X509Certificate2 server) : IDisposable
{
    public static readonly int[] Lanes = [0, 1, 2, 3, 4];
    private const int Ops = 5;
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly EntityType Type = AllModules.Catalogue().Of<Pupil>();

    private readonly ByteString epoch = Wire.Bytes(RecordId.New(Clock));
    private readonly Dictionary<int, LaneHead> heads = [];
    private GrpcChannel? channel;
    private SyncService.SyncServiceClient client = null!;
    private ByteString session = ByteString.Empty;
    private int done;
    private int refused;

    public Guid Node { get; } = RecordId.New(Clock);

    public Scope School { get; } = Scope.School(RecordId.New(Clock));

    public X509Certificate2 Certificate { get; } = SelfSigned("box");

    public (int Done, int Refused) Counts => (done, refused);

    public async Task Open(string address)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => Certificate,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == server.GetCertHashString(),
            },
        };
        channel = GrpcChannel.ForAddress(address, new() { HttpHandler = handler, DisposeHttpClient = true });
        client = new(channel);
        session = (await client.OpenAsync(new() { Epoch = epoch, Protocol = Hello.ProtocolNow })).Session;
        foreach (var lane in Lanes)
        {
            heads[lane] = new((Lane)lane, 0, HashChain.Base(Node, RecordId.FromBytes(epoch.Span), (Lane)lane));
        }
    }

    /// <summary>A Push and a Beat each time, by the clock and not after the last answer: what is late is made up for.</summary>
    public async Task Call(int lane, TimeSpan every, TimeSpan first, TimeSpan length, Action<double> took)
    {
        var began = Stopwatch.GetTimestamp();
        for (var at = first; at < length && Stopwatch.GetElapsedTime(began) < length; at += every)
        {
            if (at - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }
            await Timed(() => Push(lane), took);
            await Timed(() => Beat(), took);
        }
    }

    public void Dispose()
    {
        channel?.Dispose();
        Certificate.Dispose();
    }

    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = Clock.GetUtcNow();
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private async Task Timed(Func<Task> call, Action<double> took)
    {
        var at = Stopwatch.GetTimestamp();
        try
        {
            await call();
            Interlocked.Increment(ref done);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
        {
            Interlocked.Increment(ref refused);
        }
        took(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
    }

    private async Task Push(int lane)
    {
        var head = heads[lane];
        var batch = new PushRequest { Session = session, Lane = (uint)lane, FirstSeq = head.Seq + 1, PrevHash = ByteString.CopyFrom(head.Hash) };
        for (var n = 0; n < Ops; n++)
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(new Pupil(null, "Nguyễn Minh Thư", "2015-09-05", Gender.Female), Json.Options);
            var op = new Op(School, Type.Key, RecordId.New(Clock), Type.Schema, Type.Kind, Hlc.At(Clock.GetUtcNow().ToUnixTimeMilliseconds()), Guid.Empty, data);
            batch.Ops.Add(Wire.ToProto(op, RandomNumberGenerator.GetBytes(HashChain.SaltBytes)));
        }
        var answer = await client.PushAsync(batch, CentralLink.Options(default));
        heads[lane] = Wire.FromProto(answer.Durable);
    }

    private async Task Beat() =>
        await client.BeatAsync(
            new() { Session = session, State = ByteString.CopyFrom(new byte[32]), ClockMs = Clock.GetUtcNow().ToUnixTimeMilliseconds() },
            CentralLink.Small(default));
}
