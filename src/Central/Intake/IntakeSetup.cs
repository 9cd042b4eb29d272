using Microsoft.Extensions.DependencyInjection.Extensions;
using TdmEdu.Central.Feed;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Intake;

internal static class IntakeSetup
{
    /// <summary>A full batch, 256 KiB of data and 500 envelopes, unpacked; what unpacks to more is refused on the way.</summary>
    private const int MessageBytesMax = 1024 * 1024;
    private const int HeaderBytes = 1024;

    /// <summary>A full page of a feed is about half of it.</summary>
    private const int AnswerBytesMax = 4 * 1024 * 1024;

    /// <summary>The exchange with the boxes. Needs the store; the connection must ask for a client certificate.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MessageBytesMax;
            grpc.MaxSendMessageSize = AnswerBytesMax;
        });
        services.AddSingleton<RefusalAudit>();
        services.TryAddSingleton<ReadVolume>();
        services.AddSingleton<BoxAlarms>();
        services.AddSingleton<NodeIdentities>();
        services.AddSingleton<Admission>();
        services.AddSingleton<Exchange>();
        services.AddSingleton<FeedWatch>();
        services.AddSingleton<LagWatch>().AddHostedService(s => s.GetRequiredService<LagWatch>());
        services.AddSingleton(s => new HostNotice(actor => actor.Is(Roles.DepartmentIt) ? s.GetRequiredService<LagWatch>().Notice : null));
        services.AddSingleton<HighWater>().AddHostedService(s => s.GetRequiredService<HighWater>());
        return services;
    }

    public static IEndpointConventionBuilder MapIntake(this IEndpointRouteBuilder routes) =>
        routes.MapGrpcService<SyncEndpoint>().AuditRefusals(routes.ServiceProvider).TakesBytes(MessageBytesMax + HeaderBytes);

    public static IEndpointConventionBuilder AuditRefusals(this IEndpointConventionBuilder calls, IServiceProvider services)
    {
        var audit = services.GetRequiredService<RefusalAudit>();
        calls.Add(endpoint =>
        {
            var call = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => audit.Around(http, call);
        });
        return calls;
    }
}
