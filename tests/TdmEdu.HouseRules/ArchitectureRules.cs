using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using TdmEdu.EdgeNode;
using TdmEdu.Modules;
using TdmEdu.Sync.Records;

namespace TdmEdu.HouseRules;

/// <summary>Who may know whom (design §2). Each rule returns the offenders, so that a deliberate offence can prove that it bites.</summary>
public class ArchitectureRules
{
    private static readonly Architecture Code = new ArchLoader()
        .LoadAssemblies(
            typeof(Op).Assembly, typeof(Module).Assembly, typeof(EdgeSettings).Assembly, typeof(Central.CentralSettings).Assembly, typeof(ArchitectureRules).Assembly)
        .Build();

    [Fact]
    public void A_module_knows_Sync_Shell_and_Registry_and_Shell_knows_no_module()
    {
        var modules = AllModules.List.Select(m => m.GetType().Namespace!.Split('.')[2]).Append("Shell").ToList();
        Assert.True(modules.Count >= 3);
        var offenders = modules.SelectMany(module => Offenders(
            $"TdmEdu.Modules.{module}", on => modules.Where(m => m != module && !Allowed(module, m)).Any(m => In(on, $"TdmEdu.Modules.{m}"))));
        Tree.None(offenders);

        static bool Allowed(string module, string other) => module != "Shell" && (other == "Shell" || (other == "Registry" && module != "Registry"));
    }

    [Fact]
    public void The_kernel_does_no_io()
    {
        Assert.NotEmpty(Types("TdmEdu.Sync"));
        Tree.None(Offenders("TdmEdu.Sync", IsIo));
        Assert.NotEmpty(Offenders("TdmEdu.HouseRules.Offence", IsIo));

        static bool IsIo(string on) => In(on, "System.IO") || In(on, "System.Net") || In(on, "Microsoft") || In(on, "LiteDB") || In(on, "System.Diagnostics.Process")
            || on is "System.Threading.Thread" or "System.Threading.Timer" or "System.Random";
    }

    [Fact]
    public void LiteDB_lives_in_one_folder()
    {
        Assert.NotEmpty(Offenders("TdmEdu.EdgeNode.Cache", on => In(on, "LiteDB")));
        Tree.None(Code.Types.Where(t => !In(t.FullName, "TdmEdu.EdgeNode.Cache")).SelectMany(t => Offenders(t, on => In(on, "LiteDB"))));
    }

    [Fact]
    public void Modules_know_no_database_and_EF_lives_in_Central()
    {
        Assert.NotEmpty(Offenders("TdmEdu.Central", IsEf));
        Tree.None(Offenders("TdmEdu.Modules", on => IsEf(on) || In(on, "Microsoft.Data.Sqlite") || In(on, "Npgsql")));
        Tree.None(Offenders("TdmEdu.EdgeNode", IsEf));

        static bool IsEf(string on) => In(on, "Microsoft.EntityFrameworkCore");
    }

    [Fact]
    public void Classes_are_sealed_unless_something_derives_from_them()
    {
        var bases = Code.Classes.Select(c => c.BaseClass?.FullName.Split('`')[0]).ToHashSet();
        var classes = Code.Classes.Where(c => In(c.FullName, "TdmEdu") && !In(c.FullName, "TdmEdu.HouseRules") && !IsGenerated(c)).ToList();
        Assert.True(classes.Count > 100);
        Tree.None(classes.Where(IsOpen).Select(c => c.FullName));
        Assert.True(IsOpen(Code.Classes.Single(c => c.FullName == typeof(Offence.OpenClass).FullName)));

        bool IsOpen(Class c) => c.IsSealed != true && c.IsAbstract != true && !bases.Contains(c.FullName.Split('`')[0]);
        static bool IsGenerated(Class c) => c.FullName.Contains('<', StringComparison.Ordinal) || c.Name == "_Imports"
            || c.InheritedClasses.Any(b => b.Name is "ComponentBase" or "Migration" or "ModelSnapshot");
    }

    private static IEnumerable<IType> Types(string ns) => Code.Types.Where(t => In(t.FullName, ns));

    private static IEnumerable<string> Offenders(string ns, Func<string, bool> on) => Types(ns).SelectMany(t => Offenders(t, on));

    private static IEnumerable<string> Offenders(IType type, Func<string, bool> on) =>
        type.Dependencies.Select(d => d.Target.FullName).Where(on).Distinct().Select(target => $"{type.FullName} -> {target}");

    /// <summary>A namespace or a type in it; "TdmEdu.Sync" does not take in "TdmEdu.SyncX".</summary>
    private static bool In(string name, string ns) => name == ns || name.StartsWith(ns + ".", StringComparison.Ordinal);
}
