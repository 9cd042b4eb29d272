using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public sealed record ParentNoticesModel(string FullName, IReadOnlyList<NoticeLine> Notices, NoticeForm Form, Error? Refused = null);

/// <summary>A family asks that its child may stay away, at the school or at Central, and sees what became of it.</summary>
internal sealed class ParentNotices(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock)
{
    internal const string Path = ShellSetup.ParentPath + "/xin-nghi";

    public Task<IResult> Page(HttpContext http, CancellationToken cancel) => Show(http.Actor(), null, null, cancel);

    public async Task<IResult> Send(HttpContext http, CancellationToken cancel)
    {
        var (parent, form) = (http.Actor(), NoticeForm.Read(http.Request.Form));
        var sent = await store.Decide(parent, records => SendNotice.Send(catalogue, seals, records, parent, form, clock), cancel);
        return sent.Ok ? Results.LocalRedirect(Path) : await Show(parent, form, sent.Error, cancel);
    }

    public async Task<IResult> Withdraw(HttpContext http, Guid id, CancellationToken cancel)
    {
        var parent = http.Actor();
        var withdrawn = await store.Decide(parent, records => DecideNotice.Withdraw(catalogue, records, parent, id, clock), cancel);
        return withdrawn.Ok ? Results.LocalRedirect(Path) : await Show(parent, null, withdrawn.Error, cancel);
    }

    private async Task<IResult> Show(Actor parent, NoticeForm? form, Error? refused, CancellationToken cancel)
    {
        var model = await store.Read(records => new ParentNoticesModel(
            records.Get<Pupil>(parent.Scope, parent.Id)?.Value.FullName ?? "",
            [.. NoticeCase.OfPupil(records, parent.Scope, parent.Id).OrderByDescending(n => n.Notice.From).ThenByDescending(n => n.Id)
                .Select(n => NoticeLine.Of(records, seals, parent.Scope, n, opened: true))],
            form ?? NoticeForm.Empty(clock.Today()), refused), cancel);
        return new RazorComponentResult<ParentNoticesPage>(new { Model = model })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }
}
