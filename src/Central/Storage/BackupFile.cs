using System.Buffers.Binary;
using System.Security.Cryptography;
using TdmEdu.Sync;

namespace TdmEdu.Central.Storage;

/// <summary>
/// A backup as it lies on its disk: encrypted for a key whose private half is not at Central (P-256, ECDH with a key that is used once, HKDF),
/// in chunks of AES-256-GCM numbered as in STREAM, the last one marked, so that nothing can be cut off, exchanged or added. The header goes into the key.
/// </summary>
internal static class BackupFile
{
    private const int ChunkBytes = 64 * 1024;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>What a P-256 public key takes.</summary>
    private const int PublicBytes = 91;

    private static readonly byte[] Magic = "TdmEdu backup 1\n"u8.ToArray();
    private static readonly int HeaderBytes = Magic.Length + SHA256.HashSizeInBytes + PublicBytes;

    /// <summary>Readable by this account only, and in the place of what was there.</summary>
    public static FileStream Create(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        File.Delete(file);
        return new(file, options);
    }

    public static bool IsOne(string file)
    {
        if (!File.Exists(file))
        {
            return false;
        }
        using var stream = File.OpenRead(file);
        var start = new byte[Magic.Length];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual(Magic);
    }

    /// <summary>The file has its name, in place of the last one, once what the disk gives back of it is what was written.</summary>
    /// <exception cref="IOException">It is not, it cannot be written, or there was nothing to be written.</exception>
    public static void Write(Stream plain, string file, string publicKeyPem)
    {
        var part = file + ".part";
        using (var written = Create(part))
        {
            var key = Close(plain, written, publicKeyPem);
            written.Flush(flushToDisk: true);
            written.Position = HeaderBytes;
            if (!Decrypt(written, Stream.Null, key))
            {
                throw new IOException();
            }
        }
        File.Move(part, file, overwrite: true);
    }

    /// <summary>The target is there, and nothing of it before, once the last byte was found to be as it was written.</summary>
    public static Result<string> Open(string file, string keyFile, string target)
    {
        if (File.Exists(target))
        {
            return Error.Conflict("target_exists", "Đã có tệp {0}. Hãy chọn tên khác.", target);
        }
        // SQLite would read them into the database that is put here now.
        if (new[] { target + "-wal", target + "-shm" }.FirstOrDefault(File.Exists) is { } left)
        {
            return Error.Conflict(
                "target_journal", "Còn tệp {0} của cơ sở dữ liệu cũ, nó sẽ làm hỏng bản được mở. Hãy chuyển nó đi nơi khác cùng với cơ sở dữ liệu cũ rồi chạy lại.", left);
        }
        try
        {
            using var own = ECDiffieHellman.Create();
            own.ImportFromPem(File.ReadAllText(keyFile));
            using var sealedFile = File.OpenRead(file);
            var header = new byte[HeaderBytes];
            if (sealedFile.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.AsSpan().StartsWith(Magic))
            {
                return Error.Invalid("backup_foreign", "Tệp {0} không phải là bản sao lưu của Central. Hãy kiểm tra lại tên tệp.", file);
            }
            if (!header.AsSpan(Magic.Length, SHA256.HashSizeInBytes).SequenceEqual(Name(own)))
            {
                return Error.Denied("backup_other_key", "Bản sao lưu này được khóa bằng một khóa khác. Hãy dùng tệp khóa đang có hiệu lực lúc sao lưu.");
            }
            var part = target + ".part";
            bool whole;
            using (var opened = Create(part))
            {
                whole = KeyOf(header, own) is { } key && Decrypt(sealedFile, opened, key);
                opened.Flush(flushToDisk: true);
            }
            if (!whole)
            {
                File.Delete(part);
                return Error.Invalid("backup_changed", "Bản sao lưu {0} bị hỏng hoặc đã bị sửa, không dùng được. Hãy lấy bản khác.", file);
            }
            File.Move(part, target);
            return $"opened: {target}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return Error.Invalid("backup_not_opened", "Không đọc được tệp sao lưu hoặc tệp khóa, hoặc không ghi được {0}. Hãy kiểm tra lại tên tệp và ổ đĩa.", target);
        }
    }

    /// <returns>The key of this one file.</returns>
    private static byte[] Close(Stream plain, Stream to, string publicKeyPem)
    {
        using var recipient = ECDiffieHellman.Create();
        recipient.ImportFromPem(publicKeyPem);
        using var once = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        byte[] header = [.. Magic, .. Name(recipient), .. once.PublicKey.ExportSubjectPublicKeyInfo()];
        to.Write(header);
        var key = Derive(once, recipient.PublicKey, header);
        using var aes = new AesGcm(key, TagBytes);
        var chunk = new byte[ChunkBytes];
        var closed = new byte[ChunkBytes + TagBytes];
        var read = ChunkBytes;
        for (var number = 0L; read == ChunkBytes; number++)
        {
            read = plain.ReadAtLeast(chunk, ChunkBytes, throwOnEndOfStream: false);
            if (number == 0 && read == 0)
            {
                throw new EndOfStreamException();
            }
            aes.Encrypt(Nonce(number, isLast: read < ChunkBytes), chunk.AsSpan(0, read), closed.AsSpan(0, read), closed.AsSpan(read, TagBytes));
            to.Write(closed, 0, read + TagBytes);
        }
        return key;
    }

    private static bool Decrypt(Stream closed, Stream to, byte[] key)
    {
        using var aes = new AesGcm(key, TagBytes);
        var chunk = new byte[ChunkBytes + TagBytes];
        var opened = new byte[ChunkBytes];
        var read = chunk.Length;
        for (var number = 0L; read == chunk.Length; number++)
        {
            read = closed.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
            var length = read - TagBytes;
            if (length < 0)
            {
                return false;
            }
            try
            {
                aes.Decrypt(Nonce(number, isLast: read < chunk.Length), chunk.AsSpan(0, length), chunk.AsSpan(length, TagBytes), opened.AsSpan(0, length));
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
            to.Write(opened, 0, length);
        }
        return true;
    }

    private static byte[]? KeyOf(byte[] header, ECDiffieHellman own)
    {
        try
        {
            using var sender = ECDiffieHellman.Create();
            sender.ImportSubjectPublicKeyInfo(header.AsSpan(HeaderBytes - PublicBytes), out _);
            return Derive(own, sender.PublicKey, header);
        }
        catch (Exception changed) when (changed is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] Derive(ECDiffieHellman own, ECDiffieHellmanPublicKey other, byte[] header) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, own.DeriveRawSecretAgreement(other), KeyBytes, info: header);

    private static byte[] Name(ECDiffieHellman key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo());

    private static byte[] Nonce(long number, bool isLast)
    {
        var nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(NonceBytes - 1 - sizeof(long)), number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }
}
