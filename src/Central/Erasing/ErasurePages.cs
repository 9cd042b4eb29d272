using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Erasing;

/// <param name="Name">Null for a pupil whose profile went to another school.</param>
public sealed record DuePupil(Guid Id, string? Name);

/// <param name="Missing">Boxes of the school that have not said that they did it.</param>
public sealed record ErasureLine(DateOnly On, int Pupils, int Boxes, int Missing);

public sealed record ErasureModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, IReadOnlyList<DuePupil> Due, IReadOnlyList<ErasureLine> Decided, Error? Refused = null);

/// <summary>Whose private data is past its time in a school, and how far earlier erasures have come.</summary>
internal sealed class ErasurePages(IDbContextFactory<CentralDb> databases, IRecordStore store, ErasureOffice office, IAuditLog audit, TimeProvider clock)
{
    public async Task<IResult> Page(HttpContext http, Guid? school, CancellationToken cancel)
    {
        if (school is { } id)
        {
            await audit.Write(new("read_pupils", http.Actor().Id, id.ToString("n"), ""), cancel);
        }
        return await Show(school, null, cancel);
    }

    public async Task<IResult> Erase(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        _ = Guid.TryParse(form["truong"], out var school);
        var pupils = form["hs"].Select(text => Guid.TryParse(text, out var id) ? id : Guid.Empty).ToHashSet();
        var erased = await office.Erase(http.Actor(), Scope.School(school), pupils, cancel);
        await audit.Write(new("erase", http.Actor().Id, erased.Ok ? erased.Value.ToString("n") : school.ToString("n"), erased.Ok ? "" : erased.Error.Reason), cancel);
        return erased.Ok ? Results.LocalRedirect($"{ErasingSetup.Path}?truong={school}") : await Show(school, erased.Error, cancel);
    }

    private async Task<IResult> Show(Guid? school, Error? refused, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var scope = Scope.School(school ?? Guid.Empty);
        var boxes = await db.Nodes.AsNoTracking().Where(n => n.School == scope && !n.Revoked).Select(n => n.NodeId).ToListAsync(cancel);
        var today = clock.Today();
        var model = await store.Read(records => new ErasureModel(
            [.. Units.Load(records).ValidOn(today).Where(u => u.Value.Kind == UnitKind.School).OrderBy(u => u.Value.Name, VietnameseText.ByText)],
            school,
            [.. Erasure.Due(records, scope, today).Select(id => new DuePupil(id, records.Get<Pupil>(scope, id)?.Value.FullName))],
            [
                .. records.All<Erasure>(scope).OrderByDescending(e => e.Id).Select(e => new ErasureLine(
                    e.Value.On, e.Value.Pupils.Length, boxes.Count,
                    boxes.Count(box => records.Get<Erased>(scope, new Erased(e.Id, box).IdIn(scope)) is null))),
            ],
            refused), cancel);
        return new RazorComponentResult<ErasurePage>(new { Model = model })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }
}
