using System.Security.Cryptography;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>The rules of sign-ins: how they are named, what they may be given, and their first passwords.</summary>
public static class Accounts
{
    internal const int UserNameCharsMin = 2;
    internal const int UserNameCharsMax = 32;
    private const int ProposedCharsMax = 24;
    private const int NumberMax = 10_000;

    /// <summary>Four groups of four letters without look-alikes: 75 bits, easy to read over the telephone.</summary>
    public static string NewPassword() =>
        string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("abcdefghkmnpqrstuvwxyz2345679", 4)));

    /// <summary>Tên, then the initials of họ and đệm: Nguyễn Thị Lan is "lannt", the next one "lannt2".</summary>
    public static string Propose(string fullName, IReadOnlySet<string> taken)
    {
        var words = VietnameseText.Fold(fullName).Split(' ').Select(w => new string([.. w.Where(char.IsAsciiLetterOrDigit)]))
            .Where(w => w.Length > 0).ToList();
        var name = words is [] ? "" : words[^1] + string.Concat(words[..^1].Select(w => w[0]));
        name = name.Length < UserNameCharsMin ? "canbo" + name : name.Length > ProposedCharsMax ? name[..ProposedCharsMax] : name;
        return Enumerable.Range(1, NumberMax).Select(n => n == 1 ? name : $"{name}{n}").First(n => !taken.Contains(n));
    }

    /// <summary>What the person is to be called at sign-in; proposed from the name where nothing was typed.</summary>
    public static Result<string> UserName(string typed, string fullName, IReadOnlySet<string> taken)
    {
        var name = VietnameseText.Fold(typed);
        if (name is [])
        {
            return Propose(fullName, taken);
        }
        if (name.Length is < UserNameCharsMin or > UserNameCharsMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            return Error.Invalid(
                "user_name", "Tên đăng nhập dài {0} đến {1} ký tự, gồm chữ không dấu, chữ số, dấu chấm, gạch. Hãy sửa lại hoặc để trống.",
                UserNameCharsMin, UserNameCharsMax);
        }
        return taken.Contains(name)
            ? Error.Conflict("user_name_taken", "Ở đây đã có tên đăng nhập {0}. Hãy chọn tên khác hoặc để trống.", name)
            : name;
    }

    /// <summary>Who writes accounts: the department's IT all, a school's head those of the own school.</summary>
    internal const Roles Writers = Roles.DepartmentIt | Roles.Head;

    /// <summary>Why the account may not become this; null when it may. Somebody who can undo a mistake always stays.</summary>
    internal static Error? WhyNot(Actor actor, Guid id, Scope scope, Account after)
    {
        if (after.Roles == Roles.None || (after.Roles & ~Access.RolesIn(scope)) != 0)
        {
            return Error.Invalid("roles", "Hãy chọn ít nhất một việc của người này.");
        }
        return actor.Id == id && (after.Disabled || (actor.Roles & Writers & ~after.Roles) != 0)
            ? Error.Conflict("own_account", "Bạn không thể tự khóa tài khoản hay tự bỏ quyền quản trị của mình. Hãy nhờ một quản trị viên khác.")
            : null;
    }
}
