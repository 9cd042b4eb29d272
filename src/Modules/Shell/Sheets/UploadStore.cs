using System.Buffers.Text;
using System.Security.Cryptography;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>
/// Holds what a person uploaded between the dry run and "Ghi", in memory, for a while: it may name children, so it never
/// touches the disk. Another copy of Central does not have it; the person uploads again.
/// </summary>
public sealed class UploadStore<T>(TimeProvider clock) where T : class
{
    private const int UploadsMax = 8;
    private const int TokenBytes = 32;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Upload> uploads = new(StringComparer.Ordinal);

    private sealed record Upload(Guid Owner, T Content, DateTimeOffset Until);

    public string Keep(Guid owner, T content)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (gate)
        {
            var now = clock.GetUtcNow();
            foreach (var (old, _) in uploads.Where(u => u.Value.Until <= now).ToList())
            {
                uploads.Remove(old);
            }
            if (uploads.Count == UploadsMax)
            {
                uploads.Remove(uploads.MinBy(u => u.Value.Until).Key);
            }
            uploads[token] = new(owner, content, now + KeptFor);
        }
        return token;
    }

    /// <summary>Null when there is none, it has expired, or somebody else uploaded it.</summary>
    public T? Find(Guid owner, string token)
    {
        lock (gate)
        {
            return uploads.TryGetValue(token, out var upload) && upload.Owner == owner && upload.Until > clock.GetUtcNow()
                ? upload.Content : null;
        }
    }

    /// <summary>What this person has here, the newest first.</summary>
    public IReadOnlyList<(string Token, T Content, DateTimeOffset Until)> Of(Guid owner)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            return [.. uploads.Where(u => u.Value.Owner == owner && u.Value.Until > now).OrderByDescending(u => u.Value.Until)
                .Select(u => (u.Key, u.Value.Content, u.Value.Until))];
        }
    }

    public void Change(Guid owner, string token, T content)
    {
        lock (gate)
        {
            if (uploads.TryGetValue(token, out var upload) && upload.Owner == owner)
            {
                uploads[token] = upload with { Content = content };
            }
        }
    }

    public void Drop(string token)
    {
        lock (gate)
        {
            uploads.Remove(token);
        }
    }
}
