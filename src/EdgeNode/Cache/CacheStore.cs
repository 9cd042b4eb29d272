using TdmEdu.EdgeNode.Journal;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// The cache file's life: trusted only after a clean close, else replaced by the last verified copy or made anew, and in each
/// case brought up to the journal's end. Used by the owner's thread alone.
/// </summary>
internal sealed partial class CacheStore(
    string folder, Catalogue catalogue, JournalFile journal, Tables tables, Applier applier, ILogger logger) : IDisposable
{
    /// <summary>How many changed documents may wait in memory for the file.</summary>
    public const int DirtyDocsMax = 4096;

    /// <summary>How many are written at once while people may be waiting: about ten milliseconds.</summary>
    private const int FlushDocsMax = 256;

    private readonly string path = Path.Combine(folder, "cache.db");
    private readonly string copy = Path.Combine(folder, "cache-copy.db");
    private LiteFile? file;

    public bool IsOpen => file is not null;

    public static bool IsBroken(Exception e) => e is CacheBrokenException or IOException or UnauthorizedAccessException;

    public void Open()
    {
        var marker = CacheMarker.Read(path);
        if (marker is not null && Fits(marker, path) && TryOpen(marker.Position, () => { }))
        {
            return;
        }
        Replace();
    }

    /// <summary>Throws the file away and brings another one up to the journal's end.</summary>
    /// <exception cref="CacheBrokenException">Not even a new file works: the disk is full or failing.</exception>
    public void Replace()
    {
        Dispose();
        Delete();
        if (CacheMarker.Read(copy) is { } marker && Fits(marker, copy))
        {
            LogCopyTaken(marker.Position, journal.State.Position);
            if (TryOpen(marker.Position, () => File.Copy(copy, path)))
            {
                return;
            }
            Delete();
        }
        LogRebuilding(journal.State.Position);
        if (!TryOpen(position: 0, () => { }))
        {
            // A half-made file would take the space that the journal needs.
            Delete();
            throw new CacheBrokenException(new IOException("No cache file can be made."));
        }
    }

    public void FlushSome() => tables.Flush(FlushDocsMax);

    /// <summary>Closes so that the next start trusts the file.</summary>
    public void Close()
    {
        if (file is null)
        {
            return;
        }
        tables.Flush(int.MaxValue);
        var clean = file.CloseCleanly();
        file = null;
        tables.Forget();
        if (clean)
        {
            CacheMarker.For(path, journal.Epoch, journal.State.Position, catalogue.Hash).Write(path);
        }
    }

    /// <summary>
    /// Keeps a copy in which every document was read, to start from should this file break. Closing and opening in between also gives
    /// back the memory of LiteDB's page cache, which never shrinks by itself (litedb #2813).
    /// </summary>
    public void CopyVerified()
    {
        Close();
        try
        {
            Copy();
        }
        finally
        {
            Open();
        }
    }

    /// <summary>Without <see cref="Close"/> before, the next start will not trust the file.</summary>
    public void Dispose()
    {
        tables.Forget();
        file?.Dispose();
        file = null;
    }

    private void Copy()
    {
        var candidate = copy + ".new";
        LiteFile.Delete(candidate);
        File.Copy(path, candidate);
        var marker = CacheMarker.For(candidate, journal.Epoch, journal.State.Position, catalogue.Hash);
        using (var opened = LiteFile.Open(candidate, tables.Names))
        {
            opened.Verify();
        }
        if (!Fits(marker, candidate))
        {
            throw new CacheBrokenException(new InvalidDataException("The copy changed while it was read."));
        }
        using (var durable = new FileStream(candidate, FileMode.Open, FileAccess.ReadWrite))
        {
            durable.Flush(flushToDisk: true);
        }
        CacheMarker.Delete(copy);
        File.Move(candidate, copy, overwrite: true);
        marker.Write(copy);
        LiteFile.Delete(candidate);
    }

    private bool Fits(CacheMarker marker, string candidate) =>
        marker.Fits(candidate, journal.Epoch, journal.State.Position, catalogue.Hash);

    private bool TryOpen(long position, Action prepare)
    {
        try
        {
            prepare();
            Load(position);
            return true;
        }
        catch (Exception e) when (IsBroken(e))
        {
            LogNotTrusted(e);
            Dispose();
            return false;
        }
    }

    private void Delete()
    {
        CacheMarker.Delete(path);
        LiteFile.Delete(path);
    }

    private void Load(long position)
    {
        CacheMarker.Delete(path);
        file = LiteFile.Open(path, tables.Names);
        tables.Attach(file);
        var replayed = 0;
        foreach (var entry in journal.Reader.EntriesAfter(position))
        {
            if (Replay.Apply(entry, applier, tables) is { } cause)
            {
                LogParked(cause, entry.Position, entry.Op.Entity, entry.Op.Id);
            }
            replayed++;
            if (tables.DirtyCount >= DirtyDocsMax)
            {
                tables.Flush(int.MaxValue);
            }
        }
        tables.Flush(int.MaxValue);
        LogOpen(replayed, journal.State.Position);
    }

    [LoggerMessage(1, LogLevel.Information, "The cache is open; {Replayed} operations were replayed up to journal position {Position}.")]
    private partial void LogOpen(int replayed, long position);

    [LoggerMessage(2, LogLevel.Warning, "The cache file was not trusted.")]
    private partial void LogNotTrusted(Exception cause);

    [LoggerMessage(3, LogLevel.Warning, "The cache is replaced by the verified copy at journal position {From} of {To}.")]
    private partial void LogCopyTaken(long from, long to);

    [LoggerMessage(4, LogLevel.Information, "The cache is built from the whole journal, {Position} operations.")]
    private partial void LogRebuilding(long position);

    [LoggerMessage(5, LogLevel.Warning,
        "The operation at journal position {Position} ({Entity} {Id}) cannot be applied by this version and stays parked.")]
    private partial void LogParked(Exception cause, long position, string entity, Guid id);
}
