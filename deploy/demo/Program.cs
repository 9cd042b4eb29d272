using TdmEdu.Demo;

// Never disposed: the exit handler below may still need it when this program has returned.
var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
AppDomain.CurrentDomain.ProcessExit += (_, _) => stop.Cancel();

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
