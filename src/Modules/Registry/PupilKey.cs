using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// How a pupil and the pupil's parents come in; its id is the pupil's. What is on a card or in a link is kept nowhere, only what it is
/// recognised by. A null is a card or link that was never made, or is revoked.
/// </summary>
/// <param name="Class">Named on the card, which is good while the pupil is in this class.</param>
/// <param name="PinHash">As <see cref="PasswordHash"/> writes it, with one salt for the class: a PIN is looked for among classmates.</param>
/// <param name="CardHash">SHA-256 of the secret in the card's QR code, in hex.</param>
/// <param name="LinkHash">SHA-256 of the secret in the parents' link.</param>
/// <param name="LinkTo">The last day of the link.</param>
public sealed record PupilKey(Guid Class, string? PinHash = null, string? CardHash = null, string? LinkHash = null, DateOnly? LinkTo = null);

/// <summary>The rules of cards, PINs and parents' links.</summary>
internal static partial class PupilKeys
{
    internal const Roles Writers = Roles.HomeroomTeacher | Roles.Office | Roles.Head;
    private const int PinDistinctDigitsMin = 3;
    private const int ClassCodeLetters = 6;

    /// <summary>133 bits.</summary>
    private const int SecretDigits = 40;

    private const string Digits = "0123456789";

    /// <summary>Without look-alikes, and without what a keyboard that writes Vietnamese would turn into something else: no vowels, no d, w, s.</summary>
    private const string CodeLetters = "BCHKMNPTVX234679";

    /// <summary>Digits only: a scanner types them into whatever keyboard the PC has.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(Digits, SecretDigits);

    /// <summary>Nobody's first guess: 1111, 1212, 1234 and their like are left out.</summary>
    public static string NewPin()
    {
        while (true)
        {
            var pin = RandomNumberGenerator.GetString(Digits, 4);
            var steps = pin.Zip(pin.Skip(1), (a, b) => b - a).Distinct().ToList();
            if (pin.Distinct().Count() >= PinDistinctDigitsMin && steps is not ([1] or [-1]))
            {
                return pin;
            }
        }
    }

    public static string PinHash(string pin, Guid schoolClass) => PasswordHash.Of(pin, RecordId.ToBytes(schoolClass));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>What pupils call their class at sign-in. It says which class, and opens nothing.</summary>
    public static string CodeOf(Guid schoolClass)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"class code {schoolClass:n}"));
        return string.Concat(hash.Take(ClassCodeLetters / 2).SelectMany(b => new[] { CodeLetters[b >> 4], CodeLetters[b & 15] }));
    }

    /// <summary>The secret at the end of whatever was typed, scanned or pasted; null when there is none.</summary>
    public static string? SecretIn(string text) => Secret().Match(text) is { Success: true } found ? found.Value : null;

    /// <summary>Central has many schools and the link says whose child it is; on a box it says the same.</summary>
    public static string LinkText(Scope school, Guid pupil, string secret) => $"{school.Owner:n}.{pupil:n}.{secret}";

    public static (Scope School, Guid Pupil, string Secret)? LinkIn(string text) => Link().Match(text) is { Success: true } found
        ? (Scope.School(Guid.ParseExact(found.Groups[1].Value, "n")), Guid.ParseExact(found.Groups[2].Value, "n"), found.Groups[3].Value)
        : null;

    /// <summary>Those with a PIN among the pupils that are in the class of this code today.</summary>
    public static List<Row<PupilKey>> InClass(IRecords records, Scope school, string code, DateOnly today)
    {
        var classes = Calendar.Load(records, school).YearFor(today) is { } year ? records.AllAt<SchoolClass>(school, year.Name) : [];
        return
        [
            .. from c in classes
               where CodeOf(c.Id) == code
               from pupil in records.View<ClassRoster>(school, c.Id)?.PupilsOn(today) ?? []
               let key = records.Get<PupilKey>(school, pupil)
               where key?.Value.PinHash is not null && key.Value.Class == c.Id
               select key,
        ];
    }

    /// <summary>What the person's key is recognised by while it is good; a session ends with it.</summary>
    public static string? StampOf(IRecords records, Actor actor, DateOnly today)
    {
        if (records.Get<PupilKey>(actor.Scope, actor.Id)?.Value is not { } key)
        {
            return null;
        }
        var places = Enrol.PlacesOf(records, actor.Scope, actor.Id).Select(p => p.Value).Where(p => p.IsActiveOn(today));
        return actor.Is(Roles.Pupil) ? places.Any(p => p.Class == key.Class) ? key.CardHash : null
            : places.Any() && today <= key.LinkTo ? key.LinkHash : null;
    }

    [GeneratedRegex(@"(?<!\d)\d{40}$")]
    private static partial Regex Secret();

    [GeneratedRegex(@"([0-9a-f]{32})\.([0-9a-f]{32})\.(\d{40})$")]
    private static partial Regex Link();
}
