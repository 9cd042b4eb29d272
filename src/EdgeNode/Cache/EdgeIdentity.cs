using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>Which box this is, whose, and where its data lies.</summary>
internal sealed record EdgeIdentity(string DataFolder, Guid Node, Scope School);
