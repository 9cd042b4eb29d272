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
}
