using System.Text;
using System.Text.Json;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

internal sealed record Profile(string? A, string? B);

internal sealed record Note(string Day, string Text);

internal sealed record Day(IReadOnlyList<string> Notes);

internal sealed record Dose(IReadOnlyList<string> Notes);

internal sealed record Notice(string Text);

internal sealed record Loan(string Copy, string Text);

internal sealed record Copy(string State);

internal sealed record Novel(string Text);

internal sealed record Poison(string Text);

internal sealed record CardOld(string? No, string? Holder, string? Fixed);

internal sealed record CardNow(string? Number, string? Holder, string? Fixed);

internal sealed record Place(string School, string Ward);

/// <summary>What the world's schools record: one entity of every shape that the kernel treats differently.</summary>
internal static class Entities
{
    public const string Profile = "sim.profile";
    public const string Note = "sim.note";
    public const string Notice = "sim.notice";
    public const string Loan = "sim.loan";
    public const string Copy = "sim.copy";
    public const string Novel = "sim.novel";
    public const string Poison = "sim.poison";
    public const string Place = "sim.place";
    public const string Card = "sim.card";
    public const string DayView = "sim.day";

    public static readonly Catalogue BoxNow = Make(atCentral: false, novel: true, cards: 2);
    public static readonly Catalogue BoxOld = Make(atCentral: false, novel: false, cards: 1);
    public static readonly Catalogue CentralNow = Make(atCentral: true, novel: true, cards: 2);
    public static readonly Catalogue CentralOld = Make(atCentral: true, novel: false, cards: 1);

    /// <summary>What an upgraded Central can be put back to: its records stay in the words of the newer version.</summary>
    public static readonly Catalogue CentralBack = Make(atCentral: true, novel: false, cards: 2);

    /// <param name="novel">Whether this version knows the entity of that name.</param>
    /// <param name="cards">The schema of cards: in the second "no" is "number", and "fixed" is the department's.</param>
    private static Catalogue Make(bool atCentral, bool novel, int cards)
    {
        var allow = new Dictionary<Roles, Verbs> { [Roles.Office] = Verbs.Read | Verbs.Write };
        List<EntityType> entities =
        [
            new(Profile, typeof(Profile), 1)
            {
                Scopes = ScopeKind.School, WrittenBy = Side.Edge | Side.Central, Lane = Lane.Control, Allow = allow,
            },
            new(Note, typeof(Note), 1) { Scopes = ScopeKind.School, WrittenBy = Side.Edge | Side.Central, Kind = OpKind.Fact, Lane = Lane.Attendance, Allow = allow },
            new(Notice, typeof(Notice), 1) { Scopes = ScopeKind.City | ScopeKind.Ward | ScopeKind.School, WrittenBy = Side.Central, Allow = allow },
            new(Place, typeof(Place), 1) { Scopes = ScopeKind.City, WrittenBy = Side.Central, Allow = allow, Members = FeedsOf },
            new(Loan, typeof(Loan), 1) { Scopes = ScopeKind.School, WrittenBy = Side.Edge, Kind = OpKind.Fact, Lane = Lane.Desks, Allow = allow },
            new(Copy, typeof(Copy), 1) { Scopes = ScopeKind.School, WrittenBy = Side.Edge, Lane = Lane.Desks, Allow = allow },
            new(Poison, typeof(Poison), 1)
            {
                Scopes = ScopeKind.City | ScopeKind.School, WrittenBy = Side.Edge | Side.Central, Kind = OpKind.Fact, Lane = Lane.Telemetry, Allow = allow,
            },
        ];
        entities.Add(cards == 1
            ? new(Card, typeof(CardOld), 1) { Scopes = ScopeKind.School, WrittenBy = Side.Edge | Side.Central, Lane = Lane.Desks, Allow = allow }
            : new(Card, typeof(CardNow), 2)
            {
                Scopes = ScopeKind.School, WrittenBy = Side.Edge | Side.Central, Lane = Lane.Desks, Allow = allow,
                Changed = [new(2, "no", "number")], FieldsOwnedBy = new Dictionary<string, Side> { ["fixed"] = Side.Central },
            });
        if (novel)
        {
            entities.Add(new(Novel, typeof(Novel), 1)
            {
                Scopes = ScopeKind.City | ScopeKind.School, WrittenBy = Side.Edge | Side.Central, Lane = Lane.Learning, Allow = allow,
            });
        }
        var boom = atCentral ? "\"boom-central"u8.ToArray() : "\"boom-box"u8.ToArray();
        return new(entities,
        [
            new(DayView, typeof(Day), Note) { Key = DayOf, Fold = AddNote },
            new("sim.dose", typeof(Dose), Poison)
            {
                Key = state => (state.Id, ""),
                Fold = (_, state, _) => state.Data.Span.IndexOf(boom) >= 0
                    ? throw new InvalidOperationException("A fold that throws.")
                    : "{\"notes\":[]}"u8.ToArray(),
            },
        ]);
    }

    private static (Scope School, IReadOnlyList<Scope> Scopes)? FeedsOf(RecordState state)
    {
        var place = JsonSerializer.Deserialize<Place>(state.Data.Span, Sync.Json.Options)!;
        var school = Scope.TryParse(place.School)!.Value;
        return (school, [Scope.City, Scope.TryParse(place.Ward)!.Value, school]);
    }

    /// <summary>Notes begin {"day":"dN",...: ten days for all schools.</summary>
    public static (Guid Id, string Range) DayOf(RecordState state)
    {
        var day = (char)state.Data.Span[9];
        return (new Guid(day, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8), $"d{day}");
    }

    /// <summary>Puts the id where it belongs in the order, without reading the rest: {"notes":["…","…"]}, each id 32 hexadecimals.</summary>
    private static byte[] AddNote(byte[]? before, RecordState state, IRecords records)
    {
        const int slot = 35;
        var open = "{\"notes\":["u8;
        Span<byte> id = stackalloc byte[slot];
        Encoding.ASCII.GetBytes($"\"{state.Id:n}\",", id);
        if (before is null)
        {
            return [.. open, .. id[..^1], .. "]}"u8];
        }
        var (at, end) = (open.Length, before.Length - 2);
        while (at < end && before.AsSpan(at, slot - 1).SequenceCompareTo(id[..^1]) < 0)
        {
            at += slot;
        }
        return at >= end ? [.. before.AsSpan(..end), (byte)',', .. id[..^1], .. "]}"u8]
            : before.AsSpan(at).StartsWith(id[..^1]) ? before
            : [.. before.AsSpan(..at), .. id, .. before.AsSpan(at..)];
    }
}
