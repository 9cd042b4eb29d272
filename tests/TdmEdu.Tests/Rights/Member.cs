using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using TdmEdu.Central.Schools;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.EdgeNode;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using Op = TdmEdu.Sync.Records.Op;
using OpKind = TdmEdu.Sync.Records.OpKind;

namespace TdmEdu.Tests.Rights;

/// <summary>A school with its box and what a box may send.</summary>
internal sealed class Member(RightsCity city, BoxIdentity box, string directory, string code, string joinCode)
{
    /// <summary>Nobody is refused for calling too often.</summary>
    private static readonly TimeSpan PerCall = TimeSpan.FromSeconds(2);

    private readonly GrpcChannel boxes = Channel(city, city.Central.Devices, box);
    private readonly GrpcChannel newcomers = Channel(city, city.Central.Newcomers, box);
    private (ByteString Ticket, ByteString Nonce) joining = (ByteString.Empty, ByteString.Empty);
    private ByteString epoch = ByteString.Empty;
    private ByteString session = ByteString.Empty;

    public Scope School => box.School;

    public Guid Node => box.Node;

    /// <summary>What only B's own calls may bring back.</summary>
    public IEnumerable<byte[]> Secrets => [Encoding.UTF8.GetBytes(Canary), session.ToByteArray()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Canary { get; init; } = "";

    private Guid Pupil { get; } = RecordId.New(city.Central.Clock);

    private SyncService.SyncServiceClient Client => new(boxes);

    public static async Task<Member> Join(RightsCity city, string code, string canary)
    {
        var directory = Path.Combine(city.Folder, code);
        var box = await city.Central.Enrol(directory, code);
        var used = await city.Central.Code(code);
        var member = new Member(city, box, directory, code, used) { Canary = canary };
        await member.StartJoining(used);
        await member.Push(canary);
        await city.Central.Save(city.Central.Get<Catalogue>().Create(member.School, RecordId.New(city.Central.Clock), new Pupil(null, canary, null, null)));
        return member;
    }

    /// <summary>A request that Central takes, made anew each time; null for a call that nobody has written one for.</summary>
    public Func<Task<IMessage>>? Valid(string rpc) => rpc switch
    {
        "tdmedu.sync.v1.SyncService.Open" => async () =>
        {
            await Open();
            var lane = new Contracts.Sync.V1.HelloLane { Head = Base };
            return new OpenRequest { Epoch = epoch, Protocol = Hello.ProtocolNow, LastSession = session, Lanes = { lane } };
        },
        "tdmedu.sync.v1.SyncService.Push" => async () => await Batch("x"),
        "tdmedu.sync.v1.SyncService.Pull" => async () =>
        {
            await Open();
            return new PullRequest { Session = session, Cursors = { new ScopeCursor { Scope = School.Value } }, Heads = { Base } };
        },
        "tdmedu.sync.v1.SyncService.Beat" => async () =>
        {
            await Open();
            return new BeatRequest { Session = session, State = Wire.Bytes(Guid.Empty) };
        },
        "tdmedu.sync.v1.SyncService.Watch" => async () =>
        {
            await Open();
            return new WatchRequest { Session = session };
        },
        "tdmedu.enrolment.v1.EnrolmentService.Join" => async () => Asking(await city.Central.Code(code)),
        "tdmedu.enrolment.v1.EnrolmentService.Collect" => () => Task.FromResult<IMessage>(new CollectRequest { Ticket = joining.Ticket, Nonce = joining.Nonce }),
        "tdmedu.enrolment.v1.EnrolmentService.Renew" => () => Task.FromResult<IMessage>(BoxIdentity.Renewal(directory)),
        _ => null,
    };

    /// <summary>All that names this school, in the forms that fit the field: also a request for a certificate with its names.</summary>
    public IEnumerable<object> Ids(List<FieldDescriptor> path)
    {
        if (path[^1].FieldType == FieldType.String)
        {
            return [School.Value, School.Owner.ToString("n"), Node.ToString("n"), joinCode];
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var named = new CertificateRequest($"CN={Node}, OU={School.Value}", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        return
        [
            Wire.Bytes(Node), Wire.Bytes(School.Owner), Wire.Bytes(Pupil), epoch, session, joining.Ticket, joining.Nonce, ByteString.CopyFrom(named),
            ByteString.CopyFromUtf8($$"""{"fullName":"x","school":"{{School.Value}}"}"""),
        ];
    }

    public async Task Push(string name) => Assert.Equal(1, (await Client.PushAsync(await Batch(name), cancellationToken: Cancel)).Durable.Seq);

    public async Task<(StatusCode Status, byte[] Reply)> Call(MethodDescriptor rpc, IMessage request)
    {
        var isSync = rpc.Service.File.Package == "tdmedu.sync.v1";
        city.Central.Clock.Advance(PerCall);
        // Tries are counted by address, and here all come from one: what is refused must be refused for what it is.
        city.Central.Get<JoinDelay>().Succeeded(IPAddress.Loopback);
        city.Central.Get<JoinDelay>().Succeeded(IPAddress.Loopback);
        var method = new Method<IMessage, byte[]>(
            rpc.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, rpc.Service.FullName, rpc.Name,
            Marshallers.Create<IMessage>(m => m.ToByteArray(), _ => null!), Marshallers.Create<byte[]>(b => b, b => b));
        var invoker = (isSync ? boxes : newcomers).CreateCallInvoker();
        var options = new CallOptions(deadline: TimeProvider.System.GetUtcNow().AddSeconds(60).UtcDateTime, cancellationToken: Cancel);
        try
        {
            if (!rpc.IsServerStreaming)
            {
                var reply = await invoker.AsyncUnaryCall(method, null, options, request);
                await Opened(rpc, reply);
                return (StatusCode.OK, reply);
            }
            using var stream = invoker.AsyncServerStreamingCall(method, null, options, request);
            return await stream.ResponseStream.MoveNext(Cancel) ? (StatusCode.OK, stream.ResponseStream.Current) : (StatusCode.NotFound, []);
        }
        catch (RpcException e) when (e.Trailers.GetValue(Wire.ReasonTrailer) is not (null or "busy" or "wait"))
        {
            return (e.StatusCode, []);
        }
    }

    /// <summary>Whoever comes with another's session is taken for a second machine, until the department has decided.</summary>
    private async Task Opened(MethodDescriptor rpc, byte[] reply)
    {
        if (rpc.Name != "Open")
        {
            return;
        }
        var opened = OpenResponse.Parser.ParseFrom(reply);
        session = opened.Session.IsEmpty ? session : opened.Session;
        if (opened.Action == Contracts.Sync.V1.OpenAction.CloneSuspect)
        {
            Assert.True((await city.Central.Get<BoxRegister>().Admit($"{Node}", Cancel)).Ok);
        }
    }

    private Contracts.Sync.V1.LaneHead Base =>
        new() { Lane = (uint)Lane.Control, Hash = ByteString.CopyFrom(HashChain.Base(Node, RecordId.FromBytes(epoch.Span), Lane.Control)) };

    /// <summary>Each time in an epoch of its own, in which every lane is empty.</summary>
    private async Task Open()
    {
        city.Central.Clock.Advance(PerCall);
        epoch = Wire.Bytes(RecordId.New(city.Central.Clock));
        var opened = await Client.OpenAsync(
            new() { Epoch = epoch, Protocol = Hello.ProtocolNow, LastSession = session }, cancellationToken: Cancel);
        Assert.True(opened.Session.Length > 0, $"{opened.Action}");
        session = opened.Session;
    }

    private async Task<PushRequest> Batch(string name)
    {
        await Open();
        var data = JsonSerializer.SerializeToUtf8Bytes(new Pupil(null, name, null, null), TdmEdu.Sync.Json.Options);
        var op = new Op(School, "registry.pupil", Pupil, 1, OpKind.Put, Hlc.At(1_000), Guid.Empty, data);
        return new() { Session = session, Lane = (uint)Lane.Control, FirstSeq = 1, PrevHash = Base.Hash, Ops = { Wire.ToProto(op, new byte[HashChain.SaltBytes]) } };
    }

    private async Task StartJoining(string withCode)
    {
        var nonce = RandomNumberGenerator.GetBytes(FourWords.NonceBytes);
        var asked = Asking(withCode);
        asked.Commitment = ByteString.CopyFrom(SHA256.HashData(nonce));
        joining = ((await new EnrolmentService.EnrolmentServiceClient(newcomers).JoinAsync(asked, cancellationToken: Cancel)).Ticket, ByteString.CopyFrom(nonce));
    }

    private static JoinRequest Asking(string withCode)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = ByteString.CopyFrom(BoxKey.Request(key));
        return new() { Code = withCode, Keys = new() { Node = request, Lan = request }, LanHosts = { "truong.lan" }, Commitment = ByteString.CopyFrom(new byte[32]) };
    }

    private static GrpcChannel Channel(RightsCity city, Uri door, BoxIdentity box) => GrpcChannel.ForAddress(door, new()
    {
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            SslOptions =
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => box.NodeCertificate,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == city.Central.Thumbprint,
            },
        },
    });
}
