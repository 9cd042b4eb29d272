using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddCentralStore();
builder.Services.AddIntake();
var app = builder.Build();
await app.Services.MigrateCentral(app.Lifetime.ApplicationStopping);
app.MapIntake();
await app.RunAsync();
