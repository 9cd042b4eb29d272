using TdmEdu.Meeting;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    // Only the department's machine calls, with messages of a few names.
    kestrel.Limits.MaxRequestBodySize = 64 * 1024;
    kestrel.Limits.MaxConcurrentConnections = 100;
    kestrel.Limits.Http2.MaxStreamsPerConnection = 32;
});
builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = 64 * 1024);
builder.Services.AddHealthChecks();

var app = builder.Build();
app.MapGet("/", Welcome.Show);
app.MapHealthChecks("/health");
app.MapGrpcService<MeetingEndpoint>();
await app.RunAsync();
