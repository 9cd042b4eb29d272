using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

/// <param name="SuspectSince">Since when a second machine under this name is held back; null when there is none.</param>
/// <param name="RenewalAsked">Since when it asks in vain for new certificates; null when it does not.</param>
public sealed record BoxLine(Guid Node, string School, bool IsRevoked, DateTimeOffset? LastSeen, DateTimeOffset? SuspectSince, DateTimeOffset? RenewalAsked);

/// <param name="Words">Empty until the box shows them.</param>
/// <param name="HasBox">The school has a box already.</param>
public sealed record NewcomerLine(Guid Enrolment, string School, string Words, string Address, string LanHosts, DateTimeOffset Asked, bool HasBox);

/// <param name="Hash">Of the code, which nobody is shown again.</param>
/// <param name="By">Null for the command line.</param>
public sealed record OpenCodeLine(string Hash, string School, string? By, DateTimeOffset Until);

/// <param name="Done">What was just done; null when the page was only opened.</param>
/// <param name="Code">A join code that was just made; shown once.</param>
/// <param name="PutBack">The database came from a backup and nobody has said so: no box is answered.</param>
public sealed record BoxListModel(
    IReadOnlyList<BoxLine> Boxes, IReadOnlyList<NewcomerLine> Newcomers, IReadOnlyList<OpenCodeLine> Codes, IReadOnlyList<Unit> Schools,
    string? Done, string? Code, string? CodeFor, Error? Refused, bool PutBack);

/// <summary>The schools' boxes, who wants to become one, and what the department decides about them.</summary>
internal sealed class BoxPages(
    IDbContextFactory<CentralDb> databases, IRecordStore store, BoxRegister register, BoxEnrolment enrolment, HighWater highWater, IAuditLog audit, TimeProvider clock)
{
    public const string Admitted = "cho-vao";
    public const string Revoked = "thu-hoi";
    public const string RenewalAllowed = "cho-gia-han";
    public const string Enrolled = "da-ghi-danh";
    public const string TurnedAway = "khong-nhan";
    public const string CodeCancelled = "huy-ma";

    /// <summary>What can be done with a box, as the last part of the address.</summary>
    public static IReadOnlyDictionary<string, Text> Changes { get; } = new Dictionary<string, Text>
    {
        [Admitted] = new Text("Cho máy trường kết nối lại"), [Revoked] = new Text("Thu hồi máy trường"), [RenewalAllowed] = new Text("Cho máy trường gia hạn"),
    };

    public Task<IResult> List(string? done, CancellationToken cancel) => Show(done, null, null, cancel);

    public async Task<IResult> MakeCode(HttpContext http, CancellationToken cancel)
    {
        var school = http.Request.Form["truong"].ToString();
        var code = await enrolment.MakeCode(school, http.Actor().Id, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return await Show(null, code.Ok ? code.Value : null, code.Ok ? null : code.Error, cancel, school);
    }

    public async Task<IResult> CancelCode(HttpContext http, CancellationToken cancel)
    {
        var done = await enrolment.CancelCode(http.Request.Form["ma"].ToString(), http.Actor().Id, cancel);
        return done.Ok ? Results.LocalRedirect($"{SchoolsSetup.Path}?ghi={CodeCancelled}") : await Show(null, null, done.Error, cancel);
    }

    public async Task<IResult> Decide(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var approve = form["nhan"] == "1";
        _ = Guid.TryParse(form["may"], out var id);
        var decided = approve && form["da-so"] != "1"
            ? Error.Invalid("words_not_compared", "Hãy gọi cho trường, so đủ bốn từ trên hai màn hình rồi đánh dấu vào ô “Bốn từ giống nhau”.")
            : await enrolment.Decide(id, approve, form["thay"] == "1", http.Actor().Id, cancel);
        return decided.Ok
            ? Results.LocalRedirect($"{SchoolsSetup.Path}?ghi={(approve ? Enrolled : TurnedAway)}")
            : await Show(null, null, decided.Error, cancel);
    }

    public async Task<IResult> Change(HttpContext http, string change, CancellationToken cancel)
    {
        var node = http.Request.Form["may"].ToString();
        var (name, done) = change switch
        {
            Admitted => ("node_admit", await register.Admit(node, cancel)),
            Revoked => ("node_revoke", await register.Revoke(node, cancel)),
            _ => ("node_allow_renewal", await register.AllowRenewal(node, cancel)),
        };
        await audit.Write(new(name, http.Actor().Id, node, done.Ok ? "" : done.Error.Reason), cancel);
        return done.Ok ? Results.LocalRedirect($"{SchoolsSetup.Path}?ghi={change}") : await Show(null, null, done.Error, cancel);
    }

    private async Task<IResult> Show(string? done, string? code, Error? refused, CancellationToken cancel, string? codeFor = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var nodes = await db.Nodes.AsNoTracking().ToListAsync(cancel);
        var (waiting, codes) = (await enrolment.Waiting(cancel), await enrolment.OpenCodes(cancel));
        var today = clock.Today();
        var model = await store.Read(
            records =>
            {
                var schools = Units.Load(records).ValidOn(today).Where(u => u.Value.Kind == UnitKind.School).Select(u => u.Value)
                    .OrderBy(u => u.Name, VietnameseText.ByText).ToList();
                return new BoxListModel(
                [
                    .. nodes.Select(n => new BoxLine(
                            n.NodeId, NameOf(records, n.School) ?? n.Name, n.Revoked, Instant(n.LastSeenAtMs), Instant(n.SuspectSinceMs), Instant(n.RenewalAskedAtMs)))
                        .OrderBy(b => b.SuspectSince is null && b.RenewalAsked is null).ThenBy(b => b.School, VietnameseText.ByText).ThenBy(b => b.IsRevoked),
                ],
                [
                    .. waiting.Select(e => new NewcomerLine(
                        e.EnrolmentId, NameOf(records, e.School) ?? "", e.Words, e.Address, e.LanHosts, Instant(e.AskedAtMs)!.Value,
                        nodes.Exists(n => n.School == e.School && !n.Revoked))),
                ],
                [
                    .. codes.Select(c => new OpenCodeLine(
                        Convert.ToHexString(c.CodeHash), NameOf(records, c.School) ?? "",
                        c.MadeBy == Guid.Empty ? null : records.NameOf(Scope.Department, c.MadeBy) ?? $"{c.MadeBy}", Instant(c.ExpiresAtMs)!.Value)),
                ],
                schools, done, code, schools.Find(s => s.Code == codeFor)?.Name, refused, highWater.Refusal is not null);
            },
            cancel);
        return new RazorComponentResult<BoxListPage>(new { Model = model })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }

    private static string? NameOf(IRecords records, Scope school) => records.Get<Unit>(Scope.City, school.Owner)?.Value.Name;

    /// <summary>An admitted box counts as unseen until it calls: 0.</summary>
    private static DateTimeOffset? Instant(long? ms) => ms is > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms.Value).ToOffset(SchoolTime.Offset) : null;
}
