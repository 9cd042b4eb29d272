using System.Runtime.InteropServices;
using LiteDB;
using LiteDB.Engine;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// The only place that touches LiteDB; used by the owner's thread alone. Its streams take a lock that other processes respect and never
/// fsync for a commit: the journal is the truth, and a file that was not closed cleanly is thrown away.
/// </summary>
internal sealed class LiteFile : IDocumentFile, IDisposable
{
    private const string Key = "k";
    private readonly CacheStream data;
    private readonly CacheStream log;
    private readonly LiteDatabase database;
    private readonly Dictionary<string, ILiteCollection<BsonDocument>> collections = [];

    private LiteFile(string path, IEnumerable<string> tables)
    {
        data = new(path);
        log = new(LogOf(path));
        var mapper = new BsonMapper { TrimWhitespace = false, EmptyStringToNull = false };
        var settings = new EngineSettings
        {
            DataStream = data,
            LogStream = log,
            TempStream = new MemoryStream(),
            Collation = Collation.Binary,
        };
        database = new LiteDatabase(new LiteEngine(settings), mapper) { UtcDate = true };
        // Made now and never later: creating a collection while another call reads it kills the engine (litedb #2792).
        foreach (var table in tables)
        {
            collections[table] = database.GetCollection(table.Replace('.', '_'));
            collections[table].EnsureIndex(Key);
        }
        if (Fault is { } fault)
        {
            Dispose();
            throw fault;
        }
    }

    public static LiteFile Open(string path, IEnumerable<string> tables) => Guard(() => new LiteFile(path, tables));

    public static string LogOf(string path) => path + "-log";

    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(LogOf(path));
    }

    public Doc? Find(string table, Scope scope, Guid id) =>
        Guard(() => collections[table].FindById(IdOf(scope, id)) is { } found ? ToDoc(found) : null);

    /// <summary>The ids of a table, read from its index alone.</summary>
    public IReadOnlyList<Guid> Ids(string table) => Guard(() => collections[table].Query().OrderBy("_id").Select("$._id").ToEnumerable()
        .Select(d => Guid.ParseExact(d["_id"].AsString.AsSpan()[^32..], "n")).ToList());

    /// <summary>In key order, both ends inside.</summary>
    public IReadOnlyList<Doc> Range(string table, string from, string to, int docsMax) => Guard(() => collections[table].Query()
        .Where("$.k BETWEEN @0 AND @1", from, to).OrderBy(Key).Limit(docsMax).ToEnumerable().Select(ToDoc).ToList());

    public void Write(IEnumerable<(string Table, Doc Doc)> docs) => Guard(() =>
    {
        database.BeginTrans();
        foreach (var (table, doc) in docs)
        {
            collections[table].Upsert(ToBson(doc));
        }
        // False is how LiteDB says that the transaction was lost on the way.
        return database.Commit() && Fault is null ? true : throw Fault ?? new LiteException(0, "The transaction was lost.");
    });

    /// <summary>Reads every document by both indexes.</summary>
    public void Verify() => Guard(() =>
    {
        foreach (var (table, collection) in collections)
        {
            var byId = collection.FindAll().Select(d => IndexKey.Of(ToDoc(d))).Count();
            var byKey = collection.Query().OrderBy(Key).ToEnumerable().Count();
            if (byId != byKey || byId != collection.Count())
            {
                throw new LiteException(0, $"{table}: {byId} documents by id, {byKey} by key.");
            }
        }
        return true;
    });

    /// <summary>Everything into one file, on the disk. False when LiteDB left something in its log.</summary>
    public bool CloseCleanly() => Guard(() =>
    {
        database.Checkpoint();
        database.Dispose();
        data.Flush(flushToDisk: true);
        var clean = log.Length == 0 && Fault is null;
        data.Dispose();
        log.Dispose();
        return clean;
    });

    public void Dispose()
    {
        try
        {
            database.Dispose();
        }
        catch (Exception e) when (e is LiteException or IOException or InvalidOperationException or NullReferenceException)
        {
            // A broken engine fails again while it closes; its file is not used any more.
        }
        data.Dispose();
        log.Dispose();
    }

    /// <summary>A broken page shows itself as any exception at all, so none is told from another.</summary>
    private static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is not CacheBrokenException)
        {
            throw new CacheBrokenException(e);
        }
    }

    private Exception? Fault => data.Fault ?? log.Fault;

    private static string IdOf(Scope scope, Guid id) => $"{scope.Value}/{id:n}";

    private static BsonDocument ToBson(Doc doc) => new()
    {
        ["_id"] = IdOf(doc.Scope, doc.Id),
        [Key] = doc.Deleted ? "" : IndexKey.Of(doc),
        ["s"] = doc.Scope.Value,
        ["i"] = doc.Id,
        ["r"] = doc.Range,
        ["d"] = MemoryMarshal.TryGetArray(doc.Data, out var array) && array.Count == array.Array!.Length ? array.Array : doc.Data.ToArray(),
        ["v"] = doc.Versions,
        ["x"] = doc.Deleted,
        ["n"] = doc.OwnSeq,
    };

    private static Doc ToDoc(BsonDocument bson) => new(
        Scope.TryParse(bson["s"].AsString)!.Value,
        bson["i"].AsGuid,
        bson["r"].AsString,
        bson["d"].AsBinary,
        bson["v"].AsString,
        bson["x"].AsBoolean,
        bson["n"].AsInt64);
}
