using System.Data.Common;
using System.Globalization;
using Grpc.Core;
using TdmEdu.Central.Feed;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Central.Intake;

/// <summary>The exchange as gRPC: who is there, translation, and which status a refusal becomes. Nothing is decided here.</summary>
internal sealed partial class SyncEndpoint(
    NodeIdentities nodes, Exchange exchange, FeedWatch watch, HighWater highWater, TimeProvider clock,
    ILogger<SyncEndpoint> log)
    : SyncService.SyncServiceBase
{
    /// <summary>How grpc-dotnet is told to compress one answer.</summary>
    private static readonly Metadata Gzip = new() { { "grpc-internal-encoding-request", "gzip" } };

    public override Task<OpenResponse> Open(OpenRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var hello = SyncMessages.ToHello(request);
        var opened = hello.Ok ? await exchange.Open(node, hello.Value, cancel) : hello.Error;
        return opened.Then<OpenResponse>(welcome => SyncMessages.ToProto(welcome, NowMs));
    });

    public override Task<PushResponse> Push(PushRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var batch = SyncMessages.ToBatch(request);
        var taken = batch.Ok ? await exchange.Take(node, batch.Value, cancel) : batch.Error;
        return taken.Then<PushResponse>(answer => SyncMessages.ToProto(answer));
    });

    public override Task<PullResponse> Pull(PullRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var next = await exchange.Next(node, SyncMessages.ToQuery(request), cancel);
        var unzips = context.RequestHeaders.GetValue("grpc-accept-encoding")?.Contains("gzip", StringComparison.Ordinal) == true;
        if (unzips && next is { Ok: true, Value.Pages.Count: > 0 })
        {
            // A page shrinks to a quarter; an answer without one would only grow.
            await context.WriteResponseHeadersAsync(Gzip);
        }
        return next.Then<PullResponse>(answer => SyncMessages.ToProto(answer));
    });

    public override Task<BeatResponse> Beat(BeatRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var same = await exchange.Beat(node, request.Session.ToByteArray(), request.State.ToByteArray(), request.ClockMs, cancel);
        return same.Then<BeatResponse>(answer => new BeatResponse { Same = answer, ClockMs = NowMs });
    });

    public override Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responses, ServerCallContext context) =>
        Answer<WatchResponse>(context, async (node, cancel) => exchange.RefuseWatch(node) ?? await watch.Run(
            node, request.Session.ToByteArray(), () => responses.WriteAsync(new() { ClockMs = NowMs }, cancel), cancel));

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The edge of the host: refusals become statuses here, and a broken store becomes one that the box tries again.</summary>
    private async Task<T> Answer<T>(ServerCallContext context, Func<NodeIdentity, CancellationToken, Task<Result<T>>> call)
    {
        try
        {
            var node = await nodes.Of(context.GetHttpContext(), context.CancellationToken);
            var answer = (node.Ok ? highWater.Refusal : node.Error) is { } refusal ? refusal : await call(node.Value, context.CancellationToken);
            return answer.Ok ? answer.Value : throw ToStatus(answer.Error);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The box has hung up: no fault of anybody's here, and a flood of them must not fill the log.
            throw new RpcException(Status.DefaultCancelled);
        }
        catch (DbException fault)
        {
            StoreFailed(fault, context.Method);
            throw ToStatus(Error.Unavailable("store_failed", "Trung tâm tạm thời không ghi được dữ liệu. Máy chủ trường sẽ tự gửi lại."));
        }
    }

    private static RpcException ToStatus(Error error)
    {
        var code = error.Reason switch
        {
            "session_stale" => StatusCode.Aborted,
            "node_unknown" => StatusCode.Unauthenticated,
            Exchange.ReasonBusy or BatchIntake.ReasonNoRoom => StatusCode.ResourceExhausted,
            _ => ErrorMap.ToGrpc(error.Code),
        };
        var trailers = new Metadata { { Wire.ReasonTrailer, error.Reason } };
        if (error.RetryAfterMs is { } retryAfterMs)
        {
            trailers.Add(Wire.RetryAfterTrailer, retryAfterMs.ToString(CultureInfo.InvariantCulture));
        }
        return new(new Status(code, error.Message.Vietnamese), trailers);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store failed during {Method}.")]
    private partial void StoreFailed(Exception fault, string method);
}
