using System.Diagnostics;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>A disk of some megabytes, with room for a box's reserve, that can really be full. Needs root, as the tests' container and CI have.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int SizeBytes = 64 * 1024 * 1024;
    private readonly string ballast;

    private SmallDisk(string folder) => (Folder, ballast) = (folder, Path.Combine(folder, "ballast"));

    public string Folder { get; }

    public static async Task<SmallDisk> Mount()
    {
        var folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        if (await Run("mount", "-t", "tmpfs", "-o", $"size={SizeBytes}", "tmpfs", folder) != 0)
        {
            Assert.Skip("A small disk cannot be mounted here: the test needs root.");
        }
        return new(folder);
    }

    public void Fill()
    {
        using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            for (var i = 0; i < SizeBytes / block.Length; i++)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    public void Empty() => File.Delete(ballast);

    public async ValueTask DisposeAsync()
    {
        await Run("umount", Folder);
        Directory.Delete(Folder);
    }

    private static async Task<int> Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
