using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Name">Of the file.</param>
public sealed record ImportUpload(string Kind, ImportFile File, string Name);

/// <summary>A file that somebody has uploaded and not written yet.</summary>
public sealed record ImportWaiting(string Token, string Kind, string Name, DateTimeOffset Until);

/// <param name="Kinds">Those that this person may bring in here.</param>
/// <param name="Classes">To choose one from, where the kind asks for a class and month.</param>
public sealed record ImportStartModel(
    IReadOnlyList<ImportKind> Kinds, ImportKind? Kind, IReadOnlyList<Row<Unit>> Schools, Guid? School, DateOnly Day, IReadOnlyList<Row<SchoolClass>> Classes,
    IReadOnlyList<DateOnly> Months, IReadOnlyList<ImportWaiting> Waiting, IReadOnlyList<(ImportedFile File, string By)> Done, Error? Refused = null);

public sealed record ImportColumnsModel(string Token, ImportKind Kind, ImportFile File, Error? Refused = null);

public sealed record ImportPlanModel(string Token, ImportKind Kind, ImportFile File, string Name, DateTimeOffset Until, ImportPlan Plan, Error? Refused = null);

/// <param name="File">Null while nothing of it is written.</param>
/// <param name="Subjects">What would come of taking it back; null where that is not to be had.</param>
public sealed record ImportDoneModel(
    Guid Run, Guid School, Text Title, ImportProgress? Progress, ImportedFile? File, string By, IReadOnlyList<ImportSubject>? Subjects,
    IReadOnlyList<string> Kept, bool Linked, Error? Refused = null);

