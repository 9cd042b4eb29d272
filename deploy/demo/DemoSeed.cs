using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Demo;

/// <summary>
/// Fills an empty Central with the demo's city, through the same door as the department's pages. The city was written four days ago, so that its
/// two administrators have rested long enough to agree with each other: what is trusted there is the machine, as ever, and Central has no such door.
/// </summary>
internal static class DemoSeed
{
    private const int BatchDraftsMax = 500;
    private static readonly TimeSpan WrittenBefore = TimeSpan.FromDays(4);

    public static async Task<IReadOnlyList<SignIn>> Ensure(string centralData, string signInsFile, Action<string> say, CancellationToken cancel)
    {
        if (File.Exists(signInsFile))
        {
            return JsonSerializer.Deserialize<SignIn[]>(await File.ReadAllBytesAsync(signInsFile, cancel), Json.Options)!;
        }
        say("Tạo dữ liệu bịa cho ba trường / Making up three schools…");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        Directory.CreateDirectory(centralData);
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(centralData, "central.db")}";
        builder.Services.AddSingleton<TimeProvider>(new Earlier(WrittenBefore)).AddCentralStore();
        await using var app = builder.Build();
        await app.Services.MigrateCentral(cancel);
        var store = app.Services.GetRequiredService<IRecordStore>();
        var city = new DemoCity(app.Services.GetRequiredService<Catalogue>(), TimeProvider.System, Accounts.NewPassword(),
            new Seals(Path.Combine(centralData, "seals"), makes: true));
        var office = new Actor(Guid.Empty, Scope.City, Roles.DepartmentIt);
        foreach (var batch in city.Compose().Chunk(BatchDraftsMax))
        {
            var saved = await store.Decide(office, _ => new Decision<int>(batch.Length, batch), cancel);
            if (!saved.Ok)
            {
                throw new InvalidOperationException(saved.Error.Message.Vietnamese);
            }
        }
        // Written last: a seed that was interrupted starts over on the next run after --reset.
        await File.WriteAllBytesAsync(signInsFile, JsonSerializer.SerializeToUtf8Bytes(city.SignIns, Json.Options), cancel);
        return city.SignIns;
    }

    private sealed class Earlier(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - by;
    }
}
