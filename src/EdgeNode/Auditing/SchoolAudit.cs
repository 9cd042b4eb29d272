using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Auditing;

/// <param name="Subject">Ids that the reader may know by name are names.</param>
public sealed record SchoolAuditLine(DateTimeOffset At, string Event, string Who, string Subject, string Reason);

/// <param name="Next">Where the older ones begin; null at the end.</param>
public sealed record SchoolAuditModel(DateOnly Day, string Event, IReadOnlyList<SchoolAuditLine> Lines, long? Next);

/// <summary>The box's audit for the school's head, a day at a time: who signed in, was refused, read or administered what.</summary>
internal static class SchoolAudit
{
    public const string Path = "/nhat-ky";

    public static readonly NavEntry Nav = new(Path, "Nhật ký", Roles.Head, Side.Edge);

    private const int PageLinesMax = 100;

    public static void MapSchoolAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, (
            HttpContext http, string? ngay, string? loai, long? sau, Owner owner, Catalogue catalogue, Words words, TimeProvider clock, CancellationToken cancel) =>
            List(http.Actor(), DateOnly.TryParseExact(ngay, "yyyy-MM-dd", out var day) && day.Year is > 2000 and < 3000 ? day : clock.Today(),
                loai ?? "", sau ?? long.MaxValue, owner, catalogue, words, cancel)).RequireRoles(Nav.Roles);

    private static async Task<RazorComponentResult<SchoolAuditPage>> List(
        Actor actor, DateOnly day, string what, long before, Owner owner, Catalogue catalogue, Words words, CancellationToken cancel)
    {
        var found = owner.Journal.Reader.Audit(before, StartOf(day), StartOf(day.AddDays(1)), what, PageLinesMax);
        var lines = await owner.Read(
            records => found.DistinctBy(e => e.Op.Id).Select(e => LineOf(e.Op, id => NameOf(records, catalogue, actor, id), words)).ToList(), cancel);
        await owner.Write(new("read_audit", actor.Id, $"{day:yyyy-MM-dd}", ""), cancel);
        return new(new { Model = new SchoolAuditModel(day, what, lines, found.Count == PageLinesMax ? found[^1].Position : null) });
    }

    private static SchoolAuditLine LineOf(Op op, Func<Guid, string?> name, Words words)
    {
        var entry = JsonSerializer.Deserialize<AuditEntry>(op.Data.Span, Json.Options)!;
        return new(
            DateTimeOffset.FromUnixTimeMilliseconds(op.Hlc.Milliseconds).ToOffset(SchoolTime.Offset), entry.Event, name(entry.Actor) ?? "",
            AuditWords.About(entry, name, words), entry.Reason);
    }

    private static string? NameOf(IRecords records, Catalogue catalogue, Actor actor, Guid id)
    {
        return Of<Staff>()?.FullName ?? Of<Pupil>()?.FullName ?? Of<SchoolClass>()?.Name;

        T? Of<T>() where T : class => catalogue.Of<T>().Allows(actor.Roles, Verbs.Read) ? records.Get<T>(actor.Scope, id)?.Value : null;
    }

    private static Hlc StartOf(DateOnly day) => Hlc.At(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), SchoolTime.Offset).ToUnixTimeMilliseconds());
}
