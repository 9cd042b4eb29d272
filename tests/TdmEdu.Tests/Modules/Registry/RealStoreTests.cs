using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Central.Storage;
using TdmEdu.Modules;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>The imports on the stores of both hosts; the rules themselves are tested beside.</summary>
public class RealStoreTests
{
    [Fact]
    public async Task A_school_imports_its_pupils_on_its_own_box_once_and_takes_them_back_after_a_restart()
    {
        var cancel = TestContext.Current.CancellationToken;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
        await using var box = await EdgeBox.Start(clock);
        var year = Compose.Year(EdgeBox.Catalogue, new("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5]));
        var fromCity = new FeedOp(new(Scope.City, year.Entity, year.Id, year.Schema, year.Kind, Hlc.At(1), Guid.Empty, year.Data),
            EdgeBox.Central, 1);
        Assert.True((await box.Owner.TakePage("feed-1", new(Scope.City, false, [fromCity], new(2, [])), cancel)).Ok);
        var (classId, schoolClass) = Compose.Class(EdgeBox.Catalogue, EdgeBox.School, new("5A", 5, "2026-2027", [Slot.Morning]));
        await box.Write(schoolClass);

        using var xlsx = PupilWorkbook.Of([.. Enumerable.Range(0, 600)
            .Select(i => PupilWorkbook.Row("5A", $"74{i:00000000}", "Nguyễn Văn An", $"{i % 28 + 1:00}/09/2015"))]);
        var folder = Directory.CreateTempSubdirectory("seals-");
        var seals = new Seals(folder.FullName, makes: true);
        var file = PupilFiles.FileOf(EdgeBox.School, xlsx, EdgeBox.Day).Value;
        Assert.Equal(600, (await Write(EdgeBox.Office, file)).Value);
        Assert.Equal(0, (await Write(EdgeBox.Office, file)).Value);
        var roster = await box.Owner.Read(r => r.View<ClassRoster>(EdgeBox.School, classId), cancel);
        Assert.Equal(600, roster!.PupilsOn(EdgeBox.Day).Count());

        await box.Stop();
        await box.StartAgain();
        var kind = new ImportPupils(EdgeBox.Catalogue, seals, clock, [new PapersOfPupils(), new SheetsOfPupils(clock)]);
        var run = (await box.Owner.Read(r => ImportedFile.Since(r, EdgeBox.School, clock.GetUtcNow().AddDays(-1)), cancel)).Single();
        Assert.True((await box.Owner.Decide(
            EdgeBox.Office, r => UndoImport.Decide(EdgeBox.Catalogue, seals, r, EdgeBox.School, kind, run.Run, EdgeBox.Office.Id, clock), cancel)).Ok);
        Assert.Empty(await box.Owner.Read(r => r.All<Pupil>(EdgeBox.School), cancel));
        Assert.Empty((await box.Owner.Read(r => r.View<ClassRoster>(EdgeBox.School, classId), cancel))!.PupilsOn(EdgeBox.Day));
        Assert.Equal(600, (await Write(EdgeBox.Office, file)).Value);

        using var another = PupilWorkbook.Of(PupilWorkbook.Row("5A", null, "Em Mới", "2015"));
        Assert.Equal("role_denied", (await Write(EdgeBox.Teacher, PupilFiles.FileOf(EdgeBox.School, another, EdgeBox.Day).Value)).Error.Reason);
        folder.Delete(recursive: true);

        Task<Result<int>> Write(Actor actor, ImportFile from) => new RunImport(box.Owner, EdgeBox.Catalogue, seals, clock)
            .Write(actor, new ImportPupils(EdgeBox.Catalogue, seals, clock, []), from, RecordId.New(clock), _ => { }, cancel);
    }

    [Fact]
    public async Task The_department_imports_the_city_s_units_into_central_s_database()
    {
        if (SharedData.Find("units/schools.csv") is not { } path)
        {
            Assert.Skip("shared/data/units/schools.csv is not here; set TDMEDU_SHARED to the folder shared/data.");
            return;
        }
        var cancel = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("central-units-");
        var catalogue = AllModules.Catalogue();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:Central",
                (string?)$"Data Source={folder.FullName}/central.db;Pooling=False")]).Build();
        await using (var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration)
            .AddSingleton(TimeProvider.System).AddSingleton(catalogue).AddCentralStore().BuildServiceProvider())
        {
            await services.MigrateCentral(cancel);
            var store = services.GetRequiredService<IRecordStore>();
            var officer = new Actor(Guid.Parse("01900000-0000-7000-8000-000000000d01"), Scope.City, Roles.DepartmentOfficer);
            var file = new UnitFile(await File.ReadAllTextAsync(path, cancel), new(2025, 6, 30), SampleCodes: true);
            Assert.Equal(160, (await ImportUnits.Apply(store, catalogue, officer, file, cancel)).Value);
            Assert.Equal(0, (await ImportUnits.Apply(store, catalogue, officer, file, cancel)).Value);
            var units = await store.Read(Units.Load, cancel);
            Assert.Equal(160, units.ValidOn(new(2026, 11, 23)).Count(u => u.Value.Kind != UnitKind.Ward));
        }
        folder.Delete(recursive: true);
    }
}