/// <summary>
/// The way of a file into the records: chosen, its columns found, tried, written, taken back. Each step is an address of its own, so that Back, Reload and
/// signing in again find it; what was uploaded is in memory only.
/// </summary>
internal sealed class ImportPages(
    IRecordStore store, TimeProvider clock, UploadStore<ImportUpload> uploads, IEnumerable<ImportKind> kinds, RunImport runs, ImportUndoing undoing, IAuditLog audit,
    ReadVolume reads, Home home)
{
    internal const string Path = "/nhap-du-lieu";
    internal const Roles Readers = Roles.Office | Roles.Head | Access.EveryDepartmentRole;
    private const int DaysShown = 60;

    public async Task<IResult> Start(HttpContext http, string? loai, Guid? truong, CancellationToken cancel) =>
        Show(await LoadStart(http.Actor(), loai, truong, null, cancel));

    public async Task<IResult> Upload(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var model = await LoadStart(actor, form["loai"], FormText.Id(form["truong"]), FormText.Day(form["ngay"]) ?? FormText.Day($"{form["thang"]}-01"), cancel);
        var lop = FormText.Id(form["lop"]) ?? Guid.Empty;
        if (model.Kind is not { } kind || SchoolScope.Chosen(actor, model.School) is not { } school || form.Files["tep"] is not { Length: > 0 } upload
            || kind.AsksMonth && !model.Classes.Any(c => c.Id == lop))
        {
            return Show(model with { Refused = Error.Invalid("import_incomplete", "Hãy chọn trường và tệp (.xlsx hoặc .csv) rồi gửi lại.") });
        }
        using var stream = upload.OpenReadStream();
        var table = kind.Read(stream);
        if (!table.Ok)
        {
            return Show(model with { Refused = table.Error });
        }
        var joined = kind.Join(table.Value);
        var columns = ImportColumns.Guess(kind.Columns, joined.Header);
        var token = uploads.Keep(actor.Id, new(kind.Key, new(school, joined, columns, model.Day, lop), FormText.FileName(upload.FileName)));
        return Results.LocalRedirect($"{Path}/cot?phieu={token}");
    }

    /// <summary>What is there now, under headings that come in again.</summary>
    public async Task<IResult> Take(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var kind = KindOf(actor, form["loai"]);
        var table = SchoolScope.Chosen(actor, FormText.Id(form["truong"])) is not { } school || kind is null ? null
            : await store.Read(records => kind.Export(records, school), cancel);
        if (table is null)
        {
            return Error.Invalid("no_table", "Không có bảng này. Hãy về trang Học sinh rồi chọn lại.").ToResult();
        }
        await audit.Write(new("export", actor.Id, $"{kind!.Key}/{table.Rows.Count}", ""), cancel);
        return ClassExport.FileOf(table, form["dang"]);
    }

    public async Task<IResult> Columns(HttpContext http, string? phieu, CancellationToken cancel) =>
        Find(http.Actor(), phieu) is not ({ } upload, { } kind) ? await Expired(http.Actor(), cancel) : Show(new ImportColumnsModel(phieu!, kind, upload.File));

    public async Task<IResult> Map(HttpContext http, CancellationToken cancel)
    {
        var (actor, form, phieu) = (http.Actor(), http.Request.Form, http.Request.Form["phieu"].ToString());
        if (Find(actor, phieu) is not ({ } upload, { } kind))
        {
            return await Expired(actor, cancel);
        }
        var map = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (column, chosen) in kind.Columns.Zip(form["cot"]))
        {
            if (int.TryParse(chosen, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && upload.File.Table.Header.Cells.ContainsKey(place))
            {
                map[column.Title] = place;
            }
        }
        var file = upload.File with { Columns = map };
        uploads.Change(actor.Id, phieu, upload with { File = file });
        return WhyNot(kind, map) is { } refused ? Show(new ImportColumnsModel(phieu, kind, file, refused)) : Results.LocalRedirect($"{Path}/xem?phieu={phieu}");
    }

    public async Task<IResult> Preview(HttpContext http, string? phieu, CancellationToken cancel) => await Preview(http.Actor(), phieu, null, cancel);

    public async Task<IResult> Write(HttpContext http, CancellationToken cancel)
    {
        var (actor, form, phieu) = (http.Actor(), http.Request.Form, http.Request.Form["phieu"].ToString());
        if (Find(actor, phieu) is not ({ } upload, { } kind))
        {
            return await Expired(actor, cancel);
        }
        _ = int.TryParse(form["bo-sai"], NumberStyles.None, CultureInfo.InvariantCulture, out var wrong);
        // Nobody writes a file twice by pressing twice.
        uploads.Drop(phieu);
        var run = await runs.Start(actor, kind, upload.File, wrong, cancel);
        if (!run.Ok)
        {
            return await Preview(actor, uploads.Keep(actor.Id, upload), run.Error, cancel);
        }
        await audit.Write(new("import", actor.Id, $"{kind.Key}/{run.Value:n}", ""), cancel);
        return Results.LocalRedirect($"{Path}/{run.Value}?truong={upload.File.School.Owner}");
    }

    public Task<IResult> Done(HttpContext http, Guid id, Guid? truong, CancellationToken cancel) => ShowDone(http.Actor(), id, truong, null, cancel);

    public async Task<IResult> Undo(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, truong) = (http.Actor(), FormText.Id(http.Request.Form["truong"]));
        var undone = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return !school.Ok ? school.Error
                : runs.Find(school.Value, id) is { Done: false } ? Error.Conflict("import_running", "Tệp đang được ghi. Hãy đợi ghi xong rồi hoàn tác.")
                : KindOf(actor, ImportedFile.Find(records, school.Value, id)?.Kind) is { } kind ? undoing.Decide(records, school.Value, kind, id, actor.Id)
                : UndoImport.NoImport;
        }, cancel);
        if (!undone.Ok)
        {
            return await ShowDone(actor, id, truong, undone.Error, cancel);
        }
        await audit.Write(new("import", actor.Id, $"undo/{id:n}", ""), cancel);
        return Results.LocalRedirect($"{Path}/{id}?truong={truong}");
    }

    internal static Error? WhyNot(ImportKind kind, IReadOnlyDictionary<string, int> map) =>
        ImportColumns.Missing(kind.Columns, map).FirstOrDefault() is { } missing
            ? Error.Invalid("import_column", "Chưa có cột {0}. Hãy chọn cột của tệp ghi {0}.", missing.Title)
        : map.Values.Distinct().Count() < map.Count
            ? Error.Invalid("import_column_twice", "Một cột của tệp được chọn hai lần. Hãy chọn mỗi cột một lần.")
        : null;

    private ImportKind? KindOf(Actor actor, string? key) => kinds.FirstOrDefault(k => k.Key == key && k.IsFor(actor, home));

    private (ImportUpload? Upload, ImportKind? Kind) Find(Actor actor, string? token) =>
        token is not null && uploads.Find(actor.Id, token) is { } upload ? (upload, KindOf(actor, upload.Kind)) : (null, null);

    private async Task<IResult> Expired(Actor actor, CancellationToken cancel) =>
        Show(await LoadStart(actor, null, null, null, cancel) with { Refused = Uploads.Expired });

    private async Task<IResult> Preview(Actor actor, string? phieu, Error? refused, CancellationToken cancel)
    {
        if (Find(actor, phieu) is not ({ } upload, { } kind))
        {
            return await Expired(actor, cancel);
        }
        if (WhyNot(kind, upload.File.Columns) is { } columns)
        {
            return Show(new ImportColumnsModel(phieu!, kind, upload.File, columns));
        }
        var plan = await store.Read(records => kind.Plan(records, actor, upload.File), cancel);
        var until = uploads.Of(actor.Id).First(u => u.Token == phieu).Until.ToOffset(SchoolTime.Offset);
        return plan.Ok
            ? Show(new ImportPlanModel(phieu!, kind, upload.File, upload.Name, until, plan.Value, refused))
            : Show(new ImportColumnsModel(phieu!, kind, upload.File, plan.Error));
    }

    private Task<ImportStartModel> LoadStart(Actor actor, string? loai, Guid? truong, DateOnly? day, CancellationToken cancel) => store.Read(records =>
    {
        // What is of days comes after who and what is there.
        var (own, today) = (kinds.Where(k => k.IsFor(actor, home)).OrderBy(k => k.AsksMonth).ToList(), clock.Today());
        var kind = own.Find(k => k.Key == loai) ?? own.FirstOrDefault();
        // Of an id that is no school's nothing is kept.
        var existing = SchoolScope.Existing(records, actor, truong);
        var school = existing.Ok ? existing.Value : default(Scope?);
        var year = school is null ? null : Calendar.Load(records, school.Value).YearFor(today);
        var waiting = uploads.Of(actor.Id).Select(u => new ImportWaiting(u.Token, u.Content.Kind, u.Content.Name, u.Until.ToOffset(SchoolTime.Offset)));
        var done = school is null ? [] : ImportedFile.Since(records, school.Value, clock.GetUtcNow().AddDays(-DaysShown)).Where(f => own.Exists(k => k.Key == f.Kind));
        return new ImportStartModel(
            own, kind, SchoolScope.Choices(records, actor, today), school?.Owner, day ?? today,
            kind is not { AsksMonth: true } || year is null ? [] : [.. records.AllAt<SchoolClass>(school!.Value, year.Name).OrderBy(c => c.Value, ClassOrder.Instance)],
            year is null ? [] : [.. ClassExport.MonthsOf(year, today)],
            [.. waiting], [.. done.Select(f => (f, records.NameOf(school!.Value, f.By) ?? "–"))]);
    }, cancel);

    private async Task<IResult> ShowDone(Actor actor, Guid run, Guid? truong, Error? refused, CancellationToken cancel)
    {
        var model = await store.Read(records =>
        {
            if (SchoolScope.Chosen(actor, truong) is not { } school)
            {
                return UndoImport.NoImport;
            }
            var (progress, file) = (runs.Find(school, run), ImportedFile.Find(records, school, run));
            return (file is null && progress is null) || (file is not null && KindOf(actor, file.Kind) is null)
                ? (Result<ImportDoneModel>)UndoImport.NoImport
                : undoing.Load(records, school, run, KindOf(actor, file?.Kind), progress, file);
        }, cancel);
        if (actor.Scope == Scope.City && model is { Ok: true, Value: { Linked: true } shown })
        {
            var names = shown.Kept.Count + (shown.Subjects?.Count(s => s.Why is not null) ?? 0);
            await reads.Write(new("read_pupils", actor.Id, $"{truong:n}", ""), names, sensitive: false, cancel);
        }
        return model.Match(
            m => new RazorComponentResult<ImportDonePage>(new { Model = m with { Refused = refused } })
            {
                StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
            },
            error => (IResult)error.ToResult());
    }

    private static RazorComponentResult<ImportStartPage> Show(ImportStartModel model) => new(new { Model = model }) { StatusCode = StatusOf(model.Refused) };

    private static RazorComponentResult<ImportColumnsPage> Show(ImportColumnsModel model) => new(new { Model = model }) { StatusCode = StatusOf(model.Refused) };

    private static RazorComponentResult<ImportPlanPage> Show(ImportPlanModel model) => new(new { Model = model }) { StatusCode = StatusOf(model.Refused) };

    private static int StatusOf(Error? refused) => refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code);
}

