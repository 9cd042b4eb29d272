using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public enum Verdict
{
    Add = 1,
    Change,
    Same,
    Wrong,

    /// <summary>A pupil who has left: of a place in a class nothing is written.</summary>
    Gone,
}

/// <summary>What an import would do with one row of the file.</summary>
public sealed record UnitRow(int Number, string Code, string Name, Verdict Verdict, Text? Reason, Draft? Draft);

/// <summary>What an import would do. <see cref="Wards"/> are the product's own wards that are not recorded yet.</summary>
public sealed record UnitPlan(IReadOnlyList<Draft> Wards, IReadOnlyList<UnitRow> Rows)
{
    public int Count(Verdict verdict) => Rows.Count(r => r.Verdict == verdict);
}

/// <param name="AsOf">The day whose ward codes the file uses, and the first day of the units it adds.</param>
/// <param name="SampleCodes">The codes were made up and must never be shown as the ministry's.</param>
public sealed record UnitFile(string Csv, DateOnly AsOf, bool SampleCodes);

/// <summary>Schools and independent groups from a CSV file: code, name, level, ward_code, synthetic.</summary>
public static class ImportUnits
{
    private const int RowsMax = 2_000;
    private const int BatchDraftsMax = 200;
    private const int BatchesMax = RowsMax / BatchDraftsMax + 2;
    private const int NameCharsMax = 200;
    private static readonly string[] Columns = ["code", "name", "level", "ward_code"];
    private static readonly string[] Levels = ["MN", "TH", "THCS", "TH-THCS", "NLDL"];

    public static Result<UnitPlan> Plan(Catalogue catalogue, IRecords records, UnitFile file)
    {
        var rows = Csv.Parse(file.Csv).Take(RowsMax + 2).Where(r => r.Cells.Any(c => c.Length > 0)).ToList();
        var header = rows.Count == 0 ? [] : rows[0].Cells.Select(c => c.Trim().ToLowerInvariant()).ToList();
        if (Columns.FirstOrDefault(c => !header.Contains(c)) is { } missing)
        {
            return Error.Invalid("units_column", "Tệp thiếu cột {0}. Dòng đầu của tệp CSV phải có: code, name, level, ward_code.", missing);
        }
        if (rows.Count == 1)
        {
            return Error.Invalid("units_empty", "Tệp không có đơn vị nào dưới dòng đầu. Hãy chọn tệp khác.");
        }
        if (rows.Count > RowsMax + 1)
        {
            return Error.Invalid("units_rows", "Tệp có hơn {0} dòng. Hãy chia nhỏ tệp rồi nhập lại.", RowsMax);
        }
        var recorded = Units.Load(records);
        var wards = WardDrafts(catalogue, recorded);
        var known = recorded with { All = [.. recorded.All, .. RegistryData.Wards.Wards.Where(w => recorded.All.All(u => u.Id != w.Id))] };
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        return new UnitPlan(wards, [.. rows.Skip(1).Select(row =>
        {
            string Cell(string column) =>
                header.IndexOf(column) is >= 0 and var i && i < row.Cells.Count ? VietnameseText.Normalise(row.Cells[i]) : "";
            return PlanRow(catalogue, known, file, codes, row.Number, Cell);
        })]);
    }

    /// <summary>Writes what the plan adds and changes, and returns the number of the file's units; wards that come along are nobody's
    /// import. Every batch is planned anew on the state that it changes.</summary>
    public static async Task<Result<int>> Apply(
        IRecordStore store, Catalogue catalogue, Actor actor, UnitFile file, CancellationToken cancel)
    {
        var written = 0;
        for (var batch = 0; batch < BatchesMax; batch++)
        {
            var result = await store.Decide(actor, records => Batch(catalogue, records, file), cancel);
            if (!result.Ok)
            {
                return result.Error;
            }
            if (result.Value.Drafts == 0)
            {
                return written;
            }
            written += result.Value.Units;
        }
        return written;
    }

