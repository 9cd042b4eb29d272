using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>One row of the file as read, before it is compared with what the school has.</summary>
/// <param name="Secrets">What is sealed when it is known which pupil the row means.</param>
/// <param name="Gone">The status, as the file words it, of a pupil who is no longer in class; null for all others.</param>
public sealed record PupilLine(int Number, string ClassName, Pupil Pupil, PupilSecrets Secrets, IReadOnlyList<RowIssue> Issues, string? Gone = null)
{
    public IReadOnlyList<GuardianLine> Guardians { get; init; } = [];

    public bool IsWrong => Issues.Any(i => !i.IsWarning);

    internal bool IsPrivate => !Secrets.IsEmpty || Guardians.Any(g => g.SaysMore);
}

/// <summary>
/// A pupil list with the columns of the ministry's templates (C1-HocSinh and the pupil list export of truong.csdl.moet.gov.vn).
/// </summary>
/// <param name="Skipped">The numbers of rows that name no pupil: totals, signatures and notes below the list.</param>
public sealed record PupilSheet(IReadOnlyList<PupilLine> Lines, IReadOnlyList<int> Skipped)
{
    /// <summary>Of class, ids, birth date and gender: fewer, without a name, are a note and not a pupil.</summary>
    private const int TraitsMin = 2;

    internal static IReadOnlyList<ImportColumn> Columns { get; } =
    [
        new("Lớp", ["Lớp", "Tên lớp"], Required: true, Instead: "Mã lớp"),
        new("Mã lớp", ["Mã lớp"]),
        new("Mã định danh Bộ", ["Mã định danh Bộ GD&ĐT", "Mã định danh Bộ", "Mã định danh", "Mã học sinh", "Mã HS"]),
        new("Họ tên", ["Họ tên", "Họ và tên", "Họ tên học sinh", "Họ và tên học sinh", "Tên học sinh"], Required: true),
        new("Ngày sinh", ["Ngày sinh", "Ngày tháng năm sinh", "Năm sinh"]),
        new("Giới tính", ["Giới tính", "Phái", "Nam/Nữ"]),
        new(PupilCells.StatusColumn, ["Trạng thái", "Trạng thái HS", "Trạng thái học sinh"]),
        new("Dân tộc", ["Dân tộc"]),
        new("Số định danh cá nhân", ["Số định danh cá nhân", "Số CCCD", "Số ĐDCN"]),
        new("SĐT", ["SĐT liên hệ", "SĐT", "Số điện thoại", "Điện thoại"]),
        new("Email", ["Email", "E-mail", "Thư điện tử"]),
        new("Chỗ ở hiện nay", ["Chỗ ở hiện nay", "Địa chỉ"]),
        .. GuardianCells.ToRead,
    ];

    public static Result<PupilSheet> Of(ImportFile file, DateOnly today)
    {
        var rows = file.Table.Rows.Where(row => file.Columns.Values.Any(c => row.Cells.GetValueOrDefault(c) is { HasFormula: true } or { Text.Length: > 0 }))
            .Select(row => (row.Number, Line: ReadLine(row, file, new(file.Table.From1904, today)))).ToList();
        var lines = rows.Select(r => r.Line).OfType<PupilLine>().ToList();
        return lines is []
            ? Error.Invalid("no_rows", "Tệp có dòng tiêu đề nhưng không có học sinh nào. Hãy ghi mỗi em một dòng dưới tiêu đề, lưu tệp rồi chọn lại.")
            : new PupilSheet(lines, [.. rows.Where(r => r.Line is null).Select(r => r.Number)]);
    }

    /// <summary>Null for a row without a name that says hardly anything else of a pupil.</summary>
    private static PupilLine? ReadLine(SheetRow row, ImportFile file, PupilCells cells)
    {
        SheetCell Cell(string column) => file.Cell(row, column);
        var className = Cell("Lớp").Text is { Length: > 0 } text ? text : Cell("Mã lớp").Text ?? "";
        var name = Cell("Họ tên");
        var issues = new List<RowIssue>();
        var gender = PupilCells.Gender(Cell("Giới tính"), issues);
        var birthDate = cells.BirthDate(Cell("Ngày sinh"), issues);
        var pupil = new Pupil(PupilCells.MinistryId(Cell("Mã định danh Bộ"), issues), PupilCells.Name(name, issues), birthDate, gender);
        var secrets = new PupilSecrets(
            PupilCells.Ethnicity(Cell("Dân tộc"), issues),
            PupilCells.PersonalId(Cell("Số định danh cá nhân"), gender, birthDate, issues),
            PupilCells.Phone(Cell("SĐT"), issues),
            PupilCells.Plain(Cell("Tên cha"), "Tên cha", issues),
            PupilCells.Plain(Cell("Tên mẹ"), "Tên mẹ", issues),
            PupilCells.Plain(Cell("Chỗ ở hiện nay"), "Chỗ ở hiện nay", issues),
            PupilCells.Email(Cell("Email"), issues));
        var guardians = GuardianCells.Read(Cell, issues);
        var gone = PupilCells.Gone(Cell(PupilCells.StatusColumn), issues);
        string?[] traits = [className, pupil.MinistryId, pupil.BirthDate, pupil.Gender?.ToString(), secrets.PersonalId];
        if (string.IsNullOrEmpty(name.Text) && !name.HasFormula && traits.Count(t => !string.IsNullOrEmpty(t)) < TraitsMin)
        {
            return null;
        }
        if (className is [])
        {
            issues.Add(new("Lớp", new("Thiếu tên lớp. Hãy ghi lớp như trong danh sách lớp của trường."), IsWarning: false));
        }
        return new(row.Number, className, pupil, secrets, issues, gone) { Guardians = guardians };
    }
}
