using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>The few calls to Central's door for boxes without a certificate, each on a connection of its own.</summary>
internal sealed class EnrolmentLink(Uri central, Func<X509Certificate2, X509Certificate2Collection, bool> trusts)
{
    public const string ReasonNoLine = "no_line";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    public async Task<Result<T>> Call<T>(Func<EnrolmentService.EnrolmentServiceClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = CallTimeout,
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(central.Host, central.Port, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            SslOptions = CentralTrust.Options(trusts),
        };
        using var channel = GrpcChannel.ForAddress(CentralTrust.Named(central), new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        try
        {
            var deadline = TimeProvider.System.GetUtcNow().Add(CallTimeout).UtcDateTime;
            return await call(new(channel), new(deadline: deadline, cancellationToken: cancel));
        }
        catch (RpcException e) when (e.Trailers.GetValue(Wire.ReasonTrailer) is { } reason)
        {
            // Central's sentence is for the person here; the code is for this program.
            return new Error(ErrorCode.Denied, reason, new("{0}", e.Status.Detail));
        }
        catch (RpcException) when (!cancel.IsCancellationRequested)
        {
            return Error.Unavailable(
                ReasonNoLine, "Chưa kết nối được Phòng Giáo dục. Hãy kiểm tra Internet và địa chỉ {0}, rồi thử lại.", $"{central.Host}:{central.Port}");
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException(e.Status.Detail, e, cancel);
        }
    }
}
