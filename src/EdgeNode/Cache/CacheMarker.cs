using System.Security.Cryptography;
using System.Text.Json;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// Says that a cache file was closed cleanly: what it holds and what it must look like. It is deleted before the file is opened,
/// so a file without one is one whose end nobody saw.
/// </summary>
internal sealed record CacheMarker(Guid Epoch, long Position, string Catalogue, long Bytes, string Sha256)
{
    public static CacheMarker For(string path, Guid epoch, long position, string catalogue) =>
        new(epoch, position, catalogue, new FileInfo(path).Length, HashOf(path));

    /// <summary>Null when there is none or it cannot be read.</summary>
    public static CacheMarker? Read(string path)
    {
        try
        {
            return File.Exists(PathOf(path)) ? JsonSerializer.Deserialize<CacheMarker>(File.ReadAllBytes(PathOf(path))) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static void Delete(string path) => File.Delete(PathOf(path));

    public void Write(string path)
    {
        var temporary = PathOf(path) + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create))
        {
            JsonSerializer.Serialize(file, this);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, PathOf(path), overwrite: true);
    }

    public bool Fits(string path, Guid epoch, long journalEnd, string catalogue) =>
        Epoch == epoch && Position <= journalEnd && Catalogue == catalogue
        && File.Exists(path) && new FileInfo(path).Length == Bytes && HashOf(path) == Sha256;

    private static string PathOf(string path) => path + ".ok";

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
