namespace TdmEdu.Central.Schools;

internal static class SchoolsSetup
{
    public static void AddSchools(this IServiceCollection services) => services.AddSingleton<Provision>();
}
