using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

/// <param name="At">By the clock where it happened.</param>
/// <param name="Received">By Central's clock; null for what happened at Central.</param>
public sealed record AuditLine(DateTimeOffset At, DateTimeOffset? Received, string Event, string? Who, string Subject, string Reason);

/// <param name="School">Null for Central's own audit.</param>
/// <param name="Next">Where the older ones begin; null at the end.</param>
public sealed record AuditModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, DateOnly? Day, string Event, IReadOnlyList<AuditLine> Lines, long? Next);

/// <param name="First">Who has agreed; null while nobody has.</param>
/// <param name="Mine">This person has agreed already.</param>
public sealed record GuardedLine(string Act, bool IsAsked, string? First, string? Second, bool Mine);

/// <summary>The audit, newest first, and what waits for a second person.</summary>
internal sealed class AuditPages(
    IDbContextFactory<CentralDb> databases, IRecordStore store, CentralStore live, Catalogue catalogue, GuardedActs acts, IAuditLog audit, Words words, TimeProvider clock)
{
    private const int PageRowsMax = 100;
    private const string ReadAudit = "read_audit";

    /// <summary>Who opens pupils' pages; the audit's readers alone do not.</summary>
    private const Roles SeesPupils = Roles.DepartmentOfficer;

    /// <summary>Who leafs through the audit of one school reads once.</summary>
    private static readonly TimeSpan OneReading = TimeSpan.FromHours(1);

    public async Task<IResult> List(HttpContext http, Guid? school, DateOnly? day, string? what, long? before, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        day = day?.Year is > 2000 and < 3000 ? day : null;
        var (end, from) = (before ?? long.MaxValue, day is { } d ? MsOf(d) : 0);
        var to = day is { } on ? MsOf(on.AddDays(1)) : long.MaxValue;
        var found = school is { } id
            ? await OfSchool(db, Scope.School(id), end, from, to, what, cancel)
            : [.. (await db.Audit.AsNoTracking().Where(a => a.Pos < end && a.AtMs >= from && a.AtMs < to && (what == null || a.Event == what))
                .OrderByDescending(a => a.Pos).Take(PageRowsMax).ToListAsync(cancel))
                .Select(a => (a.Pos, a.AtMs, (long?)null, new AuditEntry(a.Event, a.Actor, a.Subject, a.Reason)))];
        await NoteReading(db, http.Actor().Id, school, cancel);
        var ids = found.SelectMany(f => AuditWords.IdsIn(f.Entry)).Where(i => i != Guid.Empty).ToHashSet();
        var boxes = await Boxes(db, ids, cancel);
        var model = await live.Read(
            bulk =>
            {
                var records = new Snapshot(bulk, catalogue);
                var units = Units.Load(records);
                IEnumerable<Scope> scopes = school is { } s ? [Scope.School(s), Scope.Department]
                    : [Scope.Department, .. units.All.Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup).Select(u => Scope.School(u.Id))];
                var names = new AuditNames(records, boxes, AuditNames.Find(bulk, catalogue, ids.Except(boxes.Keys), scopes), http.Actor().Is(SeesPupils));
                return new AuditModel(
                    [.. units.ValidOn(clock.Today()).Where(u => u.Value.Kind == UnitKind.School).OrderBy(u => u.Value.Name, VietnameseText.ByText)],
                    school, day, what ?? "",
                    [
                        .. found.Select(f => new AuditLine(
                            Local(f.AtMs), f.ReceivedAtMs is { } ms ? Local(ms) : null, f.Entry.Event,
                            f.Entry.Actor == Guid.Empty ? null : names.Of(f.Entry.Actor) ?? $"{f.Entry.Actor}",
                            f.Entry.Event == AuditVerifier.BoxEnds ? $"{f.Entry.Subject.Split(' ').Length}" : AuditWords.About(f.Entry, names.Of, words),
                            f.Entry.Reason)),
                    ],
                    found.Count == PageRowsMax ? found[^1].Pos : null);
            },
            cancel);
        return new RazorComponentResult<AuditPage>(new { Model = model });
    }

    public Task<IResult> Guarded(HttpContext http, CancellationToken cancel) => ShowGuarded(http.Actor(), null, cancel);

    public async Task<IResult> Agree(HttpContext http, CancellationToken cancel)
    {
        var agreed = await acts.Agree(http.Request.Form["viec"].ToString(), http.Actor().Id, cancel);
        return agreed.Ok ? Results.LocalRedirect(AuditingSetup.GuardedPath) : await ShowGuarded(http.Actor(), agreed.Error, cancel);
    }

    public async Task<IResult> Refuse(HttpContext http, CancellationToken cancel)
    {
        await acts.Refuse(http.Request.Form["viec"].ToString(), http.Actor().Id, cancel);
        return Results.LocalRedirect(AuditingSetup.GuardedPath);
    }

    /// <summary>By the feed's order, which is that of arrival; a day is the box's own.</summary>
    private static async Task<List<(long Pos, long AtMs, long? ReceivedAtMs, AuditEntry Entry)>> OfSchool(
        CentralDb db, Scope school, long end, long from, long to, string? what, CancellationToken cancel)
    {
        var (low, high) = (Hlc.At(from).Value, to == long.MaxValue ? long.MaxValue : Hlc.At(to).Value);
        var found = new List<(long, long, long?, AuditEntry)>();
        var ops = db.Ops.AsNoTracking().Where(o => o.Scope == school && o.FeedSeq < end && o.Entity == AuditEntry.Key && o.Hlc >= low && o.Hlc < high)
            .OrderByDescending(o => o.FeedSeq).AsAsyncEnumerable();
        await foreach (StoredOp op in ops.WithCancellation(cancel))
        {
            var entry = JsonSerializer.Deserialize<AuditEntry>(op.Data, Json.Options)!;
            if (what is null || entry.Event == what)
            {
                found.Add((op.FeedSeq, new Hlc(op.Hlc).Milliseconds, op.ReceivedAtMs, entry));
            }
            if (found.Count == PageRowsMax)
            {
                break;
            }
        }
        return found;
    }

    private async Task NoteReading(CentralDb db, Guid person, Guid? school, CancellationToken cancel)
    {
        var (subject, since) = (school is { } id ? $"{id:n}" : "", (clock.GetUtcNow() - OneReading).ToUnixTimeMilliseconds());
        if (!await db.Audit.AnyAsync(a => a.Event == ReadAudit && a.Actor == person && a.Subject == subject && a.AtMs > since, cancel))
        {
            await audit.Write(new(ReadAudit, person, subject, ""), cancel);
        }
    }

    /// <summary>Of what is named there: boxes, and those that asked to become one.</summary>
    private static async Task<Dictionary<Guid, Scope>> Boxes(CentralDb db, HashSet<Guid> ids, CancellationToken cancel)
    {
        var nodes = await db.Nodes.AsNoTracking().Where(n => ids.Contains(n.NodeId)).Select(n => new { Id = n.NodeId, n.School }).ToListAsync(cancel);
        var asked = await db.Enrolments.AsNoTracking().Where(e => ids.Contains(e.EnrolmentId)).Select(e => new { Id = e.EnrolmentId, e.School }).ToListAsync(cancel);
        return nodes.Concat(asked).ToDictionary(b => b.Id, b => b.School);
    }

    private async Task<IResult> ShowGuarded(Actor actor, Error? refused, CancellationToken cancel)
    {
        var waiting = (await acts.Waiting(cancel)).DistinctBy(a => a.Act).ToDictionary(a => a.Act);
        var lines = await store.Read(
            records => GuardedActs.Names.Keys.Select(act => waiting.GetValueOrDefault(act) is { } row
                ? new GuardedLine(act, true, NameOf(records, row.FirstBy), NameOf(records, row.SecondBy), row.FirstBy == actor.Id || row.SecondBy == actor.Id)
                : new GuardedLine(act, false, null, null, false)).ToList(),
            cancel);
        return new RazorComponentResult<GuardedActsPage>(new { Lines = lines, Refused = refused })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }

    private static string? NameOf(IRecords records, Guid? person) => person is { } id ? records.NameOf(Scope.Department, id) ?? $"{id}" : null;

    private static DateTimeOffset Local(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToOffset(SchoolTime.Offset);

    private static long MsOf(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), SchoolTime.Offset).ToUnixTimeMilliseconds();
}