internal static class ImportRoutes
{
    internal static void MapImports(this IEndpointRouteBuilder routes)
    {
        const string path = ImportPages.Path;
        routes.MapGet(path, (HttpContext http, string? loai, string? truong, ImportPages pages, CancellationToken cancel) =>
            pages.Start(http, loai, FormText.Id(truong), cancel)).RequireRoles(ImportPages.Readers);
        routes.MapPost(path, (HttpContext http, ImportPages pages, CancellationToken cancel) => pages.Upload(http, cancel))
            .RequireRoles(ImportPages.Readers).TakesBytes(WebLimits.UploadBytesMax);
        routes.MapPost(path + "/tai", (HttpContext http, ImportPages pages, CancellationToken cancel) => pages.Take(http, cancel))
            .RequireRoles(ImportPages.Readers).RequireStepUp(new Text("Tải dữ liệu của trường thành tệp"), downloads: true);
        routes.MapGet(path + "/cot", (HttpContext http, string? phieu, ImportPages pages, CancellationToken cancel) => pages.Columns(http, phieu, cancel))
            .RequireRoles(ImportPages.Readers);
        routes.MapPost(path + "/cot", (HttpContext http, ImportPages pages, CancellationToken cancel) => pages.Map(http, cancel))
            .RequireRoles(ImportPages.Readers);
        routes.MapGet(path + "/xem", (HttpContext http, string? phieu, ImportPages pages, CancellationToken cancel) => pages.Preview(http, phieu, cancel))
            .RequireRoles(ImportPages.Readers);
        routes.MapPost(path + "/ghi", (HttpContext http, ImportPages pages, CancellationToken cancel) => pages.Write(http, cancel))
            .RequireRoles(ImportPages.Readers).RequireStepUp(new Text("Ghi dữ liệu từ tệp"));
        routes.MapGet(path + "/{id:guid}", (HttpContext http, Guid id, string? truong, ImportPages pages, CancellationToken cancel) =>
            pages.Done(http, id, FormText.Id(truong), cancel)).RequireRoles(ImportPages.Readers);
        routes.MapPost(path + "/{id:guid}/hoan-tac", (HttpContext http, Guid id, ImportPages pages, CancellationToken cancel) => pages.Undo(http, id, cancel))
            .RequireRoles(ImportPages.Readers).RequireStepUp(new Text("Hoàn tác lần nhập dữ liệu"));
    }
}
