using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules;

/// <summary>
/// A vertical slice of the product: what it records, and its pages. Registered by one line in <see cref="AllModules"/>.
/// </summary>
public abstract class Module
{
    /// <summary>Declares entities and views. Absent rights are denied.</summary>
    public abstract void Define(ModuleBuilder m);

    /// <summary>The module's places in the menu, the most used first.</summary>
    public virtual IReadOnlyList<NavEntry> Nav => [];

    /// <summary>Registers what the module's pages share between requests.</summary>
    public virtual void AddServices(IServiceCollection services)
    {
    }

    /// <summary>Maps the pages and endpoints that belong on this side. Each names the roles that may call it.</summary>
    public virtual void Map(IEndpointRouteBuilder routes, Side side)
    {
    }
}
