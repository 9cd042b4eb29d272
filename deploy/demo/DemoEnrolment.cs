using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central;
using TdmEdu.Central.Schools;

namespace TdmEdu.Demo;

/// <summary>A box joins as a real one does; the demo is both the school's person, who types the code, and the department's, who compares the words.</summary>
internal static class DemoEnrolment
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    public static async Task Run(string school, string centralData, IReadOnlyDictionary<string, string> edgeSettings, string log, CancellationToken cancel)
    {
        var settings = new CentralSettings { DataDir = centralData };
        using var authority = DepartmentCa.LoadOrCreate(Path.Combine(centralData, "ca"), settings, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(centralData, "central.db")}";
        builder.Services.AddSingleton(settings).AddSingleton(authority);
        builder.Services.AddCentral();
        await using var app = builder.Build();
        var enrolment = app.Services.GetRequiredService<BoxEnrolment>();
        var code = await enrolment.MakeCode(school, Guid.Empty, cancel);
        File.Delete(log);
        using var box = HostProcess.Start("EdgeNode", log, edgeSettings, "join", code.Value, "localhost", "127.0.0.1");
        var exit = box.WaitForExit(cancel);
        while (await Task.WhenAny(exit, Task.Delay(LookEvery, cancel)) != exit)
        {
            if (WordsOn(log) is { } words)
            {
                await enrolment.Approve(words, replaces: false, cancel);
            }
        }
        if (await exit != 0)
        {
            throw new InvalidOperationException($"The box of {school} was not enrolled; see logs/{Path.GetFileName(log)} in the data folder.");
        }
    }

    /// <summary>The box's screen.</summary>
    private static string? WordsOn(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n').LastOrDefault(line => line.Contains(" · ", StringComparison.Ordinal));
    }
}
