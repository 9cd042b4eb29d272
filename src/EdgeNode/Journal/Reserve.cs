namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// Room that nothing but attendance gets: a file of nothing, given back when the disk is full and made again when there is room. Which
/// writes may use what it frees is the kernel's to say (<see cref="Sync.Edge.CommandSession.OnReserve"/>). The owner's thread alone.
/// </summary>
internal sealed class Reserve
{
    /// <summary>Some ten thousand submissions, and the log in which they are written first.</summary>
    public const int Bytes = 16 * 1024 * 1024;

    /// <summary>Made again only with so much room that the next writes do not use it up at once.</summary>
    private const long RoomBytes = 2L * Bytes;

    /// <summary>Less than a batch of the journal and its log may need.</summary>
    private const long FullBytes = 1024 * 1024;

    private readonly string path;
    private readonly DriveInfo disk;

    public Reserve(string folder)
    {
        (path, disk) = (Path.Combine(folder, "reserve"), new(Path.GetFullPath(folder)));
        IsSpent = !File.Exists(path);
        SpendIfFull();
        TryMake();
    }

    public bool IsSpent { get; private set; }

    public void Spend()
    {
        File.Delete(path);
        IsSpent = true;
    }

    /// <summary>For a failure that does not say why.</summary>
    public void SpendIfFull()
    {
        if (!IsSpent && disk.AvailableFreeSpace < FullBytes)
        {
            Spend();
        }
    }

    public void TryMake()
    {
        if (!IsSpent || disk.AvailableFreeSpace < RoomBytes)
        {
            return;
        }
        try
        {
            // Preallocated: a file that is only long would take no room.
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = Bytes });
            file.SetLength(Bytes);
            IsSpent = false;
        }
        catch (IOException)
        {
            File.Delete(path);
        }
    }
}
