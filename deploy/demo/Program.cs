using System.Runtime.InteropServices;
using TdmEdu.Demo;

using var stop = new CancellationTokenSource();
// Both signals end the hosts with a farewell; a demo that just died would leave them running.
Action<PosixSignalContext> end = signal =>
{
    signal.Cancel = true;
    stop.Cancel();
};
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, end);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, end);

if (args.Contains("--check"))
{
    return await DemoCheck.Run(stop.Token);
}

var folder = Path.Combine(Repository.Root, ".demo");
if (args.Contains("--reset") && Directory.Exists(folder))
{
    Directory.Delete(folder, recursive: true);
}
try
{
    await using var stack = await DemoStack.Start(folder, DemoPorts.Usual(), Console.WriteLine, stop.Token);
    Welcome.Print(stack);
    await LineSwitch.Run(stack.Line, stop.Token);
}
catch (OperationCanceledException)
{
    Console.WriteLine("Đang dừng / Stopping…");
}
catch (Exception e) when (e is InvalidOperationException or TimeoutException)
{
    Console.Error.WriteLine($"{e.Message} Xem / see {Path.Combine(folder, "logs")}.");
    return 1;
}
return 0;
