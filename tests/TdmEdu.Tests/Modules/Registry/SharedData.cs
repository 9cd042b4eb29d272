namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Public test data beside the repository, or where TDMEDU_SHARED says.</summary>
internal static class SharedData
{
    public static string? Find(string file)
    {
        var folders = new List<string>();
        if (Environment.GetEnvironmentVariable("TDMEDU_SHARED") is { Length: > 0 } given)
        {
            folders.Add(given);
        }
        for (var up = new DirectoryInfo(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            folders.Add(Path.Combine(up.FullName, "shared", "data"));
        }
        return folders.Select(f => Path.Combine(f, file)).FirstOrDefault(File.Exists);
    }
}
