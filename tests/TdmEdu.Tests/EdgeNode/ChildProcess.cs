using System.Diagnostics;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>This test program started once more to be a box that gets killed, or one that comes too late.</summary>
internal static class ChildProcess
{
    public const string OpenJournal = "open-journal";
    public const string KeepSubmitting = "keep-submitting";

    private const string Role = "TDMEDU_TEST_CHILD";
    private const string Folder = "TDMEDU_TEST_FOLDER";

    public static Process Start(string role, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }
        start.Environment[Role] = role;
        start.Environment[Folder] = folder;
        return Process.Start(start)!;
    }

    /// <summary>False when this is no child but the test run itself.</summary>
    public static async Task<bool> TryBecome()
    {
        var folder = Environment.GetEnvironmentVariable(Folder);
        switch (Environment.GetEnvironmentVariable(Role))
        {
            case OpenJournal:
                Console.WriteLine(TryOpen(folder!));
                return true;
            case KeepSubmitting:
                await Submit(folder!);
                return true;
            default:
                return false;
        }
    }

    private static string TryOpen(string folder)
    {
        try
        {
            JournalFile.Open(folder, EdgeBox.Node, TimeProvider.System).Dispose();
            return "opened";
        }
        catch (StartRefusedException e)
        {
            return $"refused: {e.Message}";
        }
    }

    /// <summary>Says each id only once it was acknowledged, from several callers at once, until killed.</summary>
    private static async Task Submit(string folder)
    {
        var box = await EdgeBox.Start(folder: folder);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (true)
            {
                var reply = await box.Submit(box.NewId());
                var line = reply.Value.ToString("n") + "\n";
                lock (box)
                {
                    Console.Out.Write(line);
                    Console.Out.Flush();
                }
            }
        }));
    }
}
