using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A catchment is begun and ended, never rewritten: which child belonged where is asked for earlier years too.</summary>
internal static class SetCatchment
{
    private const int PartCharsMax = 200;

    public static Decision<Guid> Begin(Catalogue catalogue, IRecords records, Catchment wanted)
    {
        var units = Units.Load(records);
        if (units.All.FirstOrDefault(u => u.Id == wanted.School) is not { Value: { Kind: UnitKind.School or UnitKind.IndependentGroup } school })
        {
            return PlaceUnit.NoUnit;
        }
        if (!school.IsValidOn(wanted.From) || !units.WardsOf(wanted.From).Exists(w => w.Id == wanted.Ward))
        {
            return Error.Invalid(
                "catchment_day", "Ngày {0:dd/MM/yyyy} không có đơn vị này hoặc phường này. Hãy chọn lại phường hoặc ngày.", wanted.From);
        }
        if (wanted.To < wanted.From || wanted.Part.Length > PartCharsMax)
        {
            return Error.Invalid("catchment_text", "Ngày cuối phải từ ngày đầu trở đi, và tên các khu phố dài nhất {0} chữ. Hãy sửa rồi ghi lại.", PartCharsMax);
        }
        var all = records.All<Catchment>(Scope.City);
        if (WhyNot(all, wanted) is { } refusal)
        {
            return refusal;
        }
        var id = RecordId.From(Scope.City, "registry.catchment", $"{wanted.School:n}|{wanted.Ward:n}|{VietnameseText.Key(wanted.Part)}|{wanted.From.Iso()}");
        // One that was removed by mistake is taken up again.
        var draft = all.FirstOrDefault(c => c.Id == id) is { } before ? catalogue.Change(Scope.City, before, wanted) : catalogue.Create(Scope.City, id, wanted);
        return new(id, draft is null ? [] : [draft]);
    }

    /// <param name="last">The last day; null for one that was recorded by mistake and never was.</param>
    public static Decision<Guid> End(Catalogue catalogue, IRecords records, Guid school, Guid id, DateOnly? last)
    {
        if (records.Get<Catchment>(Scope.City, id) is not { } before || before.Value.School != school)
        {
            return Error.NotFound("no_catchment", "Không có địa bàn này. Hãy tải lại trang.");
        }
        if (last < before.Value.From)
        {
            return Error.Invalid(
                "catchment_end", "Ngày cuối phải từ {0:dd/MM/yyyy} trở đi. Nếu ghi nhầm địa bàn này, hãy bấm Bỏ địa bàn.", before.Value.From);
        }
        var ended = before.Value with { To = last ?? before.Value.From.AddDays(-1) };
        if (WhyNot(records.All<Catchment>(Scope.City).Where(c => c.Id != id), ended) is { } refusal)
        {
            return refusal;
        }
        return new(id, catalogue.Change(Scope.City, before, ended) is { } draft ? [draft] : []);
    }

    private static Error? WhyNot(IEnumerable<Row<Catchment>> others, Catchment wanted) => others.FirstOrDefault(c => Collides(c.Value, wanted)) is { } held
        ? Error.Conflict("catchment_held", "Trường đã nhận học sinh của phường này từ {0:dd/MM/yyyy}. Hãy kết thúc địa bàn đó trước.", held.Value.From)
        : null;

    /// <summary>Different neighbourhoods of a ward stand beside each other; the whole ward stands alone.</summary>
    private static bool Collides(Catchment held, Catchment wanted) =>
        held.School == wanted.School && held.Ward == wanted.Ward && Period.Of(held).Overlaps(Period.Of(wanted))
        && (held.Part is [] || wanted.Part is [] || VietnameseText.Key(held.Part) == VietnameseText.Key(wanted.Part));
}
