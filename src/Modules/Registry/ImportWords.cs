namespace TdmEdu.Modules.Registry;

internal static class ImportWords
{
    internal static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Add => "Thêm",
        Verdict.Change => "Sửa",
        Verdict.Same => "Không đổi",
        Verdict.Gone => "Không ghi vào lớp",
        _ => "Sai",
    };

    /// <summary>The name of a column as Excel has it: A = 0, AA = 26.</summary>
    internal static string Letters(int column) => (column >= 26 ? Letters(column / 26 - 1) : "") + (char)('A' + column % 26);
}
