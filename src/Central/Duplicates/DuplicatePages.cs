using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Duplicates;

/// <summary>The department's office looks at pupils who seem to be in two schools, and says what they are.</summary>
internal sealed class DuplicatePages(DuplicateReader reader, IRecordStore store, Catalogue catalogue, IAuditLog audit, TimeProvider clock)
{
    public const string Merged = "gop";
    public const string Undone = "hoan-tac";
    public const string Distinct = "khac";

    public async Task<IResult> List(HttpContext http, string? said, CancellationToken cancel)
    {
        await audit.Write(new("read_pupils", http.Actor().Id, "duplicates", ""), cancel);
        return Show(await reader.Read(cancel) with { Said = said });
    }

    public Task<IResult> Merge(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var (first, second) = Both(form);
        var (kept, other) = form["giu"] == "2" ? (second, first) : (first, second);
        var order = new PupilMerge(kept.Pupil, kept.School, other.Pupil, other.School, clock.Today(), [], new(null, null, null), http.Actor().Id);
        return Save(http, "pupil_merge", $"{order.Kept:n}/{order.Other:n}", Merged,
            records => MergePupils.Decide(catalogue, records, RecordId.New(clock), order), cancel);
    }

    public Task<IResult> Undo(HttpContext http, CancellationToken cancel)
    {
        var (school, id) = (Scope.School(Id(http.Request.Form["truong"])), Id(http.Request.Form["ma"]));
        return Save(http, "pupil_merge_undo", $"{id:n}", Undone, records => MergePupils.Undo(catalogue, records, school, id), cancel);
    }

    /// <summary>Said, or taken back.</summary>
    public Task<IResult> Tell(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var (first, second) = Both(form);
        var said = new DistinctPupils(first.Pupil, second.Pupil, form["con"] == "1", http.Actor().Id);
        return Save(http, "pupil_distinct", $"{said.First:n}/{said.Second:n}/{(said.Stands ? 1 : 0)}", Distinct,
            records => MergePupils.Tell(catalogue, records, first.School, second.School, said), cancel);
    }

    private static ((Guid School, Guid Pupil) First, (Guid School, Guid Pupil) Second) Both(IFormCollection form) =>
        ((Id(form["truong1"]), Id(form["em1"])), (Id(form["truong2"]), Id(form["em2"])));

    private async Task<IResult> Save(HttpContext http, string what, string about, string said, Func<IRecords, Decision<Guid>> decide, CancellationToken cancel)
    {
        var saved = await store.Decide(http.Actor(), decide, cancel);
        await audit.Write(new(what, http.Actor().Id, about, saved.Ok ? "" : saved.Error.Reason), cancel);
        return saved.Ok
            ? Results.LocalRedirect($"{DuplicatesSetup.Path}?ghi={said}")
            : Show(await reader.Read(cancel) with { Refused = saved.Error });
    }

    private static Guid Id(string? text) => Guid.TryParse(text, out var id) ? id : Guid.Empty;

    private static RazorComponentResult<DuplicatesPage> Show(DuplicatesModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