    /// <summary>The product's wards and their lineage, as far as they are not recorded yet.</summary>
    public static IReadOnlyList<Draft> WardDrafts(Catalogue catalogue, Units recorded) =>
    [
        .. RegistryData.Wards.Wards.Where(w => recorded.All.All(u => u.Id != w.Id))
            .Select(w => catalogue.Create(Scope.City, w.Id, w.Value)),
        .. RegistryData.Wards.Successions.Where(w => recorded.Successions.All(s => s.Id != w.Id))
            .Select(s => catalogue.Create(Scope.City, s.Id, s.Value)),
    ];

    private static Decision<(int Drafts, int Units)> Batch(Catalogue catalogue, IRecords records, UnitFile file)
    {
        var plan = Plan(catalogue, records, file);
        if (!plan.Ok)
        {
            return plan.Error;
        }
        List<Draft> drafts = [.. plan.Value.Wards.Concat(plan.Value.Rows.Select(r => r.Draft).OfType<Draft>()).Take(BatchDraftsMax)];
        return new((drafts.Count, Math.Max(0, drafts.Count - plan.Value.Wards.Count)), drafts);
    }

    private static UnitRow PlanRow(
        Catalogue catalogue, Units known, UnitFile file, Dictionary<string, int> codes, int number, Func<string, string> cell)
    {
        var (code, name, level) = (cell("code"), cell("name"), cell("level").ToUpperInvariant());
        var ward = known.Find(cell("ward_code"), file.AsOf);
        var reason = WhyWrong(code, name, level)
            ?? (ward is { Value.Kind: UnitKind.Ward } ? null
                : new Text("Ngày {1:dd/MM/yyyy} không có phường mã {0}. Hãy sửa mã phường hoặc chọn lại ngày của tệp.",
                    cell("ward_code"), file.AsOf))
            ?? (codes.TryAdd(code, number) ? null : new Text("Trùng mã đơn vị với dòng {0}. Hãy giữ lại một dòng.", codes[code]))
            ?? WhyNotNew(known, code, file.AsOf);
        if (reason is not null)
        {
            return new(number, code, name, Verdict.Wrong, reason, null);
        }
        var kind = level == "NLDL" ? UnitKind.IndependentGroup : UnitKind.School;
        var unit = new Unit(kind, code, name, level, ward!.Id, file.AsOf, null, file.SampleCodes || cell("synthetic") == "1");
        if (known.Find(code, file.AsOf) is not { } before)
        {
            return new(number, code, name, Verdict.Add, null,
                catalogue.Create(Scope.City, RegistryData.UnitId(kind, code, file.AsOf), unit));
        }
        // The file says where the unit lies from its day on, not where it lay before.
        var placed = PlaceUnit.From(known, unit with
        {
            ValidFrom = before.Value.ValidFrom, ValidTo = before.Value.ValidTo, Ward = before.Value.Ward, Earlier = before.Value.Earlier,
        }, ward.Id, file.AsOf);
        if (!placed.Ok)
        {
            return new(number, code, name, Verdict.Wrong, placed.Error.Message, null);
        }
        var change = catalogue.Change(Scope.City, before, placed.Value);
        return new(number, code, name, change is null ? Verdict.Same : Verdict.Change, null, change);
    }

    private static Text? WhyWrong(string code, string name, string level) =>
        code.Length is < 6 or > 20 || !code.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c) || c == '.')
            ? new("Mã đơn vị phải có 6 đến 20 chữ số hoặc chữ in hoa. Hãy sửa cột code.")
            : name is [] || name.Length > NameCharsMax
                ? new("Thiếu tên đơn vị hoặc tên quá dài. Hãy sửa cột name.")
                : Levels.Contains(level)
                    ? null
                    : new("Cấp học phải là MN, TH, THCS, TH-THCS hoặc NLDL. Hãy sửa cột level.");

    private static Text? WhyNotNew(Units known, string code, DateOnly asOf) =>
        known.Find(code, asOf) is null && known.All.FirstOrDefault(u => u.Value.Code == code && u.Value.ValidFrom > asOf) is { } later
            ? new("Đơn vị này đã được ghi từ ngày {0:dd/MM/yyyy}. Hãy chọn ngày của tệp từ ngày đó trở đi.", later.Value.ValidFrom)
            : null;
}
