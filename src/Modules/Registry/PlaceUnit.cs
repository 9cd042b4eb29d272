using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>In which ward a unit lies from a day on. Where it lay before stays recorded: reports of earlier days ask for it.</summary>
internal static class PlaceUnit
{
    public static Decision<Guid> Decide(Catalogue catalogue, IRecords records, Guid id, Guid ward, DateOnly from)
    {
        var units = Units.Load(records);
        if (units.All.FirstOrDefault(u => u.Id == id) is not { Value.Kind: UnitKind.School or UnitKind.IndependentGroup } unit)
        {
            return NoUnit;
        }
        var placed = From(units, unit.Value, ward, from);
        return placed.Ok ? new Decision<Guid>(id, catalogue.Change(Scope.City, unit, placed.Value) is { } draft ? [draft] : []) : placed.Error;
    }

    /// <summary>The unit as it is then; unchanged where it lies in that ward anyway. From the day of the last change on, that change is corrected.</summary>
    public static Result<Unit> From(Units units, Unit unit, Guid ward, DateOnly from)
    {
        if (!units.ValidOn(from).Any(u => u.Id == ward && u.Value.Kind == UnitKind.Ward))
        {
            return Error.Invalid("ward_day", "Ngày {0:dd/MM/yyyy} không có phường này. Hãy chọn lại phường hoặc ngày.", from);
        }
        if (units.WardOn(unit, from)?.Id == ward)
        {
            return unit;
        }
        var since = unit.WardSince;
        return from < since
            ? Error.Conflict("ward_history", "Phường của đơn vị đã được ghi từ ngày {0:dd/MM/yyyy}. Hãy chọn ngày từ ngày đó trở đi.", since)
            : unit with
            {
                Ward = ward,
                Earlier = from == since ? unit.Earlier : [.. unit.Earlier ?? [], new(unit.Ward, from.AddDays(-1))],
            };
    }

    public static Error NoUnit { get; } = Error.NotFound("no_unit", "Không có đơn vị này. Hãy về trang Đơn vị rồi chọn lại.");
}
