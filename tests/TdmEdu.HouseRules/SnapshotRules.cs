using System.Globalization;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Central;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Auditing;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.HouseRules;

/// <summary>The reviewed snapshots: what is recorded and by whom, what is known of people, what goes over the wire, and who may call what.</summary>
public class SnapshotRules
{
    private static readonly Scope AnySchool = Scope.School(new Guid(1, 2, 3, new byte[8]));

    [Fact]
    public void Catalogue_is_as_reviewed() => Matches("Catalogue", AllModules.Catalogue().Describe());

    [Fact]
    public void Data_map_is_as_reviewed() => Matches("DataMap", AllModules.Catalogue().DescribePersonal());

    [Fact]
    public void Wire_is_as_reviewed()
    {
        var files = new[]
        {
            Contracts.Sync.V1.SyncReflection.Descriptor, Contracts.Enrolment.V1.EnrolmentReflection.Descriptor, Contracts.Meeting.V1.MeetingReflection.Descriptor,
        };
        Matches("Wire", string.Concat(files.Select(Describe)));
    }

    [Fact]
    public void Routes_are_as_reviewed() => Matches("Routes", string.Join('\n', Routes()) + "\n");

    [Fact]
    public void No_route_is_open_to_everyone_by_accident()
    {
        using var app = WebApplication.CreateBuilder().Build();
        app.MapGet("/forgotten", () => "");
        Rule.Holds(Routes(), _ => true, r => r.EndsWith("DENIED", StringComparison.Ordinal) ? [r] : [], [.. Describe(app, new(Side.Edge, AnySchool))]);
    }

    /// <summary>Compares with the reviewed snapshot beside this project; what was found is written next to it for review.</summary>
    private static void Matches(string name, string found)
    {
        var verified = Path.Combine(Tree.Root, "tests/TdmEdu.HouseRules", $"{name}.verified.txt");
        var reviewed = File.Exists(verified) ? File.ReadAllText(verified) : "";
        if (reviewed != found)
        {
            File.WriteAllText(verified.Replace(".verified.", ".received.", StringComparison.Ordinal), found);
        }
        Rule.Holds([found], text => text.Contains('\n', StringComparison.Ordinal), Changes, reviewed + "added\n", reviewed[1..]);
        Assert.Contains("+ added", Changes(reviewed + "added\n"));

        IEnumerable<string> Changes(string text)
        {
            var (before, after) = (reviewed.Split('\n'), text.Split('\n'));
            return text == reviewed ? []
                : before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)).Take(40)
                    .Prepend($"{name} changed. Review {name}.received.txt, and let it replace {name}.verified.txt when the change is meant:");
        }
    }

    private static IEnumerable<string> Routes() =>
        Edge().Select(r => "edge    " + r).Concat(Newcomer().Select(r => "joining " + r)).Concat(CentralRoutes().Select(r => "central " + r));

    private static List<string> Edge()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.EdgeNode" });
        builder.Services.AddEdgeStore(Path.GetTempPath(), Guid.Empty, AnySchool);
        var settings = new EdgeSettings { DataDir = "", IdentityDir = "", Central = new("https://localhost") };
        builder.Services.AddUplink(null!, settings, new(Path.GetTempPath(), DateTimeOffset.UnixEpoch, TimeProvider.System));
        return Mapped(builder, new(Side.Edge, AnySchool), app =>
        {
            app.MapModules(Side.Edge);
            app.MapLineStatus();
            app.MapSchoolAudit();
            app.MapRoot();
        });
    }

    /// <summary>A box that is not enrolled yet.</summary>
    private static List<string> Newcomer()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.EdgeNode" });
        builder.Services.AddSingleton<JoinPages>();
        return Mapped(builder, new(Side.Edge, Scope.City), app => app.MapJoin());
    }

    private static List<string> CentralRoutes()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.Central" });
        builder.Services.AddCentral();
        return Mapped(builder, new(Side.Central, Scope.City), app =>
        {
            app.MapModules(Side.Central);
            app.MapCentral();
        });
    }

    private static List<string> Mapped(WebApplicationBuilder builder, Home home, Action<WebApplication> own)
    {
        var folder = Directory.CreateTempSubdirectory("tdmedu-rules-");
        builder.Services.AddShell(home, folder.FullName);
        builder.Services.AddModules(home.Side);
        using var app = builder.Build();
        app.MapShell();
        own(app);
        var routes = Describe(app, home);
        folder.Delete(recursive: true);
        return routes;
    }

    private static List<string> Describe(IEndpointRouteBuilder app, Home home) =>
    [
        .. app.DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>().Where(e => !IsStaticAsset(e))
            .Select(e => string.Create(CultureInfo.InvariantCulture,
                $"{string.Join(',', e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]),-5} {e.RoutePattern.RawText} {Rights(e, home)}{StepUpOf(e)}"))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Files of the build, open to everyone; the second form is the framework's own fallback, which answers 404.</summary>
    private static bool IsStaticAsset(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null || endpoint.RoutePattern.RawText == "{**path:file}";

    /// <param name="endpoint">Whose rights are asked for.</param>
    /// <param name="home">Whose people sign in there: others of the named roles do not exist.</param>
    private static string Rights(Endpoint endpoint, Home home)
    {
        var roles = endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>().SelectMany(p => p.Requirements).OfType<RolesRequirement>().Select(r => r.Roles).ToList();
        if (roles.Count == 0)
        {
            return endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "anonymous" : "DENIED";
        }
        var all = roles.Aggregate((a, b) => a & b);
        var groups = home.Side == Side.Central && endpoint.Metadata.GetMetadata<Access.OpenToGroups>() is not null ? all & Access.EverySchoolRole : Roles.None;
        return $"{all & Access.RolesAt(home)}{(groups == Roles.None ? "" : $" + groups {groups}")}";
    }

    private static string StepUpOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<StepUpRequired>() is null ? "" : " + password again";

    private static string Describe(FileDescriptor file)
    {
        var methods = file.Services.SelectMany(s => s.Methods)
            .Select(m => $"{m.Service.Name}.{m.Name}({m.InputType.Name}) {(m.IsServerStreaming ? "stream " : "")}{m.OutputType.Name}");
        var values = file.EnumTypes.SelectMany(e => e.Values).Select(v => $"{v.EnumDescriptor.Name}.{v.Name} = {v.Number}");
        var fields = file.MessageTypes.SelectMany(m => m.Fields.InDeclarationOrder())
            .Select(f => $"{f.ContainingType.Name}.{f.Name} = {f.FieldNumber} {(f.IsRepeated ? "repeated " : "")}{f.FieldType}");
        return $"{file.Package}\n{string.Concat(methods.Concat(values).Concat(fields).Select(line => $"  {line}\n"))}";
    }
}
