using TdmEdu.Central.Feed;
using TdmEdu.Sync.Central;

namespace TdmEdu.Central.Intake;

internal static class IntakeSetup
{
    /// <summary>The exchange with the boxes. Needs the store; the connection must ask for a client certificate.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services.AddGrpc();
        services.AddSingleton<NodeIdentities>();
        services.AddSingleton<Admission>();
        services.AddSingleton<Exchange>();
        services.AddSingleton<FeedWatch>();
        return services;
    }

    public static IEndpointConventionBuilder MapIntake(this IEndpointRouteBuilder routes) => routes.MapGrpcService<SyncEndpoint>();
}
