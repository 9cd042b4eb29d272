namespace TdmEdu.Sync.Edge;

/// <summary>LiteDB or its file failed; the cache must be replaced. Nothing is lost: the journal has it all.</summary>
public sealed class CacheBrokenException(Exception cause) : Exception("The cache failed.", cause);
