using TdmEdu.Meeting;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.Services.AddGrpc();
builder.Services.AddHealthChecks();

var app = builder.Build();
app.MapGet("/", Welcome.Show);
app.MapHealthChecks("/health");
app.MapGrpcService<MeetingEndpoint>();
await app.RunAsync();
