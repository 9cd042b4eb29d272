using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Merge;

/// <summary>A record's number (of a card, an accession) with the version of that field. Two numbers are the same when their texts are.</summary>
public sealed record Numbered(Guid Id, FieldVersion Version, string Number);

/// <summary>The content of a task for a person: both records stay, one keeps the number, the other should get the suggested one.</summary>
public sealed record NumberClash(string Number, Guid Keeps, Guid Loses, string Suggested);

/// <summary>
/// Numbers that must be unique, given out on boxes that could not ask each other. The record that had it first, by version and then by
/// id, keeps it: its card is printed. Nothing is renumbered by itself.
/// </summary>
public static class UniqueNumber
{
    /// <summary>In order of number and loser; the same for any order, and any repetition, of the records.</summary>
    public static IReadOnlyList<NumberClash> Clashes(IEnumerable<Numbered> records)
    {
        // Of one record the newest number counts; two under one version are forged, and the greater counts everywhere.
        var newest = records.GroupBy(r => r.Id)
            .Select(g => g.OrderByDescending(r => r.Version).ThenByDescending(r => r.Number, StringComparer.Ordinal).First()).ToList();
        var taken = newest.Select(r => r.Number).ToHashSet(StringComparer.Ordinal);
        var clashes = new List<NumberClash>();
        foreach (var same in newest.GroupBy(r => r.Number, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var holders = same.OrderBy(r => r.Version).ThenBy(r => r.Id).ToList();
            var suffix = 2;
            foreach (var loser in holders.Skip(1))
            {
                clashes.Add(new(same.Key, holders[0].Id, loser.Id, NextFree(same.Key, ref suffix, taken)));
            }
        }
        return clashes;
    }

    /// <summary>Ends: every number that is taken is passed at most once.</summary>
    private static string NextFree(string number, ref int suffix, HashSet<string> taken)
    {
        string suggested;
        do
        {
            suggested = string.Create(CultureInfo.InvariantCulture, $"{number}-{suffix++}");
        }
        while (!taken.Add(suggested));
        return suggested;
    }
}
