using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>What is wrong, or only strange, in one row: the column as the person knows it, and what to do.</summary>
public sealed record RowIssue(string Column, Text Reason, bool IsWarning);

/// <summary>One row of the file as read, before it is compared with what the school has.</summary>
/// <param name="Secrets">What is sealed when it is known which pupil the row means.</param>
/// <param name="Gone">The status, as the file words it, of a pupil who is no longer in class; null for all others.</param>
public sealed record PupilLine(int Number, string ClassName, Pupil Pupil, PupilSecrets Secrets, IReadOnlyList<RowIssue> Issues, string? Gone = null)
{
    public bool IsWrong => Issues.Any(i => !i.IsWarning);
}

/// <summary>
/// A pupil list with the columns of the ministry's templates (C1-HocSinh and the pupil list export of truong.csdl.moet.gov.vn).
/// Columns are found by their heading, never by place: versions differ.
/// </summary>
/// <param name="Skipped">The numbers of rows that name no pupil: totals, signatures and notes below the list.</param>
public sealed record PupilSheet(IReadOnlyList<PupilLine> Lines, IReadOnlyList<int> Skipped)
{
    /// <summary>Of class, ids, birth date and gender: fewer, without a name, are a note and not a pupil.</summary>
    private const int TraitsMin = 2;

    /// <summary>Headings without tones, by the column that they mean.</summary>
    private static readonly Dictionary<string, Column> Headings = new(StringComparer.Ordinal)
    {
        ["lop"] = Column.Class,
        ["ten lop"] = Column.Class,
        ["ma lop"] = Column.ClassCode,
        ["ma dinh danh bo"] = Column.MinistryId,
        ["ma dinh danh bo gd&dt"] = Column.MinistryId,
        ["ma hoc sinh"] = Column.MinistryId,
        ["ho ten"] = Column.Name,
        ["ho va ten"] = Column.Name,
        ["ho ten hoc sinh"] = Column.Name,
        ["ngay sinh"] = Column.BirthDate,
        ["gioi tinh"] = Column.Gender,
        ["trang thai"] = Column.Status,
        ["trang thai hs"] = Column.Status,
        ["trang thai hoc sinh"] = Column.Status,
        ["dan toc"] = Column.Ethnicity,
        ["so dinh danh ca nhan"] = Column.PersonalId,
        ["sdt"] = Column.Phone,
        ["sdt lien he"] = Column.Phone,
        ["so dien thoai"] = Column.Phone,
        ["email"] = Column.Email,
        ["e-mail"] = Column.Email,
        ["thu dien tu"] = Column.Email,
        ["ten cha"] = Column.Father,
        ["ho ten cha"] = Column.Father,
        ["ten me"] = Column.Mother,
        ["ho ten me"] = Column.Mother,
        ["cho o hien nay"] = Column.Address,
    };

    private enum Column
    {
        Class,
        ClassCode,
        MinistryId,
        Name,
        BirthDate,
        Gender,
        Status,
        Ethnicity,
        PersonalId,
        Phone,
        Father,
        Mother,
        Address,
        Email,
    }

    public static Result<PupilSheet> Read(Stream xlsx, DateOnly today) =>
        XlsxReader.Read(xlsx, IsHeader).Then<PupilSheet>(table =>
        {
            var columns = ColumnsOf(table.Header);
            var rows = table.Rows.Where(row => columns.Values.Any(c => row.Cells.GetValueOrDefault(c) is { HasFormula: true } or { Text.Length: > 0 }))
                .Select(row => (row.Number, Line: ReadLine(row, columns, new(table.From1904, today)))).ToList();
            var lines = rows.Select(r => r.Line).OfType<PupilLine>().ToList();
            return lines is []
                ? Error.Invalid("no_rows", "Tệp có dòng tiêu đề nhưng không có học sinh nào. Hãy ghi mỗi em một dòng dưới tiêu đề, lưu tệp rồi chọn lại.")
                : new PupilSheet(lines, [.. rows.Where(r => r.Line is null).Select(r => r.Number)]);
        });

    private static bool IsHeader(SheetRow row)
    {
        var columns = ColumnsOf(row);
        return columns.ContainsKey(Column.Name) && (columns.ContainsKey(Column.Class) || columns.ContainsKey(Column.ClassCode));
    }

    private static Dictionary<Column, int> ColumnsOf(SheetRow header)
    {
        var columns = new Dictionary<Column, int>();
        foreach (var (index, cell) in header.Cells.OrderBy(c => c.Key))
        {
            var heading = VietnameseText.Fold(cell.Text).Trim('*', ' ', ':', '(', ')');
            if (Headings.TryGetValue(heading, out var column))
            {
                columns.TryAdd(column, index);
            }
        }
        return columns;
    }

    /// <summary>Null for a row without a name that says hardly anything else of a pupil.</summary>
    private static PupilLine? ReadLine(SheetRow row, Dictionary<Column, int> columns, PupilCells cells)
    {
        SheetCell Cell(Column column) => columns.TryGetValue(column, out var index) ? row.Cells.GetValueOrDefault(index) : default;
        string Or(Column first, Column second) => Cell(first).Text is { Length: > 0 } text ? text : Cell(second).Text ?? "";
        var className = Or(Column.Class, Column.ClassCode);
        var name = Cell(Column.Name);
        var issues = new List<RowIssue>();
        var gender = PupilCells.Gender(Cell(Column.Gender), issues);
        var birthDate = cells.BirthDate(Cell(Column.BirthDate), issues);
        var pupil = new Pupil(PupilCells.MinistryId(Cell(Column.MinistryId), issues), PupilCells.Name(name, issues), birthDate, gender);
        var secrets = new PupilSecrets(
            PupilCells.Ethnicity(Cell(Column.Ethnicity), issues),
            PupilCells.PersonalId(Cell(Column.PersonalId), gender, birthDate, issues),
            PupilCells.Phone(Cell(Column.Phone), issues),
            PupilCells.Plain(Cell(Column.Father), "Tên cha", issues),
            PupilCells.Plain(Cell(Column.Mother), "Tên mẹ", issues),
            PupilCells.Plain(Cell(Column.Address), "Chỗ ở hiện nay", issues),
            PupilCells.Email(Cell(Column.Email), issues));
        var gone = PupilCells.Gone(Cell(Column.Status), issues);
        string?[] traits = [className, pupil.MinistryId, pupil.BirthDate, pupil.Gender?.ToString(), secrets.PersonalId];
        if (string.IsNullOrEmpty(name.Text) && !name.HasFormula && traits.Count(t => !string.IsNullOrEmpty(t)) < TraitsMin)
        {
            return null;
        }
        if (className is [])
        {
            issues.Add(new("Lớp", new("Thiếu tên lớp. Hãy ghi lớp như trong danh sách lớp của trường."), IsWarning: false));
        }
        return new(row.Number, className, pupil, secrets, issues, gone);
    }
}
