using TdmEdu.Central.Auditing;
using TdmEdu.Central.Duplicates;
using TdmEdu.Central.Erasing;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Messages;
using TdmEdu.Central.OpenId;
using TdmEdu.Central.Refusals;
using TdmEdu.Central.Reporting.Dashboards;
using TdmEdu.Central.Schools;
using TdmEdu.Central.Storage;
using TdmEdu.Central.Transfers;

namespace TdmEdu.Central;

/// <summary>Central's own folders, in one place for the host and for the rule that reviews every route.</summary>
internal static class CentralSetup
{
    public static void AddCentral(this IServiceCollection services)
    {
        services.AddCentralStore();
        services.AddIntake();
        services.AddSchools();
        services.AddRefusals();
        services.AddTransfers();
        services.AddDuplicates();
        services.AddToday();
        services.AddAuditing();
        services.AddErasing();
        services.AddMessages();
    }

    public static void MapCentral(this WebApplication app)
    {
        app.MapToday();
        app.MapRefusals();
        app.MapTransfers();
        app.MapDuplicates();
        app.MapSchools();
        app.MapOpenId();
        app.MapAuditing();
        app.MapErasing();
        app.MapIntake().AllowAnonymous();
    }
}
