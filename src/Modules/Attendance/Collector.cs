using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>Somebody who may fetch a child from school. All that says who it is is sealed with the child's key, and ends with it.</summary>
/// <param name="Relation">As the family says it: "bà ngoại".</param>
/// <param name="Ended">The family has taken the person off the list.</param>
public sealed record Collector(Guid Pupil, Sealed? Name, Sealed? Relation, Sealed? Phone, bool Ended);

/// <summary>Who took a child home and when. Never changed: what is ticked later about the same day stands.</summary>
/// <param name="AtMs">The box's clock.</param>
/// <param name="TakenBack">That was a mistake: the child has not gone with this person.</param>
public sealed record PickUp(Guid Pupil, DateOnly Date, Guid Collector, long AtMs, Guid By, bool TakenBack = false);

/// <summary>A person on a child's list as people read it.</summary>
public sealed record CollectorLine(Guid Id, string Name, string Relation, string? Phone, bool Ended)
{
    internal static IReadOnlyList<CollectorLine> Of(IRecords records, Seals seals, Scope school, Guid pupil, bool phones) =>
    [
        .. records.AllAt<Collector>(school, pupil.ToString("n")).Select(c => new CollectorLine(
            c.Id, seals.Open(school, pupil, Collectors.NameField, c.Value.Name) ?? "–", seals.Open(school, pupil, Collectors.RelationField, c.Value.Relation) ?? "",
            phones ? seals.Open(school, pupil, Collectors.PhoneField, c.Value.Phone) : null, c.Value.Ended))
            .OrderBy(c => c.Ended).ThenBy(c => c.Name, StringComparer.Ordinal).ThenBy(c => c.Id),
    ];
}

/// <summary>The rules of a child's list, and of the door.</summary>
internal static class Collectors
{
    internal const string NameField = "collector.name";
    internal const string RelationField = "collector.relation";
    internal const string PhoneField = "collector.phone";

    /// <summary>Those names, by the record's own.</summary>
    internal static string FieldOf(string property) => $"collector.{property.ToLowerInvariant()}";

    internal const int TextCharsMax = 80;
    internal const int PerPupilMax = 12;

    public static Decision<Guid> Add(
        Catalogue catalogue, Seals seals, IRecords records, Actor actor, Guid pupil, (string Name, string Relation, string Phone) typed, TimeProvider clock)
    {
        if (new[] { typed.Name, typed.Relation, typed.Phone }.Any(t => t.Length is 0 or > TextCharsMax) || !typed.Phone.Any(char.IsAsciiDigit))
        {
            return Error.Invalid("collector_text", "Hãy ghi họ tên, quan hệ với trẻ và số điện thoại của người được đón, mỗi mục nhiều nhất {0} chữ.", TextCharsMax);
        }
        if (seals.WhyNot(actor.Scope) is { } noSeal)
        {
            return noSeal;
        }
        if (records.AllAt<Collector>(actor.Scope, pupil.ToString("n")).Count(c => !c.Value.Ended) >= PerPupilMax)
        {
            return Error.Conflict("collector_many", "Mỗi trẻ có nhiều nhất {0} người được đón. Hãy bỏ bớt người không còn đón trẻ.", PerPupilMax);
        }
        Sealed? Seal(string field, string value) => seals.Seal(actor.Scope, pupil, field, value);
        var id = RecordId.New(clock);
        return new(id, [catalogue.Create(actor.Scope, id, new Collector(
            pupil, Seal(NameField, typed.Name), Seal(RelationField, typed.Relation), Seal(PhoneField, typed.Phone), Ended: false))]);
    }

    public static Decision<Guid> End(Catalogue catalogue, IRecords records, Actor actor, Guid pupil, Guid id) =>
        records.Get<Collector>(actor.Scope, id) is not { } before || before.Value.Pupil != pupil ? NoCollector
        : catalogue.Change(actor.Scope, before, before.Value with { Ended = true }) is { } draft ? new Decision<Guid>(id, [draft]) : id;

    /// <summary>At the door: only who stands on the child's list takes it.</summary>
    public static Decision<Guid> Take(Catalogue catalogue, IRecords records, Actor actor, Guid pupil, Guid collector, TimeProvider clock)
    {
        if (Calendar.Load(records, actor.Scope).WhyClosed(clock.Today()) is { } closed)
        {
            return closed;
        }
        if (records.Get<Collector>(actor.Scope, collector) is not { } found || found.Value.Pupil != pupil || found.Value.Ended)
        {
            return NoCollector;
        }
        return Of(records, actor.Scope, clock.Today())[pupil].LastOrDefault()?.Value is { TakenBack: false } last && last.Collector == collector
            ? collector : New(catalogue, actor, pupil, collector, takenBack: false, clock);
    }

    /// <summary>A wrong tap: what was ticked stays, and that it was wrong is written after it.</summary>
    /// <param name="wrong">What the person saw; not what somebody else has ticked since.</param>
    public static Decision<Guid> TakeBack(Catalogue catalogue, IRecords records, Actor actor, Guid pupil, Guid wrong, TimeProvider clock)
    {
        var ticked = Of(records, actor.Scope, clock.Today())[pupil].ToList();
        return ticked is [.., { Value.TakenBack: true } back] && ticked.Exists(p => p.Id == wrong) ? back.Value.Collector
            : ticked is [.., { } last] && last.Id == wrong
            ? New(catalogue, actor, pupil, last.Value.Collector, takenBack: true, clock)
            : Error.Conflict("pick_up_changed", "Lần đón này đã được ghi khác từ khi trang mở. Hãy xem lại dòng của trẻ rồi bấm lại nếu vẫn cần.");
    }

    /// <summary>What was ticked on a day, by child; the last stands.</summary>
    public static ILookup<Guid, Row<PickUp>> Of(IRecords records, Scope school, DateOnly day) =>
        records.AllAt<PickUp>(school, day.Iso()).OrderBy(p => p.Version).ThenBy(p => p.Id).ToLookup(p => p.Value.Pupil);

    private static Decision<Guid> New(Catalogue catalogue, Actor actor, Guid pupil, Guid collector, bool takenBack, TimeProvider clock) =>
        new(collector, [catalogue.Create(actor.Scope, RecordId.New(clock), new PickUp(
            pupil, clock.Today(), collector, clock.GetUtcNow().ToUnixTimeMilliseconds(), actor.Id, takenBack))]);

    private static Error NoCollector { get; } = Error.Conflict(
        "no_collector", "Người này không có trong danh sách được đón của trẻ. Chưa giao trẻ: hãy gọi gia đình, rồi ghi thêm người được đón nếu gia đình đồng ý.");
}
