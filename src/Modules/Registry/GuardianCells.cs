using System.Globalization;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>What a row of a file says of one guardian; what is null it does not say.</summary>
/// <param name="Parent">Of the columns of the mother or the father; null for those of anybody else.</param>
/// <param name="Column">Where a person looks for what is wrong.</param>
public sealed record GuardianLine(
    Kinship? Parent, string Column, string? Name, Kinship? Kinship = null, string? Phone = null, string? Email = null, bool? LivesWith = null, int? Order = null)
{
    /// <summary>A parent's name alone is kept as the parent's name, as it always was; it says nobody to call.</summary>
    internal bool IsOnlyName => (Phone ?? Email) is null && LivesWith is null && Order is null;

    internal bool SaysMore => !IsOnlyName || (Parent, Name) is (null, not null);
}

/// <summary>Guardians as columns of a pupils' file: the father, the mother, one more, and all others in one cell.</summary>
internal static class GuardianCells
{
    internal const string Others = "Người giám hộ khác";
    private const string Kin = "Quan hệ người giám hộ";
    private const string Yes = "Có";
    private const string No = "Không";
    private const char BetweenPeople = ';';
    private const char BetweenFields = '|';

    private sealed record Columns(Kinship? Parent, string Name, string Phone, string Email, string Lives, string Order, string[] Words, string[] Bare);

    private static readonly Columns[] All =
    [
        new(Kinship.Father, "Tên cha", "SĐT cha", "Email cha", "Sống cùng cha", "Thứ tự gọi cha", ["cha", "bố", "cha (bố)", "bố (cha)"], ["cha"]),
        new(Kinship.Mother, "Tên mẹ", "SĐT mẹ", "Email mẹ", "Sống cùng mẹ", "Thứ tự gọi mẹ", ["mẹ", "mẹ (má)"], ["mẹ"]),
        new(null, "Người giám hộ", "SĐT người giám hộ", "Email người giám hộ", "Sống cùng người giám hộ", "Thứ tự gọi người giám hộ",
            ["người giám hộ", "giám hộ", "phụ huynh", "người đỡ đầu"], ["người giám hộ", "giám hộ", "phụ huynh"]),
    ];

    private static readonly (string Word, Kinship Kinship)[] MoreKin =
    [
        ("bố", Kinship.Father), ("ông", Kinship.Grandparent), ("bà", Kinship.Grandparent), ("anh", Kinship.Sibling), ("chị", Kinship.Sibling),
        ("cô", Kinship.Relative), ("dì", Kinship.Relative), ("chú", Kinship.Relative), ("bác", Kinship.Relative), ("cậu", Kinship.Relative), ("mợ", Kinship.Relative),
        ("thím", Kinship.Relative), ("dượng", Kinship.Relative),
    ];

    internal static IEnumerable<ImportColumn> ToRead { get; } =
    [
        .. All.SelectMany(c => (IEnumerable<ImportColumn>)
        [
            new(c.Name, [.. Before(c, "Tên", "Họ tên", "Họ và tên"), .. c.Bare]),
            new(c.Phone, [.. Before(c, "SĐT", "Số điện thoại", "Điện thoại", "ĐT", "SĐT của", "Số điện thoại của", "Di động", "SĐT liên hệ")]),
            new(c.Email, [.. Before(c, "Email", "Email của", "Thư điện tử")]),
            new(c.Lives, [.. Before(c, "Sống cùng")]),
            new(c.Order, [.. Before(c, "Thứ tự gọi")]),
        ]),
        new(Kin, ["Quan hệ người giám hộ", "Quan hệ với học sinh", "Quan hệ với người giám hộ", "Mối quan hệ", "Quan hệ"]),
        new(Others, [Others]),
    ];

    internal static IReadOnlyList<string> Header { get; } = [.. ToRead.Select(c => c.Title)];

