using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Central.Intake;

/// <summary>
/// What a box was refused goes into the audit, for each box, call and reason after a minute again, then after two, four, up to once a day:
/// a flood fills no disk, nor does a withdrawn box that is left on. Calls that fail before their message is read, such as one that is too large, are seen here as well.
/// </summary>
internal sealed class RefusalAudit(IAuditLog audit, NodeIdentities nodes, TimeProvider clock)
{
    public const string Event = "sync_refused";
    private const int RemembersMax = 4096;
    private static readonly TimeSpan FirstRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(1);

    /// <summary>A line that breaks and a session that a newer one replaced are everyday.</summary>
    private static readonly StatusCode[] Everyday = [StatusCode.OK, StatusCode.Cancelled, StatusCode.Unavailable, StatusCode.Aborted, StatusCode.DeadlineExceeded];

    private readonly ConcurrentDictionary<(Guid, string, string), (long At, TimeSpan Quiet)> noted = [];

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
        if (noted.TryGetValue(key, out var last)
            ? clock.GetElapsedTime(last.At, now) < last.Quiet || !noted.TryUpdate(key, (now, RestAfter(last.Quiet, clock.GetElapsedTime(last.At, now))), last)
            : !noted.TryAdd(key, (now, FirstRest)))
        {
            return;
        }
        await audit.Write(new(Event, node, subject, reason), CancellationToken.None);
    }

    /// <summary>What went on through the whole rest doubles it; what came back after a quiet time begins anew.</summary>
    private static TimeSpan RestAfter(TimeSpan rest, TimeSpan since) => since > 2 * rest ? FirstRest : rest * 2 < LongestRest ? rest * 2 : LongestRest;

    /// <summary>A call that fails at once answers in its headers, another one in its trailers.</summary>
    private static string? Answered(HttpContext http, string name)
    {
        var trailers = http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        return trailers is not null && trailers.TryGetValue(name, out var late) ? late.ToString()
            : http.Response.Headers.TryGetValue(name, out var early) ? early.ToString()
            : null;
    }
}
