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
    /// <summary>Calls that one certificate takes back within <see cref="FirstRest"/>; a box that goes down takes back a dozen.</summary>
    public const int TakenBackMax = 200;

    private const int RemembersMax = 4096;
    private static readonly TimeSpan FirstRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(1);

    /// <summary>A line that breaks and a session that a newer one replaced are everyday.</summary>
    private static readonly StatusCode[] Everyday = [StatusCode.OK, StatusCode.Cancelled, StatusCode.Unavailable, StatusCode.Aborted, StatusCode.DeadlineExceeded];

    private readonly ConcurrentDictionary<(Guid, string, string), (long At, TimeSpan Quiet)> noted = [];

    private readonly ConcurrentDictionary<string, (long Since, int Calls)> takenBack = [];

    public async Task Around(HttpContext http, RequestDelegate call)
    {
        object? node = null;
        var isRead = false;
        try
        {
            await call(http);
        }
        finally
        {
            isRead = http.Items.TryGetValue(typeof(NodeIdentity), out node);
            if (http.RequestAborted.IsCancellationRequested)
            {
                await NoteTakenBack(http);
            }
        }
        if (Answered(http, "grpc-status") is not { } text || !int.TryParse(text, CultureInfo.InvariantCulture, out var number)
            || Everyday.Contains((StatusCode)number))
        {
            return;
        }
        if (!isRead && (StatusCode)number == StatusCode.Unknown)
        {
            // The box hung up before its message was there: nothing was asked, and nothing refused.
            return;
        }
        await Note(
            node is NodeIdentity identity ? identity.Node : isRead ? Guid.Empty : await NodeOf(http), http.Request.Path,
            Answered(http, Wire.ReasonTrailer) ?? ((StatusCode)number).ToString());
    }

    /// <summary>A stream that is opened and reset costs work and answers nothing: many are a flood (CVE-2023-44487), of which no status tells.</summary>
    private async Task NoteTakenBack(HttpContext http)
    {
        if (takenBack.Count >= RemembersMax)
        {
            takenBack.Clear();
        }
        var now = clock.GetTimestamp();
        var (_, calls) = takenBack.AddOrUpdate(
            http.Connection.ClientCertificate?.Thumbprint ?? $"{http.Connection.RemoteIpAddress}", (now, 1),
            (_, last) => clock.GetElapsedTime(last.Since, now) < FirstRest ? (last.Since, last.Calls + 1) : (now, 1));
        if (calls == TakenBackMax)
        {
            await Note(await NodeOf(http), http.Request.Path, "reset_flood");
        }
    }

    /// <summary>Of a message that nobody read, the certificate still says whose it is.</summary>
    private async Task<Guid> NodeOf(HttpContext http) =>
        await nodes.Of(http, CancellationToken.None) is { Ok: true } known ? known.Value.Node : Guid.Empty;

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
