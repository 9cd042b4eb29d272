using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using TdmEdu.Central.Storage;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

/// <summary>Enrolment and renewal as gRPC: translation, and which status a refusal becomes. Nothing is decided here.</summary>
internal sealed class EnrolmentEndpoint(BoxEnrolment enrolment, Certification certification) : EnrolmentService.EnrolmentServiceBase
{
    public override async Task<JoinResponse> Join(JoinRequest request, ServerCallContext context)
    {
        var (node, lan) = Requests(request.Keys);
        var joined = await enrolment.Join(
            new(request.Code, node, lan, [.. request.LanHosts], request.Commitment.ToByteArray(), SchoolOf(request.School)), AddressOf(context), context.CancellationToken);
        return Answer(joined, answer => new JoinResponse
        {
            Ticket = Bytes(answer.Ticket),
            Authority = Bytes(answer.Authority),
            Nonce = Bytes(answer.Nonce),
        });
    }

    public override async Task<CollectResponse> Collect(CollectRequest request, ServerCallContext context)
    {
        var collected = await enrolment.Collect(
            request.Ticket.ToByteArray(), request.Nonce.ToByteArray(), AddressOf(context), context.CancellationToken);
        return Answer(collected, answer => answer switch
        {
            { Node: { } node, Certified: { } certified } => new CollectResponse
            {
                State = EnrolmentState.Approved,
                Node = Wire.Bytes(node.NodeId),
                School = Wire.Bytes(node.School.Owner),
                Certificates = ToProto(certified),
            },
            _ => new() { State = answer.Decision == EnrolmentDecision.Refused ? EnrolmentState.Refused : EnrolmentState.Waiting },
        });
    }

    public override async Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context)
    {
        var (node, lan) = Requests(request.Keys);
        var renewed = await certification.Renew(node, lan, request.LanByNode.ToByteArray(), AddressOf(context), context.CancellationToken);
        return Answer(renewed, certified => new RenewResponse { Certificates = ToProto(certified) });
    }

    /// <summary>Null when the box has none yet; what is no id is no school's.</summary>
    private static Guid? SchoolOf(ByteString bytes) => bytes.Length switch { 0 => null, 16 => RecordId.FromBytes(bytes.Span), _ => Guid.Empty };

    private static (byte[] Node, byte[] Lan) Requests(Keys? keys) => (keys?.Node.ToByteArray() ?? [], keys?.Lan.ToByteArray() ?? []);

    private static IPAddress AddressOf(ServerCallContext context) => context.GetHttpContext().Connection.RemoteIpAddress ?? IPAddress.None;

    private static Certificates ToProto(Certified certified) => new()
    {
        Node = Bytes(certified.Node),
        Lan = Bytes(certified.Lan),
        Roots = { certified.Roots.Select(Bytes) },
        Bridge = Bytes(certified.Bridge ?? []),
        Seal = Bytes(certified.Seal),
    };

    private static ByteString Bytes(byte[] bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    private static TAnswer Answer<T, TAnswer>(Result<T> result, Func<T, TAnswer> answer)
    {
        if (result.Ok)
        {
            return answer(result.Value);
        }
        var error = result.Error;
        var trailers = new Metadata { { Wire.ReasonTrailer, error.Reason } };
        if (error.RetryAfterMs is { } retryAfterMs)
        {
            trailers.Add(Wire.RetryAfterTrailer, retryAfterMs.ToString(CultureInfo.InvariantCulture));
        }
        var status = error.Reason == BoxEnrolment.ReasonWait ? StatusCode.ResourceExhausted : ErrorMap.ToGrpc(error.Code);
        throw new RpcException(new Status(status, error.Message.Vietnamese), trailers);
    }
}
