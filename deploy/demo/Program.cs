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

if (args is not ([] or ["--check"] or ["--reset"]))
{
    Console.Error.WriteLine("Dùng / usage: deploy/demo.sh [--check | --reset]");
    return 2;
}
if (args is ["--check"])
{
    return await DemoCheck.Run(stop.Token);
}

var folder = Path.Combine(Repository.Root, ".demo");
using var only = DemoStack.TryLock(folder);
if (only is null)
{
    Console.Error.WriteLine("Bản demo đang chạy ở cửa sổ khác: hãy dừng nó bằng Ctrl-C trước. / The demo is running in another window; stop it there with Ctrl-C first.");
    return 1;
}
if (args is ["--reset"])
{
    DemoStack.Clear(folder);
}
try
{
    await using var stack = await DemoStack.Start(folder, DemoPorts.Usual(), Console.WriteLine, stop.Token);
    Welcome.Print(stack);
    await Task.WhenAny(LineSwitch.Run(stack.Line, stop.Token), stack.KeepRunning(stop.Token)).Unwrap();
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
