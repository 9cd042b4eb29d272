using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Makes a real xlsx file. A cell that is a number is typed so, one that starts with = is a formula.</summary>
internal static class PupilWorkbook
{
    public static readonly object[] Header =
        ["STT", "Mã lớp", "Mã định danh Bộ GD&ĐT", "Họ tên *", "Ngày sinh", "Giới tính", "Dân tộc", "Số định danh cá nhân",
            "SĐT liên hệ", "Tên cha", "Tên mẹ", "Chỗ ở hiện nay", "Trạng thái", "Email"];

    public static MemoryStream Of(params object?[][] rows) => Make([["TRƯỜNG TIỂU HỌC MẪU"], [], ["DANH SÁCH HỌC SINH"], Header, .. rows]);

    public static object?[] Row(string className, string? id, string name, object? birth = null, string? gender = "Nam",
        string? personalId = null, object? status = null) =>
        [1, className, id, name, birth, gender, "Kinh", personalId, null, null, null, null, status];

    public static MemoryStream Make(object?[][] rows)
    {
        var stream = new MemoryStream();
        using (var document = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            var book = document.AddWorkbookPart();
            var lists = book.AddNewPart<WorksheetPart>();
            lists.Worksheet = new(new SheetData(RowOf(1, ["Mã", "Tên dân tộc"])));
            var list = book.AddNewPart<WorksheetPart>();
            var strings = book.AddNewPart<SharedStringTablePart>();
            strings.SharedStringTable = new(new SharedStringItem(new Text("dùng chung")));
            list.Worksheet = new(new SheetData(rows.Select((cells, i) => RowOf(i + 1, cells))));
            book.Workbook = new(new Sheets(
                new Sheet { Name = "DanhMuc", SheetId = 1, Id = book.GetIdOfPart(lists) },
                new Sheet { Name = "HocSinh", SheetId = 2, Id = book.GetIdOfPart(list) }));
        }
        stream.Position = 0;
        return stream;
    }

    private static Row RowOf(int number, object?[] cells) =>
        new(cells.Select((value, i) => (value, i)).Where(c => c.value is not null).Select(c => CellOf(c.value!, c.i, number)))
    {
        RowIndex = (uint)number,
    };

    private static Cell CellOf(object value, int column, int row)
    {
        var reference = $"{(char)('A' + column)}{row}";
        return value switch
        {
            string s when s.StartsWith('=') =>
                new() { CellReference = reference, CellFormula = new(s[1..]), CellValue = new("Nguyễn Văn Ẩn"),
                    DataType = CellValues.String },
            string s => new() { CellReference = reference, DataType = CellValues.InlineString, InlineString = new(new Text(s)) },
            _ => new() { CellReference = reference, CellValue = new(Convert.ToString(value, CultureInfo.InvariantCulture)!) },
        };
    }
}
