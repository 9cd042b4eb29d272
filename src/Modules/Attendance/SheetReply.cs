using System.Globalization;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <param name="Number">The place in the class's list on that date, from 1.</param>
/// <param name="Code">What stands; null while nobody has said anything of this pupil.</param>
/// <param name="Opinions">Who said what, oldest first, where they disagree; else null.</param>
/// <param name="Notice">The school has granted the family that the pupil stays away.</param>
/// <param name="Asked">The family has asked for it, and nobody has answered yet.</param>
public sealed record SheetRow(
    Guid Id, int Number, string Name, MarkCode? Code, bool TwoOpinions, IReadOnlyList<Opinion>? Opinions = null, bool Notice = false, int? Minutes = null,
    bool Asked = false);

/// <summary>A person's last word about a pupil.</summary>
/// <param name="Notice">Said by approving a notice.</param>
public sealed record Opinion(MarkCode Code, string By, long AtMs, bool Notice = false);

/// <summary>A session as the capture page shows it.</summary>
/// <param name="Submissions">What the phone names as seen when it sends a change; empty while the session is not submitted.</param>
/// <param name="Notices">The words of approved notices and of the gate: named as seen in a change as well, but a first word stays a first word.</param>
/// <param name="SubmittedAtMs">When the box took the newest submission; null while there is none.</param>
/// <param name="Shut">Why this person cannot submit the session now; null when they can.</param>
public sealed record SheetReply(
    Guid Class,
    string ClassName,
    DateOnly Date,
    Slot Slot,
    IReadOnlyList<SheetRow> Pupils,
    IReadOnlyList<Guid> Submissions,
    IReadOnlyList<Guid> Notices,
    Tally? Tally,
    long? SubmittedAtMs,
    string? Shut = null)
{
    /// <summary>In the place of a name that this school no longer has.</summary>
    internal const string Gone = "(đã chuyển trường)";

    internal static Result<SheetReply> Open(IRecords records, Actor actor, SessionKey key, DateOnly today, Words words)
    {
        var known = SessionFacts.Of(records, actor, key, today);
        if (known.WhyNotOpen(actor) is { } refused)
        {
            return refused;
        }
        var shut = SubmitSession.WhyShut(known, key, actor, today) ?? SubmitSession.WhyLocked(known, key.Date, long.MaxValue);
        return Of(records, actor.Scope, key) with { Shut = shut is null ? null : words[shut.Message] };
    }

    internal static SheetReply Of(IRecords records, Scope scope, SessionKey key)
    {
        var sheet = records.View<SessionSheet>(scope, SessionSheet.IdOf(scope, key.Class, key.Date, key.Slot));
        var pupils = SlotRoster.Of(records, scope, key)
            .Select(id => (Id: id, Pupil: records.Get<Pupil>(scope, id)?.Value))
            .OrderBy(p => p.Pupil?.FullName ?? "", VietnameseText.ByGivenName)
            .ThenBy(p => p.Pupil?.BirthDate, StringComparer.Ordinal).ThenBy(p => p.Id)
            .ToList();
        var namesakes = pupils.GroupBy(p => p.Pupil?.FullName).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var expected = sheet?.ExpectedAbsences().ToList() ?? [];
        var asked = NoticeCase.AskedOn(records, scope, key.Date).Where(n => n.Slots.Contains(key.Slot)).Select(n => n.Pupil).ToHashSet();
        var rows = pupils.Select((p, i) =>
        {
            var standing = sheet?.Pupils.GetValueOrDefault(p.Id);
            var opinions = standing?.TwoOpinions == true ? Opinions(records, scope, sheet!, p.Id) : null;
            return new SheetRow(p.Id, i + 1, NameOf(p.Pupil, namesakes), standing?.Code, opinions is not null, opinions,
                expected.Exists(x => x.Pupil == p.Id), standing?.Minutes, asked.Contains(p.Id));
        });
        return new SheetReply(key.Class, records.Get<SchoolClass>(scope, key.Class)?.Value.Name ?? "", key.Date, key.Slot, [.. rows],
            [.. sheet?.Submissions.Where(s => s.Value.IsSheet).Select(s => s.Key) ?? []],
            [.. expected.Select(x => x.Word), .. sheet?.Submissions.Where(s => s.Value.Source == Source.Gate).Select(s => s.Key) ?? []], sheet?.Tally, sheet?.TakenLastMs());
    }

    /// <summary>Two of one name in a class are told apart by their birth dates.</summary>
    private static string NameOf(Pupil? pupil, HashSet<string?> namesakes) =>
        pupil is { BirthDate: { } born } && namesakes.Contains(pupil.FullName) ? $"{pupil.FullName} ({InWords(born)})" : pupil?.FullName ?? Gone;

    private static string InWords(string born) => FormText.Day(born) is { } day ? day.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture) : born;

    private static IReadOnlyList<Opinion> Opinions(IRecords records, Scope scope, SessionSheet sheet, Guid pupil)
    {
        var expected = sheet.ExpectedAbsences().Select(x => x.Word).ToHashSet();
        return
        [
            .. from entry in sheet.Submissions
               where !entry.Value.IsNotice || expected.Contains(entry.Key)
               from mark in entry.Value.Marks
               where mark.Pupil == pupil
               group (mark.Code, entry.Value.At) by (entry.Value.By, entry.Value.IsNotice) into person
               let last = person.MaxBy(word => word.At)
               orderby last.At
               select new Opinion(last.Code, records.NameOf(scope, person.Key.By) ?? "–", last.At.Hlc.Milliseconds, person.Key.IsNotice),
        ];
    }
}

internal static class SheetTimes
{
    public static long? TakenLastMs(this SessionSheet sheet) =>
        sheet.Submissions.Values.Where(e => e.IsSheet).Max(e => (long?)e.At.Hlc.Milliseconds);
}
