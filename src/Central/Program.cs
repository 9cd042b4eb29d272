using TdmEdu.Central;
using TdmEdu.Central.Auditing;
using TdmEdu.Central.Duplicates;
using TdmEdu.Central.Erasing;
using TdmEdu.Central.Messages;
using TdmEdu.Central.OpenId;
using TdmEdu.Central.Refusals;
using TdmEdu.Central.Reporting.Dashboards;
using TdmEdu.Central.Schools;
using TdmEdu.Central.Storage;
using TdmEdu.Central.Transfers;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

if (!OfficeCommand.Understands(args))
{
    return 2;
}
if (await OfficeCommand.TryOpenBackup(args) is { } opened)
{
    return opened;
}
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var settings = builder.Configuration.GetSection("Central").Get<CentralSettings>() ?? throw new InvalidOperationException("The section Central is missing from the configuration.");
if (builder.Configuration.GetConnectionString("Central") is null)
{
    builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(settings.DataDir, "central.db")}";
}
using var authority = DepartmentCa.LoadOrCreate(Path.Combine(settings.DataDir, "ca"), settings, TimeProvider.System);

builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(settings).AddSingleton(authority);
builder.Services.AddCentral();
builder.Services.AddShell(new Home(Side.Central, Scope.City), Path.Combine(settings.DataDir, "keys"));
try
{
    builder.Services.AddOpenId(settings.OpenId);
}
catch (StartRefusedException refused)
{
    return Running.Say(refused);
}
builder.Services.AddEmail(settings.Smtp);
builder.Services.AddModules(
    Side.Central, first: [TodayEndpoints.Nav], last:
    [
        TransfersSetup.Nav, DuplicatesSetup.Nav, ErasingSetup.Nav, RefusalsSetup.Nav, SchoolsSetup.Nav, AuditingSetup.Nav, AuditingSetup.GuardedNav,
    ]);

if (await OfficeCommand.TryRun(builder, args) is { } exitCode)
{
    return exitCode;
}

builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(settings, authority));
var app = builder.Build();
app.UseDoors(settings);
app.UseShell();
app.MapShell();
app.MapModules(Side.Central);
app.MapCentral();
return await app.RunOrSay(services => services.MigrateCentral(CancellationToken.None));
