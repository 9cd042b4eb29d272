namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>The product's own data files, built in: facts that change by law or by agreement and not with the code (design D15).</summary>
internal static class DataFile
{
    /// <param name="name">Module and file, as in "Registry.wards.csv".</param>
    public static IReadOnlyList<CsvRow> Rows(string name)
    {
        var (module, file) = (name[..name.IndexOf('.', StringComparison.Ordinal)], name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        using var stream = typeof(DataFile).Assembly.GetManifestResourceStream($"TdmEdu.Modules.{module}.Data.{file}")!;
        using var reader = new StreamReader(stream);
        return [.. Csv.Parse(reader.ReadToEnd()).Skip(1)];
    }
}
