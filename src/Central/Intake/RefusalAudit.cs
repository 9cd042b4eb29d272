using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Central.Intake;

/// <summary>
/// What a box was refused goes into the audit: once a minute for each box, call and reason, so that a flood of refusals fills
/// no disk. Calls that fail before their message is read, such as one that is too large, are seen here as well.
/// </summary>
internal sealed class RefusalAudit(IAuditLog audit, NodeIdentities nodes, TimeProvider clock)
{
    public const string Event = "sync_refused";
    private const int RemembersMax = 4096;
    private static readonly TimeSpan OnceIn = TimeSpan.FromMinutes(1);

    /// <summary>A line that breaks and a session that a newer one replaced are everyday.</summary>
    private static readonly StatusCode[] Everyday = [StatusCode.OK, StatusCode.Cancelled, StatusCode.Unavailable, StatusCode.Aborted, StatusCode.DeadlineExceeded];

    private readonly ConcurrentDictionary<(Guid, string, string), long> noted = [];

    public async Task Around(HttpContext http, RequestDelegate call)
    {
        await call(http);
        if (Answered(http, "grpc-status") is not { } text || !int.TryParse(text, CultureInfo.InvariantCulture, out var number)
            || Everyday.Contains((StatusCode)number))
        {
            return;
        }
        var isRead = http.Items.TryGetValue(typeof(NodeIdentity), out var node);
        if (!isRead && (StatusCode)number == StatusCode.Unknown)
        {
            // The box hung up before its message was there: nothing was asked, and nothing refused.
            return;
        }
        // Of a message that nobody read, the certificate still says whose it is.
        node = !isRead && await nodes.Of(http, CancellationToken.None) is { Ok: true } known ? known.Value : node;
        await Note((node as NodeIdentity)?.Node ?? Guid.Empty, http.Request.Path, Answered(http, Wire.ReasonTrailer) ?? ((StatusCode)number).ToString());
    }

    /// <param name="subject">The call, or the lane in it.</param>
    public async Task Note(Guid node, string subject, string reason)
    {
        if (noted.Count >= RemembersMax)
        {
            noted.Clear();
        }
        // A flood comes on many threads at once: one of them notes it.
        var (key, now) = ((node, subject, reason), clock.GetTimestamp());
        if (noted.TryGetValue(key, out var at) ? clock.GetElapsedTime(at) < OnceIn || !noted.TryUpdate(key, now, at) : !noted.TryAdd(key, now))
        {
            return;
        }
        await audit.Write(new(Event, node, subject, reason), CancellationToken.None);
    }

    /// <summary>A call that fails at once answers in its headers, another one in its trailers.</summary>
    private static string? Answered(HttpContext http, string name)
    {
        var trailers = http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        return trailers is not null && trailers.TryGetValue(name, out var late) ? late.ToString()
            : http.Response.Headers.TryGetValue(name, out var early) ? early.ToString()
            : null;
    }
}
