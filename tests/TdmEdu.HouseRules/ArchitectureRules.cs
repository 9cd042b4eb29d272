using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Loader;
using TdmEdu.EdgeNode;
using TdmEdu.HouseRules.Offence.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Sync.Records;

namespace TdmEdu.HouseRules;

/// <summary>Who may know whom (design §2). The deliberate offences are compiled into this project, under the namespaces they offend in.</summary>
public class ArchitectureRules
{
    private const string OffenceNamespace = "TdmEdu.HouseRules.Offence.";

    private static readonly Architecture Code = new ArchLoader()
        .LoadAssemblies(
            typeof(Op).Assembly, typeof(Module).Assembly, typeof(EdgeSettings).Assembly, typeof(Central.CentralSettings).Assembly, typeof(ArchitectureRules).Assembly)
        .Build();

    [Fact]
    public void A_module_knows_Sync_Shell_and_Registry_and_Shell_knows_no_module()
    {
        var modules = AllModules.List.Select(m => m.GetType().Namespace!.Split('.')[2]).Append("Shell").ToList();
        Assert.True(modules.Count >= 3);
        Never(
            name => Of(name) is not null,
            (name, on) => Of(on) is { } other && other != Of(name) && (Of(name) == "Shell" || other is not ("Shell" or "Registry")),
            typeof(Offence.Modules.Registry.KnowsAttendance),
            typeof(Offence.Modules.Shell.KnowsAttendance));

        string? Of(string name) => modules.Find(m => In(name, $"TdmEdu.Modules.{m}"));
    }

    [Fact]
    public void The_kernel_does_no_io()
    {
        Never(name => In(name, "TdmEdu.Sync"), (_, on) => IsIo(on), typeof(Offence.Sync.DoesIo));

        static bool IsIo(string on) => In(on, "System.IO") || In(on, "System.Net") || In(on, "Microsoft") || In(on, "LiteDB") || In(on, "System.Diagnostics.Process")
            || on is "System.Threading.Thread" or "System.Threading.Timer" or "System.Random";
    }

    [Fact]
    public void LiteDB_lives_in_one_folder() =>
        Never(name => !In(name, "TdmEdu.EdgeNode.Cache"), (_, on) => In(on, "LiteDB"), typeof(HoldsLiteDb));

    [Fact]
    public void EF_lives_in_Central() =>
        Never(name => !In(name, "TdmEdu.Central"), (_, on) => In(on, "Microsoft.EntityFrameworkCore"), typeof(HoldsEf));

    [Fact]
    public void Modules_know_no_database() => Never(
        name => In(name, "TdmEdu.Modules"),
        (_, on) => In(on, "Microsoft.Data.Sqlite") || In(on, "Npgsql") || In(on, "System.Data"),
        typeof(Offence.Modules.Attendance.HoldsSqlite));

    /// <summary>A picture of 50,000 × 50,000 dots takes memory only where it is unpacked into dots (T12).</summary>
    [Fact]
    public void Nothing_decodes_pictures() => Never(
        name => In(name, "TdmEdu"),
        (_, on) => In(on, "System.Drawing") || In(on, "SkiaSharp") || In(on, "SixLabors") || In(on, "ImageMagick") || In(on, "NetVips"),
        typeof(Offence.Modules.Shell.DrawsPictures));

    [Fact]
    public void Classes_are_sealed_unless_something_derives_from_them()
    {
        var bases = Code.Classes.Select(c => c.BaseClass?.FullName.Split('`')[0]).ToHashSet();
        Rule.Holds(
            Code.Classes.Where(IsProduct),
            c => In(c.FullName, "TdmEdu") && !IsGenerated(c),
            c => c.IsSealed != true && c.IsAbstract != true && !bases.Contains(c.FullName.Split('`')[0]) ? [c.FullName] : [],
            Code.GetClassOfType(typeof(Offence.Sync.Open)));

        static bool IsGenerated(Class c) => c.FullName.Contains('<', StringComparison.Ordinal) || c.Name == "_Imports"
            || c.InheritedClasses.Any(b => b.Name is "ComponentBase" or "Migration" or "ModelSnapshot");
    }

    /// <summary>No type that the rule is about may depend on what it forbids.</summary>
    private static void Never(Func<string, bool> about, Func<string, string, bool> forbids, params System.Type[] deliberate) => Rule.Holds(
        Code.Types.Where(IsProduct),
        t => about(Place(t)),
        t => t.Dependencies.Select(d => d.Target.FullName).Where(on => forbids(Place(t), on)).Select(on => $"{t.FullName} -> {on}"),
        [.. deliberate.Select(d => Code.GetITypeOfType(d))]);

    private static bool IsProduct(IType type) => In(type.FullName, "TdmEdu") && !In(type.FullName, "TdmEdu.HouseRules");

    private static string Place(IType type) => type.FullName.Replace(OffenceNamespace, "TdmEdu.", StringComparison.Ordinal);

    /// <summary>A namespace or a type in it; "TdmEdu.Sync" does not take in "TdmEdu.SyncX".</summary>
    private static bool In(string name, string ns) => name == ns || name.StartsWith(ns + ".", StringComparison.Ordinal);
}
