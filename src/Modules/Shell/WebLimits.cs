using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace TdmEdu.Modules.Shell;

/// <summary>What one caller can make a host hold. What is not named here is Kestrel's default; docs/limits.md has them all.</summary>
public static class WebLimits
{
    /// <summary>Of a form or a script's JSON; an endpoint that takes files says how large they may be.</summary>
    public const int BodyBytesMax = 256 * 1024;

    /// <summary>Of the largest file, with the form around it.</summary>
    public const int UploadBytesMax = 11 * 1024 * 1024;

    /// <summary>Files being received or read at once; who comes then is told to try again.</summary>
    public const int UploadsMax = 8;

    /// <summary>At each door. A school of 1,500 has fewer devices, and the department has 160 boxes.</summary>
    public const int ConnectionsMax = 1_000;

    /// <summary>Calls at once on one connection: a box has a lane's each, a Pull, a Beat and a Watch; a browser loads a page's files.</summary>
    public const int StreamsMax = 32;

    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(15);

    /// <summary>Lets an endpoint take a larger body than others.</summary>
    public static T TakesBytes<T>(this T endpoint, int bytesMax) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new BodyLimit(bytesMax));

    internal static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsMax;
        });
        return services.Configure<FormOptions>(form =>
        {
            form.MultipartBodyLengthLimit = UploadBytesMax;
            // A list of children must not lie in a temporary file.
            form.MemoryBufferThreshold = UploadBytesMax;
        });
    }

    internal sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
