using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public sealed record PupilPlace(string Class, DateOnly From, DateOnly? To);

/// <summary>From where the pupil came by a decision of the department, and what came along; null while the old school has not sent everything.</summary>
public sealed record PupilArrival(string From, DateOnly LastDay, int? Excused, int? Unexcused, int? RecordedAfter);

/// <param name="School">As named in the address; a box does not need it.</param>
/// <param name="Day">As chosen in the form; today at first.</param>
/// <param name="To">The class chosen in the form.</param>
public sealed record PupilModel(
    Guid? School, Guid Id, Pupil Pupil, IReadOnlyList<PupilPlace> Places, IReadOnlyList<Row<SchoolClass>> Classes, DateOnly Day,
    Guid? To = null, Error? Refused = null)
{
    public required DateOnly Today { get; init; }

    public PupilArrival? Arrival { get; init; }

    /// <summary>With pupils of other schools, by the department.</summary>
    public IReadOnlyList<MergeNotice> Merges { get; init; } = [];

    /// <summary>The correction as typed and refused, and what the form had held before; null for one that was not sent.</summary>
    public PupilForm? Typed { get; init; }

    public PupilForm? Shown { get; init; }

    public bool Edited { get; init; }

    /// <summary>The correction of what is sealed, as typed and refused.</summary>
    public FamilyForm? TypedFamily { get; init; }

    /// <summary>Of the pupil's record, as the page shows it.</summary>
    public required string Version { get; init; }

    /// <summary>Null for nearly all: since when nothing private is left.</summary>
    public DateOnly? ErasedOn { get; init; }

    /// <summary>The ledger of consents.</summary>
    public IReadOnlyList<Row<Consent>> Consents { get; init; } = [];

    /// <summary>Families speak to their school, so the department only reads.</summary>
    public bool TakesConsents { get; init; }

    /// <summary>Null until somebody asked to see them.</summary>
    public PupilSecrets? Secrets { get; init; }

    /// <summary>Who spoke, by line of the ledger; empty until somebody asked to see it.</summary>
    public IReadOnlyDictionary<Guid, string?> Speakers { get; init; } = new Dictionary<Guid, string?>();

    /// <summary>The refusal is a question, and this is where the answer goes.</summary>
    public string? AskedBy => Refused?.Reason switch { Enrol.AskMove => "chuyen", Enrol.AskLeave => "thoi-hoc", _ => null };
}

/// <summary>One pupil: who they are, where they were and are, moving to another class, leaving school.</summary>
internal sealed class PupilPlaces(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock, IAuditLog audit, ReadVolume reads)
{
    private const string Sensitive = "read_sensitive";

    public async Task<IResult> Page(HttpContext http, Guid? truong, Guid id, bool edited, CancellationToken cancel)
    {
        var actor = http.Actor();
        return (await Read("read_pupil", actor, truong, id, cancel)).Match(m => Show(m with { Edited = edited }), Refusal.ToResult);
    }

