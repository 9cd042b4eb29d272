using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Shell;
using TdmEdu.Tests.Central;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>This test program started once more to be a box, or a Central, that gets killed, or one that comes too late.</summary>
internal static class ChildProcess
{
    public const string OpenJournal = "open-journal";
    public const string KeepSubmitting = "keep-submitting";
    public const string SubmitOneByOne = "submit-one-by-one";

    /// <summary>With a port of <see cref="MovingHost"/>.</summary>
    public const string Dial = "dial";

    /// <summary>What <see cref="StartWithHosts"/>'s file says where to find.</summary>
    public const string MovingHost = "trung-tam.test";

    /// <summary>With the number of the telephone at which it stops, for ever.</summary>
    public const string Upgrade = "upgrade";

    /// <summary>With a mail server's port, the time and the database; the folder is the seals'.</summary>
    public const string SendMessages = "send-messages";

    private const string Role = "TDMEDU_TEST_CHILD";
    private const string Folder = "TDMEDU_TEST_FOLDER";

    public static Process Start(string role, string folder) => Start(role, folder, []);

    /// <summary>With system calls on two files that fail as strace's rule says; the others go through.</summary>
    public static Process StartTraced(string role, string folder, string trace, string file, string other, string rule)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not here: no system call can be made to fail.");
        return Start(role, folder, ["strace", "-f", "-y", "-o", trace, "-P", file, "-P", other, "-e", $"trace={rule.Split(':')[0]}", "-e", $"inject={rule}"]);
    }

    /// <summary>With a hosts file of its own, which may be changed while it runs.</summary>
    public static Process StartWithHosts(string role, string folder, string hosts)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Needs root on Linux, for a hosts file of its own.");
        return Start(role, folder, ["unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts]);
    }

    private static Process Start(string role, string folder, string[] under)
    {
        var start = new ProcessStartInfo(under.FirstOrDefault() ?? Environment.ProcessPath!, under.Skip(1)) { RedirectStandardOutput = true };
        if (under.Length > 0)
        {
            start.ArgumentList.Add(Environment.ProcessPath!);
        }
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
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
            case SubmitOneByOne:
                await SubmitSlowly(folder!);
                return true;
            case { } role when role.StartsWith(Dial, StringComparison.Ordinal):
                await KeepDialling(int.Parse(role.Split(' ')[1], CultureInfo.InvariantCulture));
                return true;
            case { } role when role.StartsWith(SendMessages, StringComparison.Ordinal):
                await StoreTests.SendUntilKilled(folder!, role.Split(' ', 4));
                return true;
            case { } role when role.StartsWith(Upgrade, StringComparison.Ordinal):
                await StopHalfway(folder!, int.Parse(role.Split(' ')[1], CultureInfo.InvariantCulture));
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

    /// <summary>Says what it is greeted with on each connection.</summary>
    private static async Task KeepDialling(int port)
    {
        using var dialer = new Dialer(MovingHost, port);
        while (true)
        {
            try
            {
                await using var stream = await dialer.Connect(default);
                for (int said; (said = stream.ReadByte()) >= 0;)
                {
                    Console.WriteLine($"greeted by {said}");
                }
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task StopHalfway(string folder, int stopAt)
    {
        var converted = 0;
        await EdgeBox.Start(folder: folder, installed: Contacts.Next(() =>
        {
            if (++converted == stopAt)
            {
                Console.WriteLine("halfway");
                new ManualResetEventSlim().Wait();
            }
        }));
    }

    /// <summary>Says of each of a hundred ids whether it was saved, and goes on; then ends as if the power had gone.</summary>
    private static async Task SubmitSlowly(string folder)
    {
        var box = await EdgeBox.Start(folder: folder);
        for (var n = 0; n < 100; n++)
        {
            var id = box.NewId();
            Console.WriteLine($"{((await box.Submit(id)).Ok ? "saved" : "refused")} {id:n}");
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
