using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TdmEdu.Modules.Shell.Joining;

/// <summary>
/// What a person compares on the box's screen and on the department's before the box is let in: four words of two syllables, such as
/// "mèo vàng", that say that both sides speak of the same keys and the same authority, and that nobody between them has put in his own.
/// </summary>
/// <remarks>
/// Each word is one of 64 things and one of 32 qualities, 11 bits; no two of either are alike without tone marks. Both sides put in a
/// nonce and the box commits to its own first, so that a man in the middle cannot try keys until the words agree: he has one guess in 2^44.
/// </remarks>
public static class FourWords
{
    public const int NonceBytes = 16;
    private const int Words = 4;
    private const int QualityBits = 5;
    private const int WordBits = 11;
    private static readonly string[][] Lists = Load();

    public static IReadOnlyList<string> Things => Lists[0];

    public static IReadOnlyList<string> Qualities => Lists[1];

    /// <param name="nodeRequest">The box's two requests, as sent.</param>
    /// <param name="lanRequest">See <paramref name="nodeRequest"/>.</param>
    /// <param name="authority">The department's root, DER.</param>
    /// <param name="centralNonce">Given when Central already had the requests and the box's commitment.</param>
    /// <param name="boxNonce">Revealed when the box already had the root and Central's nonce.</param>
    public static string Of(byte[] nodeRequest, byte[] lanRequest, byte[] authority, byte[] centralNonce, byte[] boxNonce)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { "tdmedu join 1"u8.ToArray(), nodeRequest, lanRequest, authority, centralNonce, boxNonce })
        {
            hash.AppendData(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(part.Length)));
            hash.AppendData(part);
        }
        var bits = BinaryPrimitives.ReadUInt64BigEndian(hash.GetHashAndReset());
        var words = Enumerable.Range(1, Words).Select(i => (int)(bits >> (64 - (i * WordBits))) & ((1 << WordBits) - 1));
        return string.Join(" · ", words.Select(w => $"{Things[w >> QualityBits]} {Qualities[w & ((1 << QualityBits) - 1)]}"));
    }

    /// <summary>As a person types them, with or without tone marks and with any signs between.</summary>
    public static bool AreSame(string shown, string typed) => Plain(shown) == Plain(typed);

    private static string Plain(string words) => string.Concat(VietnameseText.Fold(words).Where(char.IsLetter));

    private static string[][] Load()
    {
        using var stream = typeof(FourWords).Assembly.GetManifestResourceStream("TdmEdu.Modules.Shell.Joining.join-words.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return [.. reader.ReadToEnd().Trim().Split('\n').Select(line => line.Trim().Split(' '))];
    }
}
