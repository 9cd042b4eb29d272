using System.Globalization;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.Modules.Registry;

/// <summary>Reads the cells of a pupil's row. What cannot be right is an error; what is only unusual is a warning, people have
/// corrected papers.</summary>
internal sealed partial class PupilCells(bool from1904, DateOnly today)
{
    internal const string PhoneColumn = "SĐT";
    internal const string StatusColumn = "Trạng thái";
    private const int NameCharsMax = 100;
    private const int QuotedCharsMax = 60;
    private const int PlainCharsMax = 300;
    private const int MinistryIdCharsMax = 20;
    private const int EmailCharsMax = 254;
    private const int PersonalIdDigits = 12;
    private const int YearMin = 1900;
    private const int AgeMax = 25;
    private const int PhoneDigitsMin = 9;
    private const int PhoneDigitsMax = 15;
    private const string EmailColumn = "Thư điện tử của gia đình";
    private const int Days1904 = 1_462;

    private static readonly string[] DayFormats = ["d/M/yyyy", "dd/MM/yyyy", "d-M-yyyy", "d.M.yyyy", "yyyy-MM-dd"];

    internal static string Name(SheetCell cell, List<RowIssue> issues)
    {
        const string column = "Họ tên";
        var name = cell.Text ?? "";
        if (cell.HasFormula)
        {
            return Wrong(issues, column, "Ô họ tên chứa công thức. Hãy gõ họ tên thay cho công thức.");
        }
        if (name is [])
        {
            return Wrong(issues, column, "Thiếu họ tên. Hãy ghi đủ họ và tên.");
        }
        if (IsName(name))
        {
            return name;
        }
        issues.Add(new(column, new(
            "Họ tên “{0}” có ký tự lạ hoặc quá dài. Hãy gõ lại họ tên chỉ gồm chữ cái.",
            name.Length > QuotedCharsMax ? name[..QuotedCharsMax] + "…" : name), IsWarning: false));
        return "";
    }

    internal static bool IsName(string name) => name.Length is > 0 and <= NameCharsMax
        && name.All(c => char.IsLetter(c) || char.IsBetween(c, '\u0300', '\u036f') || c is ' ' or '\'' or '’' or '-' or '.');

    internal static string? MinistryId(SheetCell cell, List<RowIssue> issues)
    {
        const string column = "Mã định danh Bộ";
        if (Empty(cell))
        {
            return null;
        }
        if (cell.Text.Length > MinistryIdCharsMax || !cell.Text.All(char.IsAsciiLetterOrDigit))
        {
            return Wrong(issues, column, "Mã chỉ gồm chữ số và chữ cái không dấu, nhiều nhất 20 ký tự. Hãy sửa lại mã.");
        }
        if (cell.Text.Length != 10 || !cell.Text.All(char.IsAsciiDigit))
        {
            Warn(issues, column, "Mã thường có đúng 10 chữ số. Hãy kiểm tra lại.");
        }
        return cell.Text;
    }

    /// <summary>yyyy-MM-dd, yyyy-MM or yyyy, as the paper says.</summary>
    internal string? BirthDate(SheetCell cell, List<RowIssue> issues)
    {
        const string column = "Ngày sinh";
        if (Empty(cell))
        {
            return null;
        }
        var text = cell.Text;
        var date = cell.IsNumber ? FromSerial(text) : FromText(text);
        if (date is null)
        {
            return Wrong(issues, column, "Không đọc được ngày sinh. Hãy ghi dạng ngày/tháng/năm, ví dụ 05/09/2015, hoặc chỉ ghi năm.");
        }
        var first = FirstDayOf(date);
        if (first > today)
        {
            return Wrong(issues, column, "Ngày sinh ở tương lai. Hãy sửa lại ngày sinh.");
        }
        if (first < today.AddYears(-AgeMax))
        {
            Warn(issues, column, "Học sinh hơn 25 tuổi. Hãy kiểm tra lại ngày sinh.");
        }
        return date;
    }

    internal static Gender? Gender(SheetCell cell, List<RowIssue> issues)
    {
        if (Empty(cell))
        {
            return null;
        }
        Gender? gender = VietnameseText.Fold(cell.Text) switch
        {
            "nam" or "1" or "01" => Registry.Gender.Male,
            "nu" or "2" or "02" => Registry.Gender.Female,
            _ => null,
        };
        if (gender is null)
        {
            Wrong(issues, "Giới tính", "Giới tính phải là Nam hoặc Nữ. Hãy sửa lại.");
        }
        return gender;
    }

    /// <summary>The status of a pupil who is not in class any more; null for one who is, and for an empty cell.</summary>
    internal static string? Gone(SheetCell cell, List<RowIssue> issues)
    {
        if (Empty(cell))
        {
            return null;
        }
        var studies = RegistryData.Studies(cell.Text);
        if (studies is null)
        {
            issues.Add(new(StatusColumn, new(
                "Không hiểu trạng thái “{0}”. Hãy ghi như mẫu của Bộ, ví dụ Đang học, Chuyển đến, Chuyển đi, Thôi học.",
                cell.Text.Length > QuotedCharsMax ? cell.Text[..QuotedCharsMax] + "…" : cell.Text), IsWarning: false));
        }
        return studies == false ? cell.Text : null;
    }

    internal static string? Ethnicity(SheetCell cell, List<RowIssue> issues)
    {
        if (Empty(cell))
        {
            return null;
        }
        var code = RegistryData.EthnicityCode(cell.Text);
        if (code is null)
        {
            Warn(issues, "Dân tộc", "Không có dân tộc này trong danh mục của Bộ, ô này được bỏ qua. Hãy sửa lại nếu cần.");
        }
        return code;
    }

