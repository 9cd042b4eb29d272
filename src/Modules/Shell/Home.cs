using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Where this process stands: an edge serves one school, Central the city.</summary>
public sealed record Home(Side Side, Scope Scope);
