using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TdmEdu.Modules.Shell.Sealing;

/// <summary>
/// A school's keys on their way to its box: encrypted for the box's own key (P-256, ECDH with a key that is used once, AES-256-GCM), so that
/// who asks for them again, or listens, has gained nothing.
/// </summary>
public static class SealDelivery
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private static readonly byte[] Label = "tdmedu seal delivery v1"u8.ToArray();

    public static byte[] Close(byte[] keys, PublicKey box)
    {
        using var once = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var to = box.GetECDiffieHellmanPublicKey()!;
        var sender = once.PublicKey.ExportSubjectPublicKeyInfo();
        var closed = new byte[1 + sender.Length + TagBytes + keys.Length];
        closed[0] = (byte)sender.Length;
        sender.CopyTo(closed, 1);
        var rest = closed.AsSpan(1 + sender.Length);
        using var aes = new AesGcm(once.DeriveKeyFromHmac(to.PublicKey, HashAlgorithmName.SHA256, Label), TagBytes);
        // The key is used once, so its nonce may be any.
        aes.Encrypt(new byte[NonceBytes], keys, rest[TagBytes..], rest[..TagBytes], sender);
        return closed;
    }

    /// <exception cref="CryptographicException">It is for another box, or was changed.</exception>
    public static byte[] Open(ReadOnlySpan<byte> closed, string boxKeyPem)
    {
        if (closed.Length < 1 + closed[0] + TagBytes)
        {
            throw new CryptographicException();
        }
        var sender = closed.Slice(1, closed[0]);
        var rest = closed[(1 + closed[0])..];
        using var own = ECDiffieHellman.Create();
        own.ImportFromPem(boxKeyPem);
        using var from = ECDiffieHellman.Create();
        from.ImportSubjectPublicKeyInfo(sender, out _);
        using var aes = new AesGcm(own.DeriveKeyFromHmac(from.PublicKey, HashAlgorithmName.SHA256, Label), TagBytes);
        var keys = new byte[rest.Length - TagBytes];
        aes.Decrypt(new byte[NonceBytes], rest[TagBytes..], rest[..TagBytes], keys, sender);
        return keys;
    }
}
