using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>When this box last heard from Central; no host but a box has one.</summary>
public sealed record CentralContact(Func<DateTimeOffset> LastAt);

/// <summary>
/// A box without a line does not hear that an account was closed. What Central has not confirmed for thirty days signs in only after somebody
/// at the school has said that the person still works there. The head and IT sign in all the same: somebody must be able to say so.
/// </summary>
internal sealed class Lease(TimeProvider clock, CentralContact? contact = null)
{
    internal const int DaysMax = 30;
    internal const Roles Extenders = Roles.Head | Roles.SchoolIt;

    public DateOnly Until => clock.Today().AddDays(DaysMax);

    /// <summary>The day after which accounts are not confirmed any more; null at Central.</summary>
    public DateOnly? ConfirmedTo => contact is null ? null : DateOnly.FromDateTime(contact.LastAt().ToOffset(SchoolTime.Offset).DateTime).AddDays(DaysMax);

    public bool IsOver(Account account) =>
        ConfirmedTo is { } to && clock.Today() > to && (account.Roles & Extenders) == 0 && !(account.ExtendedTo >= clock.Today());
}

public sealed record LeaseModel(DateOnly? ConfirmedTo, IReadOnlyList<StaffLine> Over);

/// <summary>Where the head or IT of a school that has no line for very long lets people go on.</summary>
internal sealed class LeasePages(Lease lease, Home home, IRecordStore store, Catalogue catalogue, TimeProvider clock, IAuditLog audit)
{
    internal const string Path = "/can-bo/gia-han";

    public async Task<IResult> Page(CancellationToken cancel)
    {
        var people = await store.Read(records => StaffLine.Load(records, home.Accounts, clock.Today()), cancel);
        var model = new LeaseModel(lease.ConfirmedTo, people.FindAll(p => p.Account is { Value: { Disabled: false } account } && lease.IsOver(account)));
        return new RazorComponentResult<LeasePage>(new { Model = model });
    }

    public async Task<IResult> Extend(HttpContext http, CancellationToken cancel)
    {
        var actor = http.Actor();
        foreach (var id in http.Request.Form["nguoi"].Select(FormText.Id).OfType<Guid>())
        {
            // IT writes no accounts; that a colleague is still here is what it may say of them.
            var extended = await store.Decide(actor with { Roles = Accounts.Writers }, records => Decide(records, id), cancel);
            await audit.Write(new("account", actor.Id, $"extend/{id:n}", extended.Ok ? "" : extended.Error.Reason), cancel);
        }
        return Results.LocalRedirect(Path);
    }

    private Decision<bool> Decide(IRecords records, Guid id) =>
        records.Get<Account>(home.Accounts, id) is { Value.Disabled: false } before && lease.IsOver(before.Value)
            ? new Decision<bool>(true, [catalogue.Change(home.Accounts, before, before.Value with { ExtendedTo = lease.Until })!])
            : ChangeAccount.NoOne;
}
