using System.Text;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>A school whose records files go into and come out of.</summary>
internal sealed class ImportBox : IDisposable
{
    public static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    public static readonly Actor Office = new(Guid.Parse("01900000-0000-7000-8000-000000000d02"), School, Roles.Office);
    public static readonly Actor Head = new(Guid.Parse("01900000-0000-7000-8000-000000000d03"), School, Roles.Head);
    public static readonly DateOnly First = new(2026, 9, 1);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("import-");

    public ImportBox()
    {
        Seals = new(folder.FullName, makes: true);
        Store = new(Side.Edge, Clock);
        Store.Seed(
        [
            Catalogue.Create(Scope.City, School.Owner, new Unit(UnitKind.School, "74718401", "Trường Tiểu học Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true)),
            Compose.Year(Catalogue, new("2026-2027", First, new(2027, 5, 31), [1, 2, 3, 4, 5])),
        ]);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 10, 5, 1, 0, 0, TimeSpan.Zero));

    public KernelStore Store { get; }

    public Catalogue Catalogue => Store.Catalogue;

    public Seals Seals { get; }

    public ImportClasses Classes => new(Catalogue, Clock);

    public Guid Class(string name, params Slot[] slots)
    {
        var (id, draft) = Compose.Class(Catalogue, School, new(name, 5, "2026-2027", slots is [] ? [Slot.Morning] : slots));
        Store.Seed([draft]);
        return id;
    }

    public Guid Teacher(string name, string userName)
    {
        var id = RecordId.New(Clock);
        Store.Seed([Catalogue.Create(School, id, new Staff(name, "Giáo viên")), Catalogue.Create(School, id, new Account(userName, "", Roles.Teacher))]);
        return id;
    }

    public static ImportFile File(ImportKind kind, byte[] file, DateOnly? day = null, Guid schoolClass = default)
    {
        var table = kind.Join(SheetFile.Read(new MemoryStream(file), ImportColumns.HeadersOf(kind)).Value);
        return new(School, table, ImportColumns.Guess(kind.Columns, table.Header), day ?? First, schoolClass);
    }

    public static ImportFile File(ImportKind kind, string csv, DateOnly? day = null, Guid schoolClass = default) => File(kind, Encoding.UTF8.GetBytes(csv), day, schoolClass);

    public ImportPlan Plan(ImportKind kind, ImportFile file) => kind.Plan(Store, Office, file).Value;

    public async Task<Guid> Write(ImportKind kind, ImportFile file, Actor? actor = null)
    {
        var run = RecordId.New(Clock);
        var written = await new RunImport(Store, Catalogue, Seals, Clock).Write(actor ?? Office, kind, file, run, _ => { }, TestContext.Current.CancellationToken);
        Assert.True(written.Ok, written.Ok ? "" : written.Error.Reason);
        return run;
    }

    public async Task<IReadOnlyList<ImportSubject>> Undo(ImportKind kind, Guid run, Actor? actor = null)
    {
        var subjects = UndoImport.Plan(Seals, Store, School, kind, ImportedFile.Find(Store, School, run)!);
        var undone = await Store.Decide(
            actor ?? Office, r => UndoImport.Decide(Catalogue, Seals, r, School, kind, run, Office.Id, Clock), TestContext.Current.CancellationToken);
        Assert.True(undone.Ok, undone.Ok ? "" : undone.Error.Reason);
        return subjects;
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Every cell of every row, as whoever opens the file sees it; the notes below say when it was made.</summary>
    public static string Cells(byte[] xlsx, int rows) => string.Join(
        '\n', SheetFile.Read(new MemoryStream(xlsx), _ => true).Value.Rows.Take(rows).Select(r => string.Join('|', r.Cells.OrderBy(c => c.Key).Select(c => $"{c.Key}={c.Value}"))));
}
