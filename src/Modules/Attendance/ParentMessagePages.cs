using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>Whether Central has a way to send; only Central knows.</summary>
public sealed record MessageSending(bool IsOn);

public sealed record MessageLine(Guid Id, string FullName, string ClassName, ParentMessage Message);

/// <param name="Schools">What the department chooses from; nothing on a box.</param>
/// <param name="IsOff">Central has no mail server: nothing is sent.</param>
public sealed record ParentMessagesModel(IReadOnlyList<Row<Unit>> Schools, Guid? School, DateOnly Date, IReadOnlyList<MessageLine> Lines, bool IsOff = false);

/// <summary>What families were told of a day, and what not, and why: the school's own on its box, any school's at Central.</summary>
internal sealed class ParentMessagePages(IRecordStore store, TimeProvider clock, ReadVolume reads)
{
    internal const string Path = "/tin-nhan";

    public async Task<IResult> Page(HttpContext http, Guid? truong, DateOnly? ngay, CancellationToken cancel)
    {
        var (actor, today) = (http.Actor(), clock.Today());
        var model = await store.Read(records => Load(records, actor, truong, ngay ?? today, today), cancel);
        if (actor.Scope == Scope.City && model.School is { } school)
        {
            await reads.Write(new("read_pupils", actor.Id, school.ToString("n"), ""), model.Lines.Count, sensitive: false, cancel);
        }
        var isOff = http.RequestServices.GetService(typeof(MessageSending)) is MessageSending { IsOn: false };
        return new RazorComponentResult<ParentMessagesPage>(new { Model = model with { IsOff = isOff } });
    }

    /// <summary>The homeroom teacher's are those about a pupil who was in the class on that day.</summary>
    private static ParentMessagesModel Load(IRecords records, Actor actor, Guid? chosen, DateOnly day, DateOnly today)
    {
        var schools = SchoolScope.Choices(records, actor, today);
        if (SchoolScope.Chosen(actor, chosen) is not { } school)
        {
            return new(schools, null, day, []);
        }
        var lines =
            from message in records.AllAt<ParentMessage>(school, day.Iso())
            let place = Enrol.PlacesOf(records, school, message.Value.Pupil).Select(p => p.Value).FirstOrDefault(p => p.IsActiveOn(day))
            where actor.Is(Roles.DepartmentOfficer) || (place is null ? actor.Is(SubmitSession.Offices) : ClassExport.WhyNot(records, actor, place.Class, today) is null)
            select new MessageLine(
                message.Id, records.Get<Pupil>(school, message.Value.Pupil)?.Value.FullName ?? SheetReply.Gone,
                place is null ? "" : records.Get<SchoolClass>(school, place.Class)?.Value.Name ?? "", message.Value);
        return new(schools, school.Owner, day, [.. lines.OrderBy(l => l.ClassName, StringComparer.Ordinal).ThenBy(l => l.FullName, VietnameseText.ByGivenName)
            .ThenBy(l => l.Message.Pupil).ThenBy(l => l.Message.Slot).ThenBy(l => l.Message.Number)]);
    }
}

internal static class ParentMessageRoutes
{
    internal static void MapParentMessages(this IEndpointRouteBuilder routes, Side side) => routes.MapGet(
        ParentMessagePages.Path, (HttpContext http, string? truong, string? ngay, ParentMessagePages pages, CancellationToken cancel) =>
            pages.Page(http, FormText.Id(truong), FormText.Day(ngay), cancel)).RequireRoles(side == Side.Edge ? MonthPages.Readers : Roles.DepartmentOfficer);
}
