using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TdmEdu.Modules.Shell.Joining;

/// <summary>
/// The keys of a box, on both sides of an enrolment: P-256, made on the box, known at Central by their public half. Certificates come
/// and go; the box stays who it is by its key.
/// </summary>
public static class BoxKey
{
    private const string P256 = "1.2.840.10045.3.1.7";
    private const int RequestBytesMax = 2048;

    /// <summary>SHA-256 of the public key as hex, as the node's row at Central holds it.</summary>
    public static string Pin(PublicKey key) => Convert.ToHexString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    /// <summary>A request that says nothing but the key, signed by it.</summary>
    public static byte[] Request(ECDsa key) => new CertificateRequest("CN=box", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <summary>The node key's word that another request is of the same box.</summary>
    public static byte[] Vouch(ECDsa node, byte[] request) => node.SignData(request, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public static bool Vouches(PublicKey node, byte[] request, byte[] signature)
    {
        using var key = node.GetECDsaPublicKey()!;
        return key.VerifyData(request, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>The key of a request, whatever else it asks for; null when it is no request, was not signed by this key, or is no P-256.</summary>
    public static PublicKey? Of(byte[] request)
    {
        if (request.Length > RequestBytesMax)
        {
            return null;
        }
        try
        {
            var key = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256).PublicKey;
            using var curve = key.GetECDsaPublicKey();
            return curve?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256 ? key : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
