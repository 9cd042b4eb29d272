using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>From where schools take their pupils in, over the wards of 2025 and their change.</summary>
public class CatchmentTests
{
    private static readonly DateOnly Before = new(2025, 6, 30);
    private static readonly DateOnly After = new(2025, 7, 1);
    private static readonly Guid School = Guid.Parse("01900000-0000-7000-8000-00000000ca01");
    private static readonly Guid Other = Guid.Parse("01900000-0000-7000-8000-00000000ca02");

    private readonly KernelStore store = new(Side.Central, new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero)));

    public CatchmentTests()
    {
        store.Seed(Compose.Wards(store.Catalogue));
        foreach (var (id, name) in new[] { (School, "Tiểu học Thử"), (Other, "Tiểu học Hai") })
        {
            store.Seed([store.Catalogue.Create(Scope.City, id, new Unit(UnitKind.School, $"{id:n}"[^8..], name, "TH", null, new(2020, 9, 1), null))]);
        }
    }

    [Fact]
    public void A_map_names_the_wards_that_nobody_takes_in_and_those_that_were_split()
    {
        Begin(School, "25744", "", new(2024, 9, 1));
        Begin(School, "25774", "Chánh Lộc 1, 2", new(2024, 9, 1));
        Begin(Other, "25744", "khu 3", new(2024, 9, 1));

        var then = Map(Before, Before);
        Assert.Equal(14, then.Wards.Count);
        Assert.Equal(12, then.Wards.Count(w => w.Schools is []));
        Assert.Equal(["Tiểu học Hai", "Tiểu học Thử"], then.Wards.Single(w => w.Name == "Phường Phú Lợi").Schools.Select(s => s.Name));
        Assert.Empty(then.Unknown);

        var now = Map(Before, After);
        Assert.Equal((5, 4), (now.Wards.Count, now.Wards.Count(w => w.Schools is [])));
        Assert.Equal("Chánh Lộc 1, 2", Assert.Single(now.Unknown).Part);
        Assert.All(Map(new(2024, 8, 31), Before).Wards, w => Assert.Empty(w.Schools));
    }

    [Fact]
    public void A_level_of_a_school_of_two_counts_for_each()
    {
        store.Seed([store.Catalogue.Change(
            Scope.City, store.Get<Unit>(Scope.City, School)!, store.Get<Unit>(Scope.City, School)!.Value with { Level = "TH-THCS" })!]);
        Begin(School, "25744", "", new(2024, 9, 1));
        Assert.Single(Map(Before, Before, "THCS").Wards, w => w.Schools is [_]);
        Assert.All(Map(Before, Before, "MN").Wards, w => Assert.Empty(w.Schools));
    }

    [Fact]
    public void Neighbourhoods_stand_beside_each_other_and_the_whole_ward_stands_alone()
    {
        Begin(School, "25744", "khu 1", new(2024, 9, 1));
        var second = Begin(School, "25744", "khu 2", new(2024, 9, 1));
        Assert.Equal("catchment_held", Try(School, "25744", "KHU  1", new(2025, 1, 1)));
        Assert.Equal("catchment_held", Try(School, "25744", "", new(2025, 1, 1)));
        Assert.Equal("catchment_day", Try(School, "25744", "khu 9", After));
        Assert.Equal("catchment_day", Try(School, "25744", "khu 9", new(2019, 9, 1)));
        Assert.Equal("no_unit", Try(Guid.Empty, "25744", "", Before));

        End(School, second, new(2024, 12, 31));
        Assert.Equal(new DateOnly(2024, 12, 31), store.Get<Catchment>(Scope.City, second)!.Value.To);
        Assert.Equal("no_catchment", SetCatchment.End(store.Catalogue, store, Other, second, Before).Reply.Error.Reason);
        Begin(School, "25744", "khu 2", new(2025, 1, 1));
        Assert.Equal("catchment_end", SetCatchment.End(store.Catalogue, store, School, second, new(2024, 8, 31)).Reply.Error.Reason);
        Assert.Equal("catchment_held", SetCatchment.End(store.Catalogue, store, School, second, new(2025, 1, 1)).Reply.Error.Reason);
        End(School, second, new(2024, 12, 30));
        Assert.Equal(new DateOnly(2024, 12, 30), store.Get<Catchment>(Scope.City, second)!.Value.To);
        End(School, second, null);
        Assert.Single(Map(Before, Before).Wards, w => w.Schools.Any(s => s.Part == "khu 2"));
        Assert.DoesNotContain(Map(new(2024, 10, 1), new(2024, 10, 1)).Wards, w => w.Schools.Any(s => s.Part == "khu 2"));
    }

    private CatchmentMap Map(DateOnly on, DateOnly borders, string level = "TH") =>
        CatchmentMap.Of(Units.Load(store), store.All<Catchment>(Scope.City).Select(c => c.Value), level, on, borders);

    private Catchment Wanted(Guid school, string ward, string part, DateOnly from) =>
        new(school, Units.Load(store).Find(ward, Before)!.Id, part, from, null);

    private Guid Begin(Guid school, string ward, string part, DateOnly from)
    {
        var decision = SetCatchment.Begin(store.Catalogue, store, Wanted(school, ward, part, from));
        store.Seed(decision.Drafts);
        return decision.Reply.Value;
    }

    private string Try(Guid school, string ward, string part, DateOnly from) =>
        SetCatchment.Begin(store.Catalogue, store, Wanted(school, ward, part, from)).Reply.Error.Reason;

    private void End(Guid school, Guid id, DateOnly? last) => store.Seed(SetCatchment.End(store.Catalogue, store, school, id, last).Drafts);
}