    /// <summary>Opens what is sealed, for who asked for just that, and after it is on record.</summary>
    public async Task<IResult> Reveal(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, truong) = (http.Actor(), FormText.Id(http.Request.Form["truong"]));
        return (await Read(Sensitive, actor, truong, id, cancel)).Match(
            m => Show(m.ErasedOn is null ? Opened(m, SchoolScope.Chosen(actor, truong)!.Value) : m with { Refused = Erasure.Done }), Refusal.ToResult);
    }

    public async Task<IResult> Edit(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var truong = FormText.Id(form["truong"]);
        var (shown, typed) = (PupilForm.Read(form, PupilForm.ShownPrefix), PupilForm.Read(form));
        var edited = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return !school.Ok ? school.Error
                : records.Get<Pupil>(school.Value, id) is not { } before ? NoPupil
                : EditPupil.Decide(catalogue, records, school.Value, before, shown, typed, clock.Today());
        }, cancel);
        return edited.Ok
            ? Results.LocalRedirect($"/hoc-sinh/{id}?truong={truong}&ghi=1")
            : (await Load(actor, truong, id, cancel)).Match(
                m => Show(m with { Refused = edited.Error, Typed = typed, Shown = shown }), Refusal.ToResult);
    }

    public async Task<IResult> Family(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (truong, typed) = (FormText.Id(form["truong"]), FamilyForm.Read(form));
        var edited = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return !school.Ok ? school.Error
                : records.Get<Pupil>(school.Value, id) is not { } before ? NoPupil
                : EditFamily.Decide(catalogue, seals, records, school.Value, before, form["ban"].ToString(), typed);
        }, cancel);
        var about = edited.Ok ? $"{id:n}/{string.Join(',', edited.Value)}" : id.ToString("n");
        await audit.Write(new("edit_sensitive", actor.Id, about, edited.Ok ? "" : edited.Error.Reason), CancellationToken.None);
        return edited.Ok
            ? Results.LocalRedirect($"/hoc-sinh/{id}?truong={truong}&ghi=1")
            : (await Load(actor, truong, id, cancel)).Match(
                m => Show(m with { Refused = edited.Error, TypedFamily = m.ErasedOn is null ? typed : null }), Refusal.ToResult);
    }

    public Task<IResult> Move(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (to, agreed) = (FormText.Id(http.Request.Form["lop"]) ?? Guid.Empty, Agreed(http));
        return Change(http, id, (records, school, day) =>
            Enrol.Move(catalogue, records, school, new(id, to, day, null), clock.Today(), agreed), cancel);
    }

    public Task<IResult> Leave(HttpContext http, Guid id, CancellationToken cancel)
    {
        var agreed = Agreed(http);
        return Change(http, id, (records, school, day) => Enrol.Leave(catalogue, records, school, id, day, clock.Today(), agreed), cancel);
    }

    public Task<IResult> Consent(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var name = VietnameseText.Normalise(form["ten-nguoi"].ToString());
        var party = form["ai-noi"].ToString() switch { "child" => Party.Child, "parent" => Party.Parent, _ => default };
        var asked = ConsentPurpose.All.FirstOrDefault(p => p.Key == form["muc-dich"]);
        return Change(http, id, (_, school, day) => ConsentLedger.Add(
            catalogue, seals, school, new(id, asked?.Key ?? "", asked?.Version ?? 0, form["cho"] == "1", party, null!, day, http.Actor().Id), name, clock.Today(), clock),
            cancel);
    }

    /// <summary>On record before it is shown; who asks for a pupil that there is not has read nothing.</summary>
    private async Task<Result<PupilModel>> Read(string what, Actor actor, Guid? truong, Guid id, CancellationToken cancel)
    {
        var found = await Load(actor, truong, id, cancel);
        var nothing = !found.Ok ? found.Error : what == Sensitive && found.Value.ErasedOn is not null ? Erasure.Done : null;
        await reads.Write(new(what, actor.Id, id.ToString("n"), nothing?.Reason ?? ""), nothing is null ? 1 : 0, what == Sensitive, cancel);
        return found;
    }

    private static bool Agreed(HttpContext http) => http.Request.Form["dongy"] == "1";

    private async Task<IResult> Change(
        HttpContext http, Guid id, Func<IRecords, Scope, DateOnly, Decision<Guid>> decide, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var truong = FormText.Id(form["truong"]);
        var changed = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return !school.Ok ? school.Error
                : records.Get<Pupil>(school.Value, id) is null ? NoPupil
                : FormText.Day(form["ngay"]) is not { } day ? FormText.NoDay
                : decide(records, school.Value, day);
        }, cancel);
        return changed.Ok
            ? Results.LocalRedirect($"/hoc-sinh/{id}?truong={truong}&ghi=1")
            : (await Load(actor, truong, id, cancel)).Match(
                m => Show(m with { Refused = changed.Error, Day = FormText.Day(form["ngay"]) ?? m.Day, To = FormText.Id(form["lop"]) }),
                Refusal.ToResult);
    }

    private Task<Result<PupilModel>> Load(Actor actor, Guid? chosen, Guid id, CancellationToken cancel) => store.Read(records =>
    {
        if (SchoolScope.Chosen(actor, chosen) is not { } school || records.Get<Pupil>(school, id) is not { } pupil)
        {
            return NoPupil;
        }
        var today = clock.Today();
        var year = Calendar.Load(records, school).YearFor(today);
        var classes = (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name)).OrderBy(c => c.Value, ClassOrder.Instance);
        var places = Enrol.PlacesOf(records, school, id).Select(p => p.Value).Where(p => !Period.Of(p).IsEmpty).OrderBy(p => p.From)
            .Select(p => new PupilPlace(records.Get<SchoolClass>(school, p.Class)?.Value.Name ?? "", p.From, p.To));
        var erased = Erasure.DayOf(records, school, id);
        return (Result<PupilModel>)new PupilModel(chosen, id, pupil.Value, [.. places], [.. classes], today) {
            Today = today, Version = pupil.Version.ToString(), Arrival = ArrivalOf(records, school, id),
            Merges = [.. MergeNotice.Of(records, school).Where(m => m.Pupil == id)],
            Consents = records.AllAt<Consent>(school, id.ToString("n")), TakesConsents = actor.Scope == school && erased is null,
            ErasedOn = erased,
        };
    }, cancel);

    private PupilModel Opened(PupilModel m, Scope school) => m with
    {
        Secrets = PupilSecrets.Of(seals, school, m.Id, m.Pupil),
        Speakers = m.Consents.ToDictionary(c => c.Id, c => seals.Open(school, m.Id, nameof(Registry.Consent.Name), c.Value.Name)),
    };

    private static PupilArrival? ArrivalOf(IRecords records, Scope school, Guid pupil) =>
        PupilMoves.Of(records, school)?.Transfers.Values.Where(t => t.Pupil == pupil && t.To == school.Owner).MaxBy(t => t.Effective) is { } t
            ? new(records.Get<Unit>(Scope.City, t.From)?.Value.Name ?? "", t.Effective, t.Excused, t.Unexcused, t.RecordedAfter)
            : null;

    private static Error NoPupil { get; } =
        Error.NotFound("no_pupil", "Không có học sinh này ở trường. Hãy chọn lại lớp rồi chọn lại tên.");

    private static IResult Show(PupilModel model) => new RazorComponentResult<PupilPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
