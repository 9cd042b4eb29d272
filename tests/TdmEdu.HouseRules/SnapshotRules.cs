using System.Globalization;
using System.Text;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Reporting.Dashboards;
using TdmEdu.Central.Storage;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.HouseRules;

/// <summary>The three reviewed snapshots: what is recorded and by whom, what goes over the wire, and who may call what.</summary>
public class SnapshotRules
{
    private static readonly Scope AnySchool = Scope.School(new Guid(1, 2, 3, new byte[8]));

    [Fact]
    public void Catalogue_is_as_reviewed() => Tree.MatchesSnapshot("Catalogue", AllModules.Catalogue().Describe());

    [Fact]
    public void Wire_is_as_reviewed()
    {
        var files = new[] { Contracts.Sync.V1.SyncReflection.Descriptor, Contracts.Meeting.V1.MeetingReflection.Descriptor };
        Tree.MatchesSnapshot("Wire", string.Concat(files.Select(Describe)));
    }

    [Fact]
    public void Routes_are_as_reviewed_and_none_is_open_to_everyone_by_accident()
    {
        var routes = Edge().Select(r => "edge    " + r).Concat(CentralRoutes().Select(r => "central " + r)).ToList();
        Assert.True(routes.Count > 10);
        Tree.None(routes.Where(r => r.EndsWith("DENIED", StringComparison.Ordinal)));
        Tree.MatchesSnapshot("Routes", string.Join('\n', routes) + "\n");
    }

    [Fact]
    public void A_route_without_rights_is_caught()
    {
        using var app = WebApplication.CreateBuilder().Build();
        app.MapGet("/forgotten", () => "");
        Assert.EndsWith("DENIED", Describe(app).Single(), StringComparison.Ordinal);
    }

    private static List<string> Edge()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.EdgeNode" });
        builder.Services.AddEdgeStore(Path.GetTempPath(), Guid.Empty, AnySchool);
        builder.Services.AddUplink(null!, new("https://localhost"));
        return Mapped(builder, Side.Edge, AnySchool, app => app.MapLineStatus());
    }

    private static List<string> CentralRoutes()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.Central" });
        builder.Services.AddCentralStore();
        builder.Services.AddIntake();
        builder.Services.AddToday();
        return Mapped(builder, Side.Central, Scope.City, app =>
        {
            app.MapToday();
            app.MapIntake().AllowAnonymous();
        });
    }

    private static List<string> Mapped(WebApplicationBuilder builder, Side side, Scope scope, Action<WebApplication> own)
    {
        builder.Services.AddShell(new(side, scope), Directory.CreateTempSubdirectory("tdmedu-rules-").FullName);
        builder.Services.AddModules(side);
        using var app = builder.Build();
        app.MapShell();
        app.MapModules(side);
        own(app);
        return Describe(app);
    }

    private static List<string> Describe(IEndpointRouteBuilder app) =>
    [
        .. app.DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>().Where(e => !IsStaticAsset(e))
            .Select(e => string.Create(CultureInfo.InvariantCulture,
                $"{string.Join(',', e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]),-5} {e.RoutePattern.RawText} {Rights(e)}"))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Files of the build, open to everyone; the second form is the framework's own fallback, which answers 404.</summary>
    private static bool IsStaticAsset(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null || endpoint.RoutePattern.RawText == "{**path:file}";

    private static string Rights(Endpoint endpoint)
    {
        var roles = endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>().SelectMany(p => p.Requirements).OfType<RolesRequirement>().Select(r => r.Roles).ToList();
        return roles.Count > 0 ? roles.Aggregate((a, b) => a & b).ToString()
            : endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "anonymous"
            : "DENIED";
    }

    private static string Describe(FileDescriptor file)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{file.Package}");
        foreach (var service in file.Services)
        {
            foreach (var method in service.Methods)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"  {service.Name}.{method.Name}({method.InputType.Name}) {(method.IsServerStreaming ? "stream " : "")}{method.OutputType.Name}");
            }
        }
        foreach (var value in file.EnumTypes.SelectMany(e => e.Values))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {value.EnumDescriptor.Name}.{value.Name} = {value.Number}");
        }
        foreach (var field in file.MessageTypes.SelectMany(m => m.Fields.InDeclarationOrder()))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {field.ContainingType.Name}.{field.Name} = {field.FieldNumber} {(field.IsRepeated ? "repeated " : "")}{field.FieldType}");
        }
        return text.ToString();
    }
}