    internal static IReadOnlyList<GuardianLine> Read(Func<string, SheetCell> cell, List<RowIssue> issues) =>
    [
        .. All.Select(c => new GuardianLine(
            c.Parent, cell(c.Phone).Text is { Length: > 0 } ? c.Phone : c.Email, Plain(cell(c.Name), c.Name, c.Parent is null ? issues : []),
            c.Parent ?? KinshipOf(cell(Kin).Text ?? "", Kin, issues),
            PupilCells.Phone(cell(c.Phone), issues, c.Phone), PupilCells.Email(cell(c.Email), issues, c.Email), LivesWith(cell(c.Lives), c.Lives, issues),
            Order(cell(c.Order).Text ?? "", c.Order, issues))),
        .. (cell(Others).Text ?? "").Split(BetweenPeople, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(p => Other(p, issues)),
    ];

    /// <summary>One cell for each of <see cref="Header"/>.</summary>
    internal static IEnumerable<TableCell> Write(PupilSecrets family)
    {
        var guardians = Guardians.Of(family).ToList();
        List<Guardian?> own = [FirstOf(Kinship.Father, family.FatherName), FirstOf(Kinship.Mother, family.MotherName)];
        var rest = guardians.Except(own.OfType<Guardian>()).ToList();
        own.Add(rest.FirstOrDefault());
        var read = own.OfType<Guardian>().Concat(rest.Skip(1)).ToList();
        // Who is called first is also told by the place in the list, which the columns would change.
        var keepsPlaces = read.OrderBy(g => g.Order ?? Guardians.OrderMax + 1).SequenceEqual(guardians);
        string?[] names = [family.FatherName ?? own[0]?.Name, family.MotherName ?? own[1]?.Name, own[2]?.Name];
        return
        [
            .. own.Zip(names).SelectMany(g => new[] { g.Second, g.First?.Phone, g.First?.Email, g.First is { } one ? one.LivesWith ? Yes : No : null, OrderOf(g.First) }
                .Select(TableCell.Of)),
            TableCell.Of(own[2] is { } other ? NameOf(other.Kinship) : null),
            TableCell.Of(rest.Count < 2 ? null : string.Join($"{BetweenPeople} ", rest.Skip(1).Select(g => string.Join($" {BetweenFields} ",
                Bare(g.Name), NameOf(g.Kinship), g.Phone ?? "", g.Email ?? "", g.LivesWith ? Yes : No, OrderOf(g) ?? "")))),
        ];

        Guardian? FirstOf(Kinship kinship, string? name) =>
            guardians.Find(g => g.Kinship == kinship && (name is null || VietnameseText.Key(g.Name) == VietnameseText.Key(name)));

        string? OrderOf(Guardian? guardian) => guardian is null ? null
            : (keepsPlaces ? guardian.Order : guardians.IndexOf(guardian) + 1)?.ToString(CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Before(Columns columns, params string[] what) => what.SelectMany(before => columns.Words.Select(w => $"{before} {w}"));

    internal static string NameOf(Kinship kinship) => FamilyFields.Kinships.First(k => k.Kinship == kinship).Name;

    private static string? Plain(SheetCell cell, string column, List<RowIssue> issues) => PupilCells.Plain(cell, column, issues) is { Length: > 0 } text ? text : null;

    private static GuardianLine Other(string text, List<RowIssue> issues)
    {
        string[] parts = [.. text.Split(BetweenFields, StringSplitOptions.TrimEntries), "", "", "", "", ""];
        SheetCell Cell(int i) => new() { Text = parts[i] };
        return new(
            null, Others, Plain(Cell(0), Others, issues), KinshipOf(parts[1], Others, issues), PupilCells.Phone(Cell(2), issues, Others), PupilCells.Email(Cell(3), issues, Others),
            LivesWith(Cell(4), Others, issues), Order(parts[5], Others, issues));
    }

    private static Kinship? KinshipOf(string text, string column, List<RowIssue> issues)
    {
        var word = ImportColumns.Heading(text);
        if (word.Length == 0)
        {
            return null;
        }
        // "Ông nội", "Bác ruột": the first word says it.
        var first = ImportColumns.Heading(text.Split(' ')[0]);
        var found = FamilyFields.Kinships.Where(k => ImportColumns.Heading(k.Name) == word).Select(k => (Kinship?)k.Kinship)
            .Concat(MoreKin.Where(k => ImportColumns.Heading(k.Word) == first).Select(k => (Kinship?)k.Kinship)).FirstOrDefault();
        if (found is null)
        {
            Warn(issues, column, new("Không hiểu quan hệ này nên ghi là Khác. Hãy ghi Mẹ, Cha, Ông, Bà, Anh, Chị, Họ hàng hoặc Khác."));
        }
        return found ?? Kinship.Other;
    }

    private static bool? LivesWith(SheetCell cell, string column, List<RowIssue> issues)
    {
        bool? lives = ImportColumns.Heading(cell.Text ?? "") switch { "co" or "x" or "1" => true, "khong" or "0" => false, _ => null };
        if (lives is null && cell.Text is { Length: > 0 })
        {
            Warn(issues, column, new("Không đọc được nên ô này được bỏ qua. Hãy ghi Có hoặc Không."));
        }
        return lives;
    }

    private static int? Order(string text, string column, List<RowIssue> issues)
    {
        var order = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Guardians.OrderMax ? number : (int?)null;
        if (order is null && text.Length > 0)
        {
            Warn(issues, column, new("Thứ tự gọi là một số từ 1 đến {0}.", Guardians.OrderMax));
        }
        return order;
    }

    internal static string Bare(string name) => name.Replace(BetweenPeople, ',').Replace(BetweenFields, ',');

    private static void Warn(List<RowIssue> issues, string column, Text why) => issues.Add(new(column, why, IsWarning: true));
}
