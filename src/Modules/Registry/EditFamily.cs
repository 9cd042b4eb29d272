using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What is sealed of a pupil, as people see and type it.</summary>
/// <param name="Ethnicity">A code; empty for unknown.</param>
/// <param name="Guardians">Null from a page that does not know them: they stay.</param>
public sealed record FamilyForm(
    string Ethnicity = "", string PersonalId = "", string Phone = "", string Father = "", string Mother = "", string Address = "", string Email = "",
    IReadOnlyList<GuardianForm>? Guardians = null)
{
    internal static FamilyForm Of(PupilSecrets secrets) => new(
        secrets.Ethnicity ?? "", secrets.PersonalId ?? "", secrets.Phone ?? "", secrets.FatherName ?? "", secrets.MotherName ?? "", secrets.Address ?? "",
        secrets.Email ?? "",
        [.. Registry.Guardians.Of(secrets).Select(g => new GuardianForm(g.Name, $"{g.Kinship}", g.Phone ?? "", g.Email ?? "", g.LivesWith, $"{g.Order}"))]);

    internal static FamilyForm Read(IFormCollection form) => new(
        form["dantoc"].ToString(), form["sodinhdanh"].ToString(), form["dienthoai"].ToString(), form["tencha"].ToString(), form["tenme"].ToString(), form["diachi"].ToString(),
        form["thudientu"].ToString(), form.ContainsKey("gh-ten") ? GuardianForm.Read(form) : null);
}

/// <summary>A guardian as typed.</summary>
/// <param name="Kinship">The name of a <see cref="Registry.Kinship"/>.</param>
public sealed record GuardianForm(string Name = "", string Kinship = "", string Phone = "", string Email = "", bool LivesWith = false, string Order = "")
{
    private bool IsEmpty => (Name + Phone + Email).Trim() is [];

    internal static IReadOnlyList<GuardianForm> Read(IFormCollection form)
    {
        var (names, kinships, phones, emails, lives, orders) =
            (form["gh-ten"], form["gh-quanhe"], form["gh-sdt"], form["gh-thu"], form["gh-cung"], form["gh-thutu"]);
        return
        [
            .. Enumerable.Range(0, Math.Min(names.Count, Guardians.Max)).Select(i => new GuardianForm(
                names[i] ?? "", At(kinships, i), At(phones, i), At(emails, i), At(lives, i) == "1", At(orders, i))).Where(g => !g.IsEmpty),
        ];

        static string At(StringValues values, int i) => values.ElementAtOrDefault(i) ?? "";
    }

    internal Guardian Parse(List<RowIssue> issues)
    {
        const string column = "Người giám hộ";
        static SheetCell Cell(string text) => new() { Text = VietnameseText.Normalise(text) };
        var name = PupilCells.Plain(Cell(Name), column, issues);
        if (name is null || !Enum.TryParse<Kinship>(Kinship, out var kinship) || !Enum.IsDefined(kinship))
        {
            issues.Add(new(column, new("Hãy ghi họ tên của người giám hộ và chọn quan hệ với em."), IsWarning: false));
            kinship = default;
        }
        var order = int.TryParse(Order, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Guardians.OrderMax ? number : (int?)null;
        if (order is null && Order.Trim().Length > 0)
        {
            issues.Add(new(column, new("Thứ tự gọi là một số từ 1 đến {0}.", Guardians.OrderMax), IsWarning: false));
        }
        return new(name ?? "", kinship, PupilCells.Phone(Cell(Phone), issues), PupilCells.Email(Cell(Email), issues), LivesWith, order);
    }
}

/// <summary>A pupil's family, ethnicity and personal id, read as a row of a file would be.</summary>
internal static class EditFamily
{
    /// <param name="seen">The pupil's version on the page that asked: a part that nobody saw is not written over.</param>
    /// <returns>The names of the fields that change.</returns>
    public static Decision<IReadOnlyList<string>> Decide(
        Catalogue catalogue, Seals seals, IRecords records, Scope school, Row<Pupil> before, string seen, FamilyForm typed)
    {
        if (Erasure.DayOf(records, school, before.Id) is not null)
        {
            return Erasure.Done;
        }
        if (seals.WhyNot(school) is { } noSeal)
        {
            return noSeal;
        }
        if (before.Version.ToString() != seen)
        {
            return Error.Conflict("pupil_changed", "Thông tin của em vừa được thay đổi. Hãy mở lại trang, xem lại rồi sửa nếu còn cần.");
        }
        var issues = new List<RowIssue>();
        var after = Read(typed, before.Value, issues) with
        {
            Guardians = typed.Guardians is { } guardians ? Guardians.ToText([.. guardians.Select(g => g.Parse(issues))])
                : PupilSecrets.Of(seals, school, before.Id, before.Value).Guardians,
        };
        // On the page the code is chosen from a list: what is none of it was not chosen there, and is not left out in silence either.
        var unknown = typed.Ethnicity.Length > 0 && after.Ethnicity is null;
        // In a file a number that looks wrong is kept and noted; here somebody can put it right at once.
        if (issues.FirstOrDefault(i => unknown || !i.IsWarning || i.Column == PupilCells.PhoneColumn) is { } wrong)
        {
            return new Error(ErrorCode.Invalid, "pupil_wrong", wrong.Reason);
        }
        return catalogue.Change(school, before, after.SealInto(before.Value, seals, school, before.Id)) is { } draft
            ? new Decision<IReadOnlyList<string>>(NamesIn(draft), [draft])
            : new Decision<IReadOnlyList<string>>((string[])[], []);
    }

    private static PupilSecrets Read(FamilyForm typed, Pupil pupil, List<RowIssue> issues) => new(
        PupilCells.Ethnicity(Cell(typed.Ethnicity), issues),
        PupilCells.PersonalId(Cell(typed.PersonalId), pupil.Gender, pupil.BirthDate, issues),
        PupilCells.Phone(Cell(typed.Phone), issues),
        PupilCells.Plain(Cell(typed.Father), "Tên cha", issues),
        PupilCells.Plain(Cell(typed.Mother), "Tên mẹ", issues),
        PupilCells.Plain(Cell(typed.Address), "Chỗ ở hiện nay", issues),
        PupilCells.Email(Cell(typed.Email), issues));

    private static SheetCell Cell(string text) => new() { Text = VietnameseText.Normalise(text) };

    private static string[] NamesIn(Draft draft)
    {
        using var fields = JsonDocument.Parse(draft.Data);
        return [.. fields.RootElement.EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal)];
    }
}
