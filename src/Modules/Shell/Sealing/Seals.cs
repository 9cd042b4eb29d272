using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell.Sealing;

/// <summary>
/// Seals private values and opens them. A school's keys are one file (0600) on each host that may read them, outside of every database: at Central one
/// for each school, on a box its own, which it is given with its certificates. AES-256-GCM under the person's key; the nonce is made of the
/// value, so a seal says no more than whether a person's value is the one it was before.
/// </summary>
/// <param name="folder">Of the key files.</param>
/// <param name="makes">Whether a school without keys is given new ones here: at Central only.</param>
public sealed class Seals(string folder, bool makes)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int KnownMax = 10_000;

    /// <summary>Of the file with the keys of a school.</summary>
    public const string FileEnd = ".seal";

    private readonly byte[] markKey = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<Guid, Known> known = new();

    /// <summary>Why nothing can be sealed for this school here; null when it can.</summary>
    public Error? WhyNot(Scope school) => Of(school) is null
        ? Error.Unavailable(
            "no_seal", "Máy của trường chưa nhận được khóa bảo vệ thông tin riêng của học sinh. Hãy nối mạng với Phòng Giáo dục trong vài phút rồi thử lại.")
        : null;

    /// <summary>Null for no value, and for a person who was erased: coming back to the school, they are somebody new. Only after <see cref="WhyNot"/>.</summary>
    /// <param name="field">So that a seal cannot be carried from one field to another.</param>
    public Sealed? Seal(Scope school, Guid person, string field, string? value)
    {
        if (value is null)
        {
            return null;
        }
        var keys = Of(school) ?? throw new InvalidOperationException("The keys of this school are not here.");
        if (keys.KeyOf(person) is not { } key)
        {
            return null;
        }
        var (name, plain) = (Encoding.UTF8.GetBytes(field), Encoding.UTF8.GetBytes(value));
        var sealing = new byte[NonceBytes + TagBytes + plain.Length];
        var nonce = sealing.AsSpan(0, NonceBytes);
        byte[] content = [.. name, 0, .. plain];
        HMACSHA256.HashData(HMACSHA256.HashData(key, "nonce"u8), content).AsSpan(0, NonceBytes).CopyTo(nonce);
        using var aes = new AesGcm(HMACSHA256.HashData(key, "seal"u8), TagBytes);
        aes.Encrypt(nonce, plain, sealing.AsSpan(NonceBytes + TagBytes), sealing.AsSpan(NonceBytes, TagBytes), name);
        return new(Sealed.Prefix + Base64Url.EncodeToString(sealing));
    }

    /// <summary>Null for no value, for one whose person was erased, and for one that was not sealed for this person and field.</summary>
    public string? Open(Scope school, Guid person, string field, Sealed? value)
    {
        if (value is null || value.IsOpen || Of(school)?.KeyOf(person) is not { } key)
        {
            return null;
        }
        try
        {
            var sealing = Base64Url.DecodeFromChars(value.Text.AsSpan(Sealed.Prefix.Length));
            var plain = new byte[Math.Max(0, sealing.Length - NonceBytes - TagBytes)];
            using var aes = new AesGcm(HMACSHA256.HashData(key, "seal"u8), TagBytes);
            aes.Decrypt(
                sealing.AsSpan(0, NonceBytes), sealing.AsSpan(NonceBytes + TagBytes), sealing.AsSpan(NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(field));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// By what values of persons of any school can be told to be the same without anybody seeing them. It is good while this process lives and is kept
    /// nowhere: one that was kept could be tried out against every number there is, and would outlive an erased person's key. Null as <see cref="Open"/>.
    /// </summary>
    public string? Mark(Scope school, Guid person, string field, Sealed? value) => Open(school, person, field, value) is { } plain
        ? Convert.ToHexString(HMACSHA256.HashData(markKey, Encoding.UTF8.GetBytes($"{field}\0{plain}")))
        : null;

    /// <summary>
    /// Takes these persons' keys away, durably: whatever was sealed for them, in every copy of every database and journal, is no more than noise here.
    /// </summary>
    public void Erase(Scope school, IEnumerable<Guid> persons)
    {
        lock (gate)
        {
            var (tree, removed) = (Load(school), false);
            foreach (var person in persons)
            {
                removed |= tree?.Remove(person) == true;
            }
            if (removed)
            {
                Save(school, tree!);
            }
        }
    }

    /// <summary>The school's keys as they are now, to be handed to its box; made at Central when there are none.</summary>
    public byte[]? Export(Scope school)
    {
        lock (gate)
        {
            return Load(school)?.Write();
        }
    }

    /// <summary>Keeps what Central sent, unless there are keys already: an answer that was long on its way must not bring erased ones back.</summary>
    public void Take(Scope school, byte[] keys)
    {
        lock (gate)
        {
            if (Load(school) is null && KeyTree.Read(keys) is { } tree)
            {
                Save(school, tree);
            }
        }
    }

    private Known? Of(Scope school)
    {
        var at = File.GetLastWriteTimeUtc(FileOf(school));
        if (known.TryGetValue(school.Owner, out var before) && before.At == at)
        {
            return before;
        }
        lock (gate)
        {
            return Load(school) is { } tree ? known[school.Owner] = new(tree, File.GetLastWriteTimeUtc(FileOf(school))) : null;
        }
    }

    private KeyTree? Load(Scope school)
    {
        var file = FileOf(school);
        if (File.Exists(file))
        {
            return KeyTree.Read(Convert.FromBase64String(File.ReadAllText(file)))
                ?? throw new InvalidDataException($"{file} holds no keys. Put it back from its copy.");
        }
        if (!makes)
        {
            return null;
        }
        var tree = KeyTree.New();
        Save(school, tree);
        return tree;
    }

    private void Save(Scope school, KeyTree tree)
    {
        Directory.CreateDirectory(folder);
        SecretFile.Write(FileOf(school), Convert.ToBase64String(tree.Write()));
        known.TryRemove(school.Owner, out _);
    }

    private string FileOf(Scope school) => Path.Combine(folder, $"{school.Owner:n}{FileEnd}");

    /// <summary>A school's keys as read at <paramref name="At"/>, and those of the persons who were asked for.</summary>
    private sealed record Known(KeyTree Tree, DateTime At)
    {
        private readonly ConcurrentDictionary<Guid, byte[]?> persons = new();

        public byte[]? KeyOf(Guid person)
        {
            if (persons.Count > KnownMax)
            {
                persons.Clear();
            }
            return persons.GetOrAdd(person, Tree.KeyOf);
        }
    }
}
