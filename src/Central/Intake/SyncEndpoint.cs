using System.Data.Common;
using Grpc.Core;
using TdmEdu.Central.Feed;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Central.Intake;

/// <summary>The exchange as gRPC: who is there, translation, and which status a refusal becomes. Nothing is decided here.</summary>
internal sealed partial class SyncEndpoint(
    NodeIdentities nodes, Sessions sessions, BatchIntake intake, FeedPages pages, FeedWatch watch, TimeProvider clock,
    ILogger<SyncEndpoint> log)
    : SyncService.SyncServiceBase
{
    private const string ReasonTrailer = "tdmedu-reason";

    public override Task<OpenResponse> Open(OpenRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var asked = SyncMessages.Heads(request);
        var opened = asked.Ok ? await sessions.Open(node, asked.Value.Epoch, asked.Value.Heads, cancel) : asked.Error;
        return opened.Then<OpenResponse>(session => SyncMessages.ToProto(session, NowMs));
    });

    public override Task<PushResponse> Push(PushRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var batch = SyncMessages.ToBatch(request);
        var taken = batch.Ok ? await intake.Take(node, batch.Value, cancel) : batch.Error;
        return taken.Then<PushResponse>(answer => SyncMessages.ToProto(answer));
    });

    public override Task<PullResponse> Pull(PullRequest request, ServerCallContext context) => Answer(context, async (node, cancel) =>
    {
        var next = await pages.Next(node, SyncMessages.ToQuery(request), cancel);
        return next.Then<PullResponse>(answer => SyncMessages.ToProto(answer));
    });

    public override Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responses, ServerCallContext context) =>
        Answer<WatchResponse>(context, async (node, cancel) => await watch.Run(
            node, request.Session.ToByteArray(), () => responses.WriteAsync(new() { ClockMs = NowMs }, cancel), cancel));

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The edge of the host: refusals become statuses here, and a broken store becomes one that the box tries again.</summary>
    private async Task<T> Answer<T>(ServerCallContext context, Func<NodeIdentity, CancellationToken, Task<Result<T>>> call)
    {
        try
        {
            var node = await nodes.Of(context.GetHttpContext());
            var answer = node.Ok ? await call(node.Value, context.CancellationToken) : node.Error;
            return answer.Ok ? answer.Value : throw ToStatus(answer.Error);
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
            _ => ErrorMap.ToGrpc(error.Code),
        };
        return new(new Status(code, error.Message.Vietnamese), new Metadata { { ReasonTrailer, error.Reason } });
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The store failed during {Method}.")]
    private partial void StoreFailed(Exception fault, string method);
}
