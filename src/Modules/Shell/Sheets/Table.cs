namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>Text, a number, a day or nothing. Whoever reads the file gets text as text, whatever it begins with.</summary>
public readonly record struct TableCell(string? Text, int? Number = null, DateOnly? Day = null)
{
    public static TableCell Of(string? text) => new(text);

    public static TableCell Of(int number) => new(null, number);

    public static TableCell Of(DateOnly day) => new(null, null, day);
}

/// <summary>What leaves the product as a file, whichever.</summary>
/// <param name="Name">Of the sheet and of the file.</param>
/// <param name="Notes">For people, below the rows of an xlsx; programs, which read CSV, get the rows alone.</param>
public sealed record Table(
    string Name, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<TableCell>> Rows, IReadOnlyList<string> Notes)
{
    /// <summary>Latin letters, digits and hyphens: it survives every disk and mail.</summary>
    public string FileName => string.Concat(VietnameseText.Fold(Name).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
