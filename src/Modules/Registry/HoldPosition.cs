using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Who is what from when to when. As with work in classes, a record is ended and another begun; what was wrong is ended before it began.</summary>
internal static class HoldPosition
{
    public static Decision<Guid> Begin(Catalogue catalogue, IRecords records, Scope scope, StaffPosition wanted)
    {
        if (records.Get<Staff>(scope, wanted.Staff) is null)
        {
            return ChangeAccount.NoOne;
        }
        if (Positions.At(LevelOf(records, scope)).FirstOrDefault(p => p.Code == wanted.Code) is not { } position)
        {
            return Error.Invalid("position", "Hãy chọn chức vụ trong danh sách.");
        }
        if (wanted.To < wanted.From)
        {
            return Error.Invalid("position_days", "Ngày kết thúc phải từ ngày bắt đầu trở đi. Hãy sửa lại ngày.");
        }
        var held = records.All<StaffPosition>(scope);
        if (WhyNot(position, wanted, [.. held.Select(h => h.Value)], id => records.Get<Staff>(scope, id)?.Value.FullName) is { } refusal)
        {
            return refusal;
        }
        var id = RecordId.From(scope, "registry.position", $"{wanted.Staff:n}|{wanted.Code}|{wanted.From.Iso()}");
        // The same from the same day is the same record: taken up again, its end is taken back.
        var draft = held.FirstOrDefault(h => h.Id == id) is { } before ? catalogue.Change(scope, before, wanted) : catalogue.Create(scope, id, wanted);
        return new(id, draft is null ? [] : [draft]);
    }

    /// <param name="last">The last day; before the first, it never was.</param>
    public static Decision<Guid> End(Catalogue catalogue, IRecords records, Scope scope, Guid staff, Guid id, DateOnly last)
    {
        if (records.Get<StaffPosition>(scope, id) is not { } before || before.Value.Staff != staff)
        {
            return Error.NotFound("no_position", "Không có chức vụ này. Hãy tải lại trang.");
        }
        var days = Period.Of(before.Value);
        var ended = days.To <= last ? before.Value : before.Value with { To = days.EndBefore(last.AddDays(1)) };
        return new(id, catalogue.Change(scope, before, ended) is { } draft ? [draft] : []);
    }

    internal static Error? WhyNot(Position position, StaffPosition wanted, IReadOnlyList<StaffPosition> held, Func<Guid, string?> nameOf) =>
        held.FirstOrDefault(h => h.Code == wanted.Code && (h.Staff == wanted.Staff || position.Single) && Period.Of(h).Overlaps(Period.Of(wanted))) is { } other
            ? Error.Conflict(
                "position_held", "{0} đã giữ chức vụ này từ {1:dd/MM/yyyy}. Hãy kết thúc chức vụ đó trước.", nameOf(other.Staff) ?? "", other.From)
            : null;

    internal static string? LevelOf(IRecords records, Scope scope) =>
        scope == Scope.Department ? Positions.Department : records.Get<Unit>(Scope.City, scope.Owner)?.Value.Level;
}
