namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// LiteDB does not survive a write that fails: the transaction it leaves throws once more when it is collected, on the finalizer's thread,
/// and takes the process with it. So no write fails for LiteDB here; what failed is kept, and ends the file when LiteDB has returned.
/// </summary>
internal sealed class CacheStream(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
{
    public IOException? Fault { get; private set; }

    public override void Write(byte[] buffer, int offset, int count) => Try(() => base.Write(buffer, offset, count), count);

    public override void SetLength(long value) => Try(() => base.SetLength(value), 0);

    public override void Flush(bool flushToDisk) => Try(() => base.Flush(flushToDisk), 0);

    private void Try(Action write, int count)
    {
        var at = Position;
        try
        {
            write();
        }
        catch (IOException e)
        {
            Fault ??= e;
            Position = at + count;
        }
    }
}
