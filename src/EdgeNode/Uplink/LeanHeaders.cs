namespace TdmEdu.EdgeNode.Uplink;

/// <summary>
/// Takes off what the gRPC client adds and Central does not read: .NET sends request headers whole each time, and on a call as
/// small as the heartbeat they would be most of it.
/// </summary>
internal sealed class LeanHeaders(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string AcceptEncoding = "grpc-accept-encoding";
    private const string Timeout = "grpc-timeout";
    private const string Beat = "/Beat";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Clear();
        if (request.RequestUri!.AbsolutePath.EndsWith(Beat, StringComparison.Ordinal))
        {
            // The answer is two bytes, and the box itself ends the call at its deadline.
            request.Headers.Remove(AcceptEncoding);
            request.Headers.Remove(Timeout);
        }
        return base.SendAsync(request, cancellationToken);
    }
}
