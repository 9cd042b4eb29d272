using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using Calendar = TdmEdu.Modules.Registry.Calendar;

namespace TdmEdu.Modules.Attendance;

/// <summary>What a sheet on paper is found by: the class's code, the day and the slot, as "BCHKMN-260907-01". It says which sheet, and opens nothing.</summary>
internal static partial class PaperCode
{
    public static string Of(SessionKey key) =>
        string.Create(CultureInfo.InvariantCulture, $"{PupilKeys.CodeOf(key.Class)}-{key.Date:yyMMdd}-{(int)key.Slot:00}");

    /// <summary>Typed, or scanned with the address around it; null where it is no sheet of a class of that day's year.</summary>
    public static SessionKey? Find(IRecords records, Scope school, string typed)
    {
        if (Code().Match(typed.Trim().ToUpperInvariant()) is not { Success: true } code
            || !DateOnly.TryParseExact(code.Groups[2].Value, "yyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || (Slot)int.Parse(code.Groups[3].Value, CultureInfo.InvariantCulture) is var slot && !Enum.IsDefined(slot)
            || Calendar.Load(records, school).YearOf(day) is not { } year)
        {
            return null;
        }
        return records.AllAt<SchoolClass>(school, year.Name).FirstOrDefault(c => PupilKeys.CodeOf(c.Id) == code.Groups[1].Value) is { } lop ? new(lop.Id, day, slot) : null;
    }

    [GeneratedRegex(@"([A-Z0-9]{6})[- ]?(\d{6})[- ]?(\d{2})$")]
    private static partial Regex Code();
}

/// <param name="Slots">What attendance of the class is taken of on that day.</param>
/// <param name="Sheet">Null where there is nothing to print.</param>
/// <param name="Code">Typed at the office; <paramref name="Address"/> is the same for a scanner.</param>
public sealed record PaperSheetModel(
    IReadOnlyList<Row<SchoolClass>> Classes, DateOnly Date, IReadOnlyList<Slot> Slots, SheetReply? Sheet, string Code, Uri? Address);

public sealed record PaperEntryModel(string Typed, Error? Refused);

/// <summary>Attendance on paper: a class's sheet to be ticked where there is no phone, and the way of what was ticked into the box.</summary>
internal sealed class PaperSheets(IRecordStore store, TimeProvider clock)
{
    internal const string Path = "/phieu-diem-danh";
    internal const string EntryPath = "/nhap-phieu";
    private const int TypedCharsMax = 200;

    public async Task<IResult> Print(HttpContext http, Guid? lop, DateOnly? ngay, Slot? buoi, CancellationToken cancel)
    {
        var actor = http.Actor();
        var model = await store.Read(records => Load(records, actor, lop, ngay ?? clock.Today(), buoi), cancel);
        var address = model.Sheet is null ? null : new Uri($"https://{http.Request.Host}{EntryPath}?ma={model.Code}");
        return new RazorComponentResult<PaperSheetPage>(new { Model = model with { Address = address } });
    }

    public async Task<IResult> Enter(HttpContext http, string? ma, CancellationToken cancel)
    {
        var (actor, typed) = (http.Actor(), ma is { Length: <= TypedCharsMax } ? ma : "");
        var key = typed.Length == 0 ? null : await store.Read(records => PaperCode.Find(records, actor.Scope, typed), cancel);
        if (key is not null)
        {
            return Results.LocalRedirect(Wall.AddressOf(key.Class, key.Date, key.Slot).Replace("#", "?phieu=1#", StringComparison.Ordinal));
        }
        var refused = typed.Length == 0 ? null : Error.NotFound(
            "paper_unknown", "Không có phiếu nào với mã này. Hãy quét lại mã QR, hoặc gõ đủ mã in dưới nó, ví dụ BCHKMN-260907-01.");
        return new RazorComponentResult<PaperEntryPage>(new { Model = new PaperEntryModel(typed, refused) })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }

    private PaperSheetModel Load(IRecords records, Actor actor, Guid? lop, DateOnly day, Slot? buoi)
    {
        var (school, work, offered) = (actor.Scope, new TeachersWork(records, actor, day, clock.Today()), new SlotsOfDay(records, actor.Scope, day));
        List<Row<SchoolClass>> classes = [.. (Calendar.Load(records, school).YearOf(day) is { } year ? records.AllAt<SchoolClass>(school, year.Name) : [])
            .Where(c => actor.Is(SubmitSession.Offices) || offered.Of(c.Id, c.Value).Any(s => work.Has(c.Id, s))).OrderBy(c => c.Value, ClassOrder.Instance)];
        if ((classes.Find(c => c.Id == lop) ?? classes.FirstOrDefault()) is not { } chosen)
        {
            return new(classes, day, [], null, "", null);
        }
        List<Slot> slots = [.. offered.Of(chosen.Id, chosen.Value).Where(s => actor.Is(SubmitSession.Offices) || work.Has(chosen.Id, s))];
        var key = new SessionKey(chosen.Id, day, buoi is { } wanted && slots.Contains(wanted) ? wanted : slots[0]);
        return new(classes, day, slots, SheetReply.Of(records, school, key), PaperCode.Of(key), null);
    }
}

internal static class PaperRoutes
{
    internal static readonly NavEntry Nav = new(PaperSheets.Path, "Phiếu giấy", AttendanceModule.School, Side.Edge);

    internal static void MapPaperSheets(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PaperSheets.Path, (HttpContext http, string? lop, string? ngay, string? buoi, PaperSheets sheets, CancellationToken cancel) =>
            sheets.Print(http, FormText.Id(lop), FormText.Day(ngay), Enum.TryParse<Slot>(buoi, out var slot) ? slot : null, cancel)).RequireRoles(Nav.Roles);
        routes.MapGet(PaperSheets.EntryPath, (HttpContext http, string? ma, PaperSheets sheets, CancellationToken cancel) => sheets.Enter(http, ma, cancel))
            .RequireRoles(SubmitSession.Offices);
    }
}
