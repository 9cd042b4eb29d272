using System.Globalization;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>The product's own data files: facts that change by law (design D15).</summary>
public static class RegistryData
{
    /// <summary>DM_DAN_TOC of the ministry's code lists: name by code.</summary>
    public static IReadOnlyDictionary<string, string> Ethnicities { get; } =
        DataFile.Rows("Registry.ethnicities.csv").ToDictionary(r => r.Cells[0], r => r.Cells[1]);

    private static readonly Dictionary<string, string> EthnicityByName =
        Ethnicities.ToDictionary(e => VietnameseText.Fold(e.Value), e => e.Key);

    /// <summary>Accepts the code, with or without its leading zero, or the name; null when it is neither.</summary>
    public static string? EthnicityCode(string text) =>
        Ethnicities.ContainsKey(text.PadLeft(2, '0')) ? text.PadLeft(2, '0') : EthnicityByName.GetValueOrDefault(VietnameseText.Fold(text));

    /// <summary>DM_TRANG_THAI_HOC_SINH: what each status is called without its term, its codes of the terms, and who of them still comes.</summary>
    private static readonly List<(string Name, string[] Codes, bool Studies)> PupilStatuses =
    [
        .. DataFile.Rows("Registry.pupil-statuses.csv").Select(r =>
            (VietnameseText.Fold(r.Cells[0]), r.Cells[1].Split(' ', StringSplitOptions.RemoveEmptyEntries), r.Cells[2] == "1")),
    ];

    private static readonly string[] Terms = ["ky ", "hoc ky ", "hk", "trong he", "he"];

    /// <summary>Whether a pupil of this status comes to school; null for what is neither a code nor a name, with or without its term.</summary>
    public static bool? Studies(string status)
    {
        var folded = VietnameseText.Fold(status);
        return PupilStatuses.Where(s => s.Codes.Contains(folded.PadLeft(2, '0')) || folded == s.Name
            || (folded.StartsWith(s.Name + " ", StringComparison.Ordinal) && IsTerm(folded[s.Name.Length..].Trim(' ', '('))))
            .Select(s => (bool?)s.Studies).FirstOrDefault();
    }

    /// <summary>
    /// The wards of Thủ Dầu Một before and since 1 July 2025, with the codes of Decision 19/2025/QĐ-TTg. The first
    /// fourteen stood long before; 2014-01-01 is the day from which this product knows them.
    /// </summary>
    public static (IReadOnlyList<Row<Unit>> Wards, IReadOnlyList<Row<Succession>> Successions) Wards { get; } = ReadWards();

    /// <summary>A unit's key is its kind, code and first day, so that two computers that import it make one record.</summary>
    public static Guid UnitId(UnitKind kind, string code, DateOnly from) =>
        RecordId.From(Scope.City, "registry.unit", $"{kind}|{code}|{from.Iso()}");

    private static (IReadOnlyList<Row<Unit>>, IReadOnlyList<Row<Succession>>) ReadWards()
    {
        var rows = DataFile.Rows("Registry.wards.csv").Select(r => (
            Unit: new Unit(UnitKind.Ward, r.Cells[0], r.Cells[1], null, null, Day(r.Cells[2]), r.Cells[3] is [] ? null : Day(r.Cells[3])),
            Becomes: r.Cells[4].Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        var wards = rows.Select(r => new Row<Unit>(UnitId(UnitKind.Ward, r.Unit.Code, r.Unit.ValidFrom), r.Unit, default)).ToList();
        var successions = new List<Row<Succession>>();
        foreach (var (unit, becomes) in rows)
        {
            foreach (var share in becomes)
            {
                var on = unit.ValidTo!.Value.AddDays(1);
                var succession = new Succession(
                    UnitId(UnitKind.Ward, unit.Code, unit.ValidFrom), UnitId(UnitKind.Ward, share[..5], on), on,
                        share.EndsWith(":all", StringComparison.Ordinal));
                successions.Add(new(RecordId.From(Scope.City, "registry.succession", $"{succession.From:n}|{succession.To:n}"),
                    succession, default));
            }
        }
        return (wards, successions);
    }

    private static bool IsTerm(string text) => Terms.Any(t => text.StartsWith(t, StringComparison.Ordinal));

    private static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