    /// <summary>PPP G YY RRRRRR, no check digit: G is century and gender, YY the birth year's last two digits.</summary>
    internal static string? PersonalId(SheetCell cell, Gender? gender, string? birthDate, List<RowIssue> issues)
    {
        const string column = "Số định danh cá nhân";
        if (Empty(cell))
        {
            return null;
        }
        var id = cell.Text;
        if (cell.IsNumber && id.Length is >= 9 and < PersonalIdDigits && id.All(char.IsAsciiDigit))
        {
            id = id.PadLeft(PersonalIdDigits, '0');
            Warn(issues, column, "Excel đã bỏ số 0 ở đầu, phần mềm đã thêm lại. Hãy kiểm tra số.");
        }
        if (id.Length != PersonalIdDigits || !id.All(char.IsAsciiDigit))
        {
            return Wrong(issues, column, "Số định danh cá nhân phải có đúng 12 chữ số. Hãy sửa lại số.");
        }
        var digit = id[3] - '0';
        var year = 1900 + digit / 2 * 100 + int.Parse(id.AsSpan(4, 2), NumberStyles.None, CultureInfo.InvariantCulture);
        var genderFits = gender is null || digit % 2 == (gender == Registry.Gender.Male ? 0 : 1);
        var yearFits = birthDate is null || birthDate.StartsWith(year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        if (id.All(c => c == '0') || !genderFits || !yearFits)
        {
            Warn(issues, column, "Số không khớp với giới tính hoặc năm sinh. Hãy kiểm tra lại.");
        }
        return id;
    }

    internal static string? Phone(SheetCell cell, List<RowIssue> issues, string column = PhoneColumn)
    {
        if (Empty(cell))
        {
            return null;
        }
        var all = BetweenPhones().Split(cell.Text).Select(Digits).Where(d => d.Length >= PhoneDigitsMin).ToList();
        var digits = all.Count > 1 ? all[0] : Digits(cell.Text);
        if (digits is [])
        {
            Warn(issues, column, "Ô này không có số điện thoại nên được bỏ qua. Hãy ghi một số.");
            return null;
        }
        var phone = cell.IsNumber && digits.Length == 9 ? "0" + digits : digits;
        if (all.Count > 1)
        {
            Warn(issues, column, "Ô này có nhiều số điện thoại, chỉ số đầu được giữ. Hãy ghi một số.");
        }
        else if (phone.Length is < PhoneDigitsMin or > PhoneDigitsMax)
        {
            Warn(issues, column, "Số điện thoại thường có 10 chữ số. Hãy kiểm tra lại.");
        }
        return phone.Length > PhoneDigitsMax ? phone[..PhoneDigitsMax] : phone;
    }

    private static string Digits(string text) => new([.. text.Where(c => char.IsAsciiDigit(c) || c == '+')]);

    /// <summary>Within one number there are spaces, dots and hyphens.</summary>
    [GeneratedRegex(@"[/,;]|\s-\s|(?<=\d{9})-")]
    private static partial Regex BetweenPhones();

    /// <summary>One plain address, in the letters that every mail server takes: no name beside it, no second one.</summary>
    internal static string? Email(SheetCell cell, List<RowIssue> issues, string column = EmailColumn) =>
        Empty(cell) ? null
        : cell.Text.Length <= EmailCharsMax && Address().IsMatch(cell.Text) ? cell.Text
        : Wrong(issues, column, "Địa chỉ thư điện tử chưa đúng. Hãy ghi một địa chỉ, ví dụ ten@vidu.vn.");

    [GeneratedRegex(@"^[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\z")]
    private static partial Regex Address();

    internal static string? Plain(SheetCell cell, string column, List<RowIssue> issues) =>
        cell.HasFormula ? Wrong(issues, column, "Ô này chứa công thức. Hãy gõ nội dung thay cho công thức.")
        : Empty(cell) ? null
        : cell.Text.Length > PlainCharsMax ? Wrong(issues, column, "Nội dung quá dài. Hãy rút gọn.")
        : cell.Text;

    private string? FromSerial(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var serial) || serial is < 1 or > 100_000)
        {
            return null;
        }
        // A cell that holds only "2015" is the year, not the 2,015th day of 1900's calendar.
        var whole = (int)serial;
        return whole >= YearMin && whole <= today.Year
            ? whole.ToString(CultureInfo.InvariantCulture)
            : DateOnly.FromDateTime(DateTime.FromOADate(whole + (from1904 ? Days1904 : 0))).Iso();
    }

    private static string? FromText(string text)
    {
        if (DateOnly.TryParseExact(text.Split(' ')[0], DayFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day.Year >= YearMin ? day.Iso() : null;
        }
        var parts = text.Split('/', '-');
        return parts is [var month, { Length: 4 } ofYear] && Number(month) is >= 1 and <= 12 and var m
            && Number(ofYear) is >= YearMin and var y
            ? string.Create(CultureInfo.InvariantCulture, $"{y:0000}-{m:00}")
            : parts is [{ Length: 4 } year] && Number(year) >= YearMin ? year : null;
    }

    private static DateOnly FirstDayOf(string partial) =>
        DateOnly.ParseExact(partial + "-01-01"[..(10 - partial.Length)], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool Empty(SheetCell cell) => string.IsNullOrEmpty(cell.Text);

    private static string Wrong(List<RowIssue> issues, string column, string reason)
    {
        issues.Add(new(column, new(reason), IsWarning: false));
        return "";
    }

    private static void Warn(List<RowIssue> issues, string column, string reason) => issues.Add(new(column, new(reason), IsWarning: true));
}
