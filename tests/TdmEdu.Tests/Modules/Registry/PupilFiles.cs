using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Pupils' files as the wizard takes those whose headings it knows.</summary>
internal static class PupilFiles
{
    public static Result<PupilSheet> Read(Stream file, DateOnly today) =>
        FileOf(default, file, today).Then(f => PupilSheet.Of(f, today));

    public static Result<ImportFile> FileOf(Scope school, Stream file, DateOnly from) =>
        SheetFile.Read(file, row => !ImportColumns.Missing(PupilSheet.Columns, ImportColumns.Guess(PupilSheet.Columns, row)).Any())
            .Then<ImportFile>(table => new ImportFile(school, table, ImportColumns.Guess(PupilSheet.Columns, table.Header), from));
}
