using System.Security.Cryptography;
using System.Text;

namespace TdmEdu.Modules.Shell.Joining;

/// <summary>
/// The code by which one box joins one school: 115 random bits in letters and digits that are not taken for each other (Crockford's
/// base 32), and a last one that tells a slip of the finger before anything is sent.
/// </summary>
public static class JoinCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int RandomLetters = 23;
    private const int GroupLetters = 4;

    public static string New()
    {
        var letters = RandomNumberGenerator.GetString(Alphabet, RandomLetters);
        return string.Join('-', (letters + Check(letters)).Chunk(GroupLetters).Select(group => new string(group)));
    }

    /// <summary>Only this is kept at Central. A code that cannot be guessed needs no slow hash. Null when this was never a code.</summary>
    public static byte[]? Hash(string typed)
    {
        var letters = string.Concat(typed.ToUpperInvariant().Where(char.IsLetterOrDigit).Select(Meant));
        return letters.Length == RandomLetters + 1 && letters.All(Alphabet.Contains) && letters[^1] == Check(letters[..^1])
            ? SHA256.HashData(Encoding.ASCII.GetBytes(letters))
            : null;
    }

    private static char Meant(char letter) => letter switch
    {
        'O' => '0',
        'I' or 'L' => '1',
        _ => letter,
    };

    private static char Check(string letters) => Alphabet[SHA256.HashData(Encoding.ASCII.GetBytes(letters))[0] % Alphabet.Length];
}
