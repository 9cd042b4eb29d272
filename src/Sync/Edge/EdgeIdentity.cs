using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>Which box this is, whose, and where its data lies.</summary>
/// <param name="Before">What it was until it was withdrawn and joined anew; null for most.</param>
public sealed record EdgeIdentity(string DataFolder, Guid Node, Scope School, Guid? Before = null);
