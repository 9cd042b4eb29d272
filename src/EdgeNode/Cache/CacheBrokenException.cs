namespace TdmEdu.EdgeNode.Cache;

/// <summary>LiteDB or its file failed; the cache must be replaced. Nothing is lost: the journal has it all.</summary>
internal sealed class CacheBrokenException(Exception cause) : Exception("The cache failed.", cause);
