using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

internal static class ChangeAccount
{
    /// <param name="seen">The account's version on the page that asked: a form sent again, or an old one, changes nothing.</param>
    public static Decision<Account> Decide(
        Catalogue catalogue, IRecords records, Actor actor, Scope scope, Guid id, string seen, Func<Account, Account> change)
    {
        if (records.Get<Account>(scope, id) is not { } before)
        {
            return NoOne;
        }
        if (before.Version.ToString() != seen)
        {
            return Error.Conflict("account_changed", "Tài khoản vừa được thay đổi. Hãy mở lại trang rồi làm lại nếu còn cần.");
        }
        var after = change(before.Value);
        return Accounts.WhyNot(actor, id, scope, after) is { } refusal
            ? refusal
            : new Decision<Account>(after, catalogue.Change(scope, before, after) is { } draft ? [draft] : []);
    }

    /// <summary>The name and work of a person together with the rights that go with them.</summary>
    public static Decision<Account> Decide(Catalogue catalogue, IRecords records, Actor actor, Scope scope, NewStaff person, string seen)
    {
        if (person.WhyNot() is { } wrong)
        {
            return wrong;
        }
        var decision = Decide(catalogue, records, actor, scope, person.Id, seen, a => a with { Roles = person.Roles });
        var staff = records.Get<Staff>(scope, person.Id) is { } before
            ? catalogue.Change(scope, before, new Staff(person.FullName, person.Title)) : null;
        return decision.Reply.Ok && staff is not null ? decision with { Drafts = [.. decision.Drafts, staff] } : decision;
    }

    public static Error NoOne { get; } =
        Error.NotFound("no_staff", "Không có người này trong danh sách. Hãy chọn lại trường rồi chọn lại tên.");
}
