using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>Which box this is, whose, and where its data lies.</summary>
public sealed record EdgeIdentity(string DataFolder, Guid Node, Scope School);
