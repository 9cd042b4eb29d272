using System.Globalization;
using System.Security.Cryptography;

namespace TdmEdu.Modules.Registry;

/// <summary>PBKDF2 with HMAC-SHA-512, written as <c>pbkdf2-sha512$iterations$salt$hash</c> so that the cost can rise without a
/// migration.</summary>
public static class PasswordHash
{
    /// <summary>OWASP asks for 210,000 with SHA-512 (Password Storage Cheat Sheet, 2023).</summary>
    private const int Iterations = 220_000;

    private const int IterationsMax = 2_000_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const string Scheme = "pbkdf2-sha512";

    /// <summary>Nobody's: verifying against it costs the same as against a person's, so an answer's time does not tell who
    /// exists.</summary>
    private static readonly Lazy<string> Nobody = new(() => Of(Convert.ToHexString(RandomNumberGenerator.GetBytes(SaltBytes))));

    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltBytes));

    /// <param name="salt">Shared by passwords that must be found among each other by one derivation; such are told apart by nothing else.</param>
    internal static string Of(string password, byte[] salt)
    {
        var hash = Derive(password, salt, Iterations, HashBytes);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Scheme}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <param name="password">What the person typed.</param>
    /// <param name="stored">Null for somebody unknown: takes as long, and is always wrong.</param>
    public static bool Verify(string password, string? stored) => Verifier(password)(stored);

    /// <summary>For one password and many hashes: what has the same salt is derived once.</summary>
    public static Func<string?, bool> Verifier(string password)
    {
        var derived = new Dictionary<(string Salt, int Iterations, int Bytes), byte[]>();
        return stored => Verify(stored, (text, salt, iterations, bytes) => derived.TryGetValue((text, iterations, bytes), out var known)
            ? known
            : derived[(text, iterations, bytes)] = Derive(password, salt, iterations, bytes));
    }

    private static bool Verify(string? stored, Func<string, byte[], int, int, byte[]> derive)
    {
        var known = stored is not null;
        var parts = (stored ?? Nobody.Value).Split('$');
        if (parts is not [Scheme, var cost, var salt, var hash]
            || !int.TryParse(cost, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > IterationsMax
            || TryBytes(salt) is not { } saltBytes || TryBytes(hash) is not { Length: > 0 } expected)
        {
            return false;
        }
        var same = CryptographicOperations.FixedTimeEquals(derive(salt, saltBytes, iterations, expected.Length), expected);
        return same && known;
    }

    /// <summary>A phone and a PC write one and the same "ế" in different ways.</summary>
    private static byte[] Derive(string password, byte[] salt, int iterations, int bytes) =>
        Rfc2898DeriveBytes.Pbkdf2(password.Normalize(), salt, iterations, HashAlgorithmName.SHA512, bytes);

    private static byte[]? TryBytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var written) ? bytes[..written] : null;
    }
}
