using System.Security.Cryptography;
using System.Text;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>One session in its month.</summary>
/// <param name="Sent">Somebody who was there has sent it; false where there are only notices' words.</param>
/// <param name="Amended">Something was said after the first that was sent.</param>
public sealed record BookSession(bool Sent, bool Amended, SortedSet<Guid> Words);

/// <summary>
/// View: a class's month, so that a register of a year is opened from a few documents. Each pupil has a text of as many letters as a month can
/// have sessions; what the letters mean on paper is <see cref="MarkCodes"/>'.
/// </summary>
/// <param name="Month">Its first day.</param>
/// <param name="Sessions">By place: see <see cref="PlaceOf"/>.</param>
public sealed record MonthBook(Guid Class, DateOnly Month, SortedDictionary<int, BookSession> Sessions, SortedDictionary<Guid, string> Pupils)
{
    private const int DaysMax = 31;
    private const char Nothing = '.';
    private const char Present = (char)('a' + MarkCode.Present);
    private static readonly int Places = DaysMax * Slots.Sessions.Length;

    public static Guid IdOf(Scope school, Guid schoolClass, DateOnly day) =>
        RecordId.From(school, "attendance.month", $"{schoolClass:n}|{FirstOf(day).Iso()}");

    public static MonthBook? Of(IRecords records, Scope school, Guid schoolClass, DateOnly month) =>
        records.View<MonthBook>(school, IdOf(school, schoolClass, month));

    public static DateOnly FirstOf(DateOnly day) => new(day.Year, day.Month, 1);

    public static int PlaceOf(DateOnly day, Slot slot) => ((day.Day - 1) * Slots.Sessions.Length) + Slots.Sessions.IndexOf(slot);

    public BookSession? Session(DateOnly day, Slot slot) => Sessions.GetValueOrDefault(PlaceOf(day, slot));

    /// <summary>What stands of a pupil; null where nobody who was there has said anything.</summary>
    public Standing? Of(Guid pupil, DateOnly day, Slot slot) => Pupils.GetValueOrDefault(pupil) is { } letters ? Read(letters[PlaceOf(day, slot)]) : null;

    /// <summary>Of whom anything stands.</summary>
    public IEnumerable<Guid> Said() => Pupils.Where(p => p.Value.Any(letter => letter != Nothing)).Select(p => p.Key);

    /// <summary>What is said of anybody that is more than presence. Read by the ten thousand: a school's year is more than a million letters.</summary>
    public IEnumerable<(Guid Pupil, DateOnly Day, MarkCode Code)> Exceptions()
    {
        foreach (var (pupil, letters) in Pupils)
        {
            for (var place = 0; place < letters.Length; place++)
            {
                if (letters[place] is not (Nothing or Present))
                {
                    yield return (pupil, Month.AddDays(place / Slots.Sessions.Length), Read(letters[place])!.Code);
                }
            }
        }
    }

    /// <summary>
    /// Of what is said of whom in which session, and of nothing else: neither names nor who said it. The same data gives the same text on every host.
    /// </summary>
    public string Code()
    {
        var text = new StringBuilder($"{Class:n}|{Month.Iso()}|").AppendJoin(',', Sessions.Where(s => s.Value.Sent).Select(s => s.Key));
        foreach (var (pupil, letters) in Pupils.Where(p => p.Value.Any(letter => letter != Nothing)).OrderBy(p => p.Key.ToString("n"), StringComparer.Ordinal))
        {
            text.Append('\n').Append(pupil.ToString("n")).Append(' ').Append(letters);
        }
        return BookCode.Of(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The book as whoever locked it had it: without words that came later.</summary>
    public MonthBook Only(IReadOnlySet<Guid> known, IRecords records, Scope school)
    {
        var book = this;
        foreach (var place in Sessions.Where(s => !s.Value.Words.IsSubsetOf(known)).Select(s => s.Key))
        {
            var (day, slot) = (Month.AddDays(place / Slots.Sessions.Length), Slots.Sessions[place % Slots.Sessions.Length]);
            var sheet = records.View<SessionSheet>(school, SessionSheet.IdOf(school, Class, day, slot))!;
            book = book.With(sheet.Only(known, RosterIn(records, school)));
        }
        return book;
    }

    /// <summary>Made from the session's whole set, so it does not matter which of its words comes when.</summary>
    internal static MonthBook Fold(MonthBook? before, Row<Submission> row, Scope school, IRecords records)
    {
        var s = row.Value;
        var book = before ?? new(s.Class, FirstOf(s.Date), [], []);
        // What was sent may not have got into the session's own view yet: it is put there once more.
        var held = s.Slot.IsSession() ? records.View<SessionSheet>(school, SessionSheet.IdOf(school, s.Class, s.Date, s.Slot)) : null;
        return s.Slot.IsSession() ? book.With(SessionSheet.Fold(held, row, RosterIn(records, school))) : book;
    }

    private MonthBook With(SessionSheet sheet)
    {
        var place = PlaceOf(sheet.Date, sheet.Slot);
        var sessions = new SortedDictionary<int, BookSession>(Sessions);
        if (sheet.Submissions.Count == 0)
        {
            sessions.Remove(place);
        }
        else
        {
            sessions[place] = new(sheet.Tally is not null, sheet.IsAmended(), [.. sheet.Submissions.Keys]);
        }
        var standings = sheet.Tally is null ? [] : sheet.Pupils;
        var pupils = new SortedDictionary<Guid, string>(Pupils);
        foreach (var pupil in Pupils.Keys.Union(standings.Keys))
        {
            var letters = (pupils.GetValueOrDefault(pupil) ?? new(Nothing, Places)).ToCharArray();
            letters[place] = standings.TryGetValue(pupil, out var standing) ? Write(standing) : Nothing;
            pupils[pupil] = new(letters);
        }
        return this with { Sessions = sessions, Pupils = pupils };
    }

    private static char Write(Standing standing) => (char)((standing.TwoOpinions ? 'A' : 'a') + (int)standing.Code);

    private static Standing? Read(char letter) =>
        letter == Nothing ? null : new((MarkCode)(char.ToLowerInvariant(letter) - 'a'), char.IsUpper(letter));

    private static Func<Guid, RosterSeen?> RosterIn(IRecords records, Scope school) => id => records.Get<RosterSeen>(school, id)?.Value;
}

/// <summary>The short form of a book's hash that is printed, scanned and typed: 80 bits in groups of four.</summary>
public static class BookCode
{
    private const int Digits = 20;

    public static string Of(byte[] hash) => Convert.ToHexString(hash)[..Digits];

    public static string Show(string code) => string.Join('-', code.Chunk(4).Select(c => new string(c)));

    /// <summary>As somebody typed it; null where it cannot be one.</summary>
    public static string? Read(string? typed)
    {
        var code = string.Concat((typed ?? "").ToUpperInvariant().Where(c => !char.IsWhiteSpace(c) && c != '-'));
        return code.Length == Digits && code.All(char.IsAsciiHexDigit) ? code : null;
    }
}
