using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class UnitsTests
{
    private static readonly DateOnly Before = new(2025, 6, 30);
    private static readonly DateOnly After = new(2025, 7, 1);
    private static readonly Actor Officer = new(Guid.Parse("01900000-0000-7000-8000-000000000d01"), Scope.City, Roles.DepartmentOfficer);

    private readonly KernelStore store = new(Side.Central, new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void A_code_names_a_ward_only_together_with_a_day()
    {
        store.Seed(Compose.Wards(store.Catalogue));
        var units = Units.Load(store);
        Assert.Equal(14, units.ValidOn(Before).Count());
        Assert.Equal(5, units.ValidOn(After).Count());
        Assert.Equal("Phường Phú Hòa", units.Find("25750", Before)!.Value.Name);
        Assert.Equal("Phường Phú Lợi", units.Find("25750", After)!.Value.Name);
        Assert.Equal("Phường Phú Lợi", units.Find("25744", Before)!.Value.Name);
        Assert.Null(units.Find("25744", After));
    }

    [Theory]
    [InlineData("25744", "Phường Phú Lợi")]
    [InlineData("25753", "Phường Thủ Dầu Một")]
    [InlineData("25774", "Phường Chánh Hiệp", "Phường Thủ Dầu Một")]
    public void A_ward_is_followed_to_what_became_of_it(string code, params string[] became)
    {
        store.Seed(Compose.Wards(store.Catalogue));
        var units = Units.Load(store);
        var ward = units.Find(code, Before)!.Id;
        Assert.Equal(became, units.On(ward, After).Select(u => u.Value.Name).Order());
        Assert.Equal([ward], units.On(ward, Before).Select(u => u.Id));
    }

    [Fact]
    public async Task The_city_s_units_are_imported_and_a_second_import_changes_nothing()
    {
        if (SharedData.Find("units/schools.csv") is not { } path)
        {
            Assert.Skip("shared/data/units/schools.csv is not here; set TDMEDU_SHARED to the folder shared/data.");
            return;
        }
        var cancel = TestContext.Current.CancellationToken;
        var file = new UnitFile(await File.ReadAllTextAsync(path, cancel), Before, SampleCodes: true);
        var plan = ImportUnits.Plan(store.Catalogue, store, file).Value;
        Assert.Equal((160, 0), (plan.Count(Verdict.Add), plan.Count(Verdict.Wrong)));
        Assert.Equal(160, (await ImportUnits.Apply(store, store.Catalogue, Officer, file, cancel)).Value);
        var units = Units.Load(store).All.Where(u => u.Value.Kind != UnitKind.Ward).Select(u => u.Value).ToList();
        Assert.Equal((160, 52), (units.Count, units.Count(u => u.Kind == UnitKind.IndependentGroup)));
        Assert.All(units, u => Assert.True(u.SampleCode));

        var written = store.OpsWritten;
        Assert.Equal(160, ImportUnits.Plan(store.Catalogue, store, file).Value.Count(Verdict.Same));
        Assert.Equal(0, (await ImportUnits.Apply(store, store.Catalogue, Officer, file, cancel)).Value);
        Assert.Equal(written, store.OpsWritten);
    }

    [Fact]
    public void Every_wrong_row_is_named_with_its_reason()
    {
        const string csv = """
            code,name,level,ward_code,synthetic
            74718301,"Trường ""Hoa Sen"", cơ sở 1",MN,25744,1
            7471,Mã ngắn,MN,25744,1
            74718302,,MN,25744,1
            74718303,Cấp lạ,ĐH,25744,1
            74718304,Phường lạ,MN,99999,1
            74718301,Trùng mã,MN,25744,1
            """;
        var plan = ImportUnits.Plan(store.Catalogue, store, new(csv, Before, false)).Value;
        Assert.Equal("Trường \"Hoa Sen\", cơ sở 1", plan.Rows[0].Name);
        Assert.Equal([3, 4, 5, 6, 7], plan.Rows.Where(r => r.Verdict == Verdict.Wrong).Select(r => r.Number));
        Assert.All(plan.Rows.Skip(1), r => Assert.Contains("Hãy", r.Reason!.Vietnamese, StringComparison.Ordinal));
        Assert.Equal(6, ImportUnits.Plan(store.Catalogue, store, new(csv, After, false)).Value.Rows.Count(r =>
            r.Verdict == Verdict.Wrong || r.Code == "74718301"));
    }

    [Fact]
    public async Task A_changed_name_is_one_change_and_search_ignores_tones_and_spelling()
    {
        var cancel = TestContext.Current.CancellationToken;
        const string csv = "code,name,level,ward_code\n74718401,Trường Tiểu học Định Hòa,TH,25759\n";
        await ImportUnits.Apply(store, store.Catalogue, Officer, new(csv, Before, false), cancel);
        var renamed = new UnitFile(csv.Replace("Định Hòa", "Định Hòa 1", StringComparison.Ordinal), new(2026, 1, 1), false);
        Assert.Equal(Verdict.Wrong, ImportUnits.Plan(store.Catalogue, store, renamed).Value.Rows[0].Verdict);
        renamed = renamed with { Csv = renamed.Csv.Replace("25759", "25771", StringComparison.Ordinal) };
        Assert.Equal(1, (await ImportUnits.Apply(store, store.Catalogue, Officer, renamed, cancel)).Value);

        var units = Units.Load(store);
        foreach (var search in new[] { "định hoà", "Dinh Hoa", "ĐỊNH HÒA" })
        {
            Assert.Equal("74718401", Assert.Single(UnitPages.Find(units, After, After, "", search).Lines).Unit.Code);
        }
        Assert.Empty(UnitPages.Find(units, After, After, "", "phú").Lines);
    }

    [Fact]
    public void A_file_without_a_unit_is_said_to_be_empty()
    {
        var plan = ImportUnits.Plan(store.Catalogue, store, new("code,name,level,ward_code\n\n", After, false));
        Assert.Equal("units_empty", plan.Error.Reason);
    }

    [Fact]
    public async Task A_split_ward_says_nothing_of_its_units_until_the_department_does_and_earlier_days_keep_their_ward()
    {
        var cancel = TestContext.Current.CancellationToken;
        const string csv = "code,name,level,ward_code\n74718401,Trường Chánh Mỹ,TH,25774\n74718402,Trường Phú Thọ,TH,25753\n";
        await ImportUnits.Apply(store, store.Catalogue, Officer, new(csv, Before, false), cancel);
        var (split, whole) = (Units.Load(store).Find("74718401", Before)!, Units.Load(store).Find("74718402", Before)!);
        Assert.Equal(("Phường Chánh Mỹ", null), WardOf(split.Id));
        Assert.Equal(("Phường Phú Thọ", "Phường Thủ Dầu Một"), WardOf(whole.Id));
        var line = Assert.Single(UnitPages.Find(Units.Load(store), After, After, UnitPages.UnknownWard, "").Lines);
        Assert.Equal(["Phường Chánh Hiệp", "Phường Thủ Dầu Một"], line.Wards.Order());

        var hiep = Units.Load(store).Find("25771", After)!.Id;
        Assert.Equal("ward_day", (await Place(split.Id, hiep, Before)).Error.Reason);
        Assert.True((await Place(split.Id, hiep, After)).Ok);
        Assert.Equal(("Phường Chánh Mỹ", "Phường Chánh Hiệp"), WardOf(split.Id));
        var written = store.OpsWritten;
        Assert.True((await Place(split.Id, hiep, new(2026, 1, 1))).Ok);
        Assert.Equal(written, store.OpsWritten);

        // Corrected: from the same day on another ward; and moved later.
        var tdm = Units.Load(store).Find("25747", After)!.Id;
        Assert.True((await Place(split.Id, tdm, After)).Ok);
        Assert.Equal(("Phường Chánh Mỹ", "Phường Thủ Dầu Một"), WardOf(split.Id));
        Assert.True((await Place(split.Id, hiep, new(2026, 1, 1))).Ok);
        Assert.Equal(("Phường Chánh Mỹ", "Phường Thủ Dầu Một"), WardOf(split.Id));
        Assert.Equal("Phường Chánh Hiệp", Units.Load(store).WardOn(Unit(split.Id), new(2026, 1, 1))!.Value.Name);
        Assert.Equal("ward_history", (await Place(split.Id, hiep, new(2025, 12, 1))).Error.Reason);

        (string? Then, string? Now) WardOf(Guid id) =>
            (Units.Load(store).WardOn(Unit(id), Before)?.Value.Name, Units.Load(store).WardOn(Unit(id), After)?.Value.Name);
        Unit Unit(Guid id) => Units.Load(store).All.Single(u => u.Id == id).Value;
        Task<TdmEdu.Sync.Result<Guid>> Place(Guid id, Guid ward, DateOnly from) =>
            store.Decide(Officer, records => PlaceUnit.Decide(store.Catalogue, records, id, ward, from), cancel);
    }

    [Fact]
    public async Task A_file_of_a_later_day_moves_a_unit_and_keeps_where_it_was()
    {
        var cancel = TestContext.Current.CancellationToken;
        const string csv = "code,name,level,ward_code\n74718401,Trường Mẫu,TH,25768\n";
        await ImportUnits.Apply(store, store.Catalogue, Officer, new(csv, Before, false), cancel);
        var later = csv.Replace("25768", "25771", StringComparison.Ordinal);
        Assert.Equal(1, (await ImportUnits.Apply(store, store.Catalogue, Officer, new(later, After, false), cancel)).Value);
        var (units, unit) = (Units.Load(store), Units.Load(store).Find("74718401", After)!.Value);
        Assert.Equal(("Phường Hiệp An", "Phường Chánh Hiệp"), (units.WardOn(unit, Before)!.Value.Name, units.WardOn(unit, After)!.Value.Name));
        Assert.Equal(Verdict.Same, ImportUnits.Plan(store.Catalogue, store, new(csv, Before, false)).Value.Rows[0].Verdict);
    }
}
