using System.Net;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Auditing;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
var settings = builder.Configuration.GetSection("Edge").Get<EdgeSettings>() ?? throw new InvalidOperationException("The section Edge is missing from the configuration.");
if (await JoinCommand.TryRun(args, settings) is { } exitCode)
{
    return exitCode;
}
BoxIdentity.TakeNext(settings.IdentityDir);
if (!BoxIdentity.IsIn(settings.IdentityDir) && !await JoinHost.Serve(args, settings))
{
    return 0;
}
using var box = new BoxIdentity(settings.IdentityDir);

builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(settings.Bind), settings.LanPort, lan => lan.UseHttps(box)));
var dataFolder = Directory.CreateDirectory(settings.DataDir).FullName;
var clock = new BoxClock(dataFolder, box.NodeCertificate.NotBefore, TimeProvider.System);
builder.Services.AddSingleton<TimeProvider>(clock);
builder.Services.AddEdgeStore(dataFolder, box.Node, box.School, box.Before);
builder.Services.AddUplink(box, settings, clock);
builder.Services.AddShell(new Home(Side.Edge, box.School), Path.Combine(dataFolder, "keys"));
builder.Services.AddModules(Side.Edge, last: [UplinkSetup.Nav, UplinkSetup.RefusedNav, SchoolAudit.Nav]);

var app = builder.Build();
app.UseShell();
app.MapShell();
app.MapModules(Side.Edge);
app.MapLineStatus();
app.MapSchoolAudit();
app.MapRoot();
var code = await app.RunOrSay();
// A box that has joined anew begins under its new name: the service starts again what ends with a fault.
return code == 0 && BoxIdentity.IsIn(BoxIdentity.NextOf(settings.IdentityDir)) ? 3 : code;
