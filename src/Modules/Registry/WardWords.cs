using TdmEdu.Modules.Shell;

namespace TdmEdu.Modules.Registry;

internal static class WardWords
{
    /// <summary>The ward; where it is one of several, that it is not known, and which they are.</summary>
    public static string Of(Words words, IReadOnlyList<string> wards) => wards switch
    {
        [] => words["Chưa xác định"],
        [var one] => one,
        _ => words["Chưa xác định: {0}", string.Join(words[" hoặc "], wards)],
    };
}
