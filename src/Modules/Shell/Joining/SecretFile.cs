namespace TdmEdu.Modules.Shell.Joining;

public static class SecretFile
{
    /// <summary>Readable by this account only (0600), and whole or not there at all.</summary>
    public static void Write(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var half = file + ".tmp";
        File.Delete(half);
        using (var stream = new FileStream(half, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(half, file, overwrite: true);
    }
}
