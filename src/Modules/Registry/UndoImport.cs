using System.Text;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Why">What keeps it; null where it is taken back.</param>
public sealed record ImportSubject(Guid Id, string Name, Text? Why);

/// <summary>An import as its parts that have arrived tell it.</summary>
/// <param name="Until">When it can no longer be taken back.</param>
/// <param name="Undone">All its parts were taken back.</param>
/// <param name="Kept">What was left when it was taken back.</param>
public sealed record ImportedFile(
    Guid Run, string Kind, Guid By, DateTimeOffset At, DateTimeOffset Until, int Rows, IReadOnlyList<Row<ImportPart>> Parts, bool Undone, IReadOnlyList<Guid> Kept)
{
    /// <summary>The newest first; an id begins with the time at which it was made.</summary>
    internal static IReadOnlyList<ImportedFile> Since(IRecords records, Scope school, DateTimeOffset first) =>
        In(records, school, Guid.CreateVersion7(first).ToString("n")[..12], null);

    internal static ImportedFile? Find(IRecords records, Scope school, Guid run) => In(records, school, $"{run:n}", $"{run:n}\0").FirstOrDefault();

    private static List<ImportedFile> In(IRecords records, Scope school, string from, string? to)
    {
        var undone = records.All<ImportUndone>(school, from, to).ToLookup(u => u.Value.Run, u => u.Value);
        return
        [
            .. records.All<ImportPart>(school, from, to).GroupBy(p => p.Value.Run).Select(run => Of([.. run.OrderBy(p => p.Version)], [.. undone[run.Key]]))
                .OrderByDescending(f => f.At),
        ];
    }

    private static ImportedFile Of(IReadOnlyList<Row<ImportPart>> parts, IReadOnlyList<ImportUndone> undone)
    {
        var (first, gone) = (parts[0].Value, undone.SelectMany(u => u.Parts).ToHashSet());
        var at = DateTimeOffset.FromUnixTimeMilliseconds(parts[0].Version.Hlc.Milliseconds).ToOffset(SchoolTime.Offset);
        return new(
            first.Run, first.Kind, first.By, at, at.AddDays(ImportPart.UndoDays), parts.Sum(p => p.Value.Rows), [.. parts.Where(p => !gone.Contains(p.Id))],
            parts.All(p => gone.Contains(p.Id)), [.. undone.SelectMany(u => u.Kept).Distinct()]);
    }
}

/// <summary>
/// The way back from an import, in one decision: what it made goes, what it changed is as it had been. Whoever or whatever has been touched since stays
/// whole, and is named before anybody agrees.
/// </summary>
internal static class UndoImport
{
    public static IReadOnlyList<ImportSubject> Plan(Seals seals, IRecords records, Scope school, ImportKind kind, ImportedFile file)
    {
        var all = file.Parts.SelectMany(p => p.Value.Records.Select(r => (Part: p, Record: r))).ToList();
        var bySubject = all.ToLookup(r => kind.SubjectOf(records, school, r.Record), r => r.Record);
        var touched = all.Where(r => WhyTouched(seals, records, school, kind, r.Part, r.Record) is not null)
            .GroupBy(r => kind.SubjectOf(records, school, r.Record))
            .ToDictionary(g => g.Key, g => WhyTouched(seals, records, school, kind, g.First().Part, g.First().Record));
        var kept = kind.WhyKept(records, school, bySubject);
        return [.. bySubject.Select(s => new ImportSubject(s.Key, kind.NameOf(records, school, s.Key), touched.GetValueOrDefault(s.Key) ?? kept.GetValueOrDefault(s.Key)))];
    }

    public static Decision<Guid> Decide(
        Catalogue catalogue, Seals seals, IRecords records, Scope school, ImportKind kind, Guid run, Guid by, TimeProvider clock)
    {
        if (ImportedFile.Find(records, school, run) is not { } file)
        {
            return NoImport;
        }
        if (file.Undone)
        {
            return Error.Conflict("import_undone", "Lần nhập này đã được hoàn tác. Hãy tải lại trang.");
        }
        if (clock.GetUtcNow() >= file.Until)
        {
            return Error.Conflict("import_old", "Đã quá {0} ngày nên không hoàn tác được nữa. Hãy sửa từng mục ở trang của nó.", ImportPart.UndoDays);
        }
        var subjects = Plan(seals, records, school, kind, file);
        var kept = subjects.Where(s => s.Why is not null).Select(s => s.Id).ToHashSet();
        if (kept.Count == subjects.Count)
        {
            return Error.Conflict("import_kept", "Mọi mục của lần nhập này đã có thay đổi về sau nên không hoàn tác được. Hãy sửa từng mục ở trang của nó.");
        }
        // The last first: a place ends before the pupil goes.
        var back = file.Parts.SelectMany(p => p.Value.Records).Where(r => !kept.Contains(kind.SubjectOf(records, school, r))).Reverse()
            .Select(r => Back(seals, records, school, kind, r)).OfType<Draft>().ToList();
        return new(run,
            [.. back, catalogue.Create(school, RecordId.New(clock), new ImportUndone(run, [.. file.Parts.Select(p => p.Id)], [.. kept.Order()], by))]);
    }

    private static Draft? Back(Seals seals, IRecords records, Scope school, ImportKind kind, ImportedRecord record)
    {
        var entity = kind.Writes.Single(w => w.Key == record.Entity);
        return record.Made ? entity.TakeBack(records, school, record.Id)
            : entity.Put(school, record.Id, Encoding.UTF8.GetBytes(seals.Open(school, record.Id, ImportPart.Field, record.Before)!));
    }

    private static Text? WhyTouched(Seals seals, IRecords records, Scope school, ImportKind kind, Row<ImportPart> part, ImportedRecord record) =>
        kind.Writes.Single(w => w.Key == record.Entity).Find(records, school, record.Id) is not { } found
            ? new("Không còn ở trường này.")
        : found.Version.CompareTo(part.Version) > 0
            ? new("Đã được sửa sau khi nhập.")
        : !record.Made && seals.Open(school, record.Id, ImportPart.Field, record.Before) is null
            ? new("Dữ liệu cũ đã được xóa theo hạn.")
        : null;

    internal static Error NoImport { get; } = Error.NotFound("no_import", "Không có lần nhập này ở trường. Hãy về trang Nhập dữ liệu rồi chọn lại.");
}

/// <summary>What the page of an import needs beside the request.</summary>
internal sealed class ImportUndoing(Catalogue catalogue, Seals seals, TimeProvider clock)
{
    public Decision<Guid> Decide(IRecords records, Scope school, ImportKind kind, Guid run, Guid by) =>
        UndoImport.Decide(catalogue, seals, records, school, kind, run, by, clock);

    public ImportDoneModel Load(IRecords records, Scope school, Guid run, ImportKind? kind, ImportProgress? progress, ImportedFile? file)
    {
        var open = file is { Undone: false } && kind is not null && progress is not { Done: false } && clock.GetUtcNow() < file.Until;
        return new(
            run, school.Owner, kind?.Title ?? new("Nhập dữ liệu"), progress, file, file is null ? "–" : records.NameOf(school, file.By) ?? "–",
            open ? UndoImport.Plan(seals, records, school, kind!, file!) : null,
            kind is null || file is null ? [] : [.. file.Kept.Select(k => kind.NameOf(records, school, k))], Linked: kind is ImportPupils);
    }
}
