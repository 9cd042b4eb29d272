using System.Globalization;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>
/// A class's month: a row for each pupil who was in the class on one of its days, a column for each day. A session that nobody has sent has a mark
/// of its own and is in no figure but the last.
/// </summary>
internal sealed class MonthTable(TimeProvider clock) : ClassTable
{
    /// <summary>Every month has them all, so that months can be laid side by side.</summary>
    private const int Columns = 31;

    private const string NotSent = "?";
    private const string NotInClass = "–";

    private sealed record Session(DateOnly Date, SessionSheet? Sheet);

    public override string Key => "chuyen-can";

    public override Text Title { get; } = new("Bảng chuyên cần tháng");

    public override bool OfMonth => true;

    public override Result<Table> Make(IRecords records, ClassTableAsked asked)
    {
        var month = new Period(asked.Month, asked.Month.AddMonths(1).AddDays(-1));
        var sessions = SessionsOf(records, asked).ToLookup(s => s.Date.Day);
        var pupils = (records.View<ClassRoster>(asked.School, asked.Class.Id)?.Enrolments.Values ?? Enumerable.Empty<Enrolment>())
            .Where(e => Period.Of(e).Overlaps(month)).ToLookup(e => e.Pupil)
            .Select(places => (places.Key, Places: places, Pupil: records.Get<Pupil>(asked.School, places.Key)?.Value))
            .OrderBy(p => p.Pupil?.FullName ?? "", VietnameseText.ByGivenName).ThenBy(p => p.Pupil?.BirthDate, StringComparer.Ordinal).ThenBy(p => p.Key);
        return new Table(
            string.Create(CultureInfo.InvariantCulture, $"Chuyên cần {asked.Class.Value.Name} {asked.Month:MM-yyyy}"),
            [
                "STT", "Họ tên", .. Enumerable.Range(1, Columns).Select(d => d.ToString(CultureInfo.InvariantCulture)),
                "Có mặt", "Vắng có phép", "Vắng không phép", "Muộn", "Về sớm", "Chưa báo",
            ],
            [.. pupils.Select((p, i) => RowOf(i + 1, p.Key, p.Pupil?.FullName ?? SheetReply.Gone, p.Places, sessions))],
            [
                "x có mặt, P vắng có phép, K vắng không phép, M muộn, V về sớm; ? chưa báo; – không ở trong lớp; ô trống là không có buổi học.",
                "Ngày có hai buổi ghi sáng/chiều. Dấu * là có 2 ý kiến. Tổng tính theo buổi; em muộn và em về sớm cũng được tính là có mặt.",
                string.Create(CultureInfo.InvariantCulture, $"Có ở máy của trường lúc {clock.SchoolNow():HH:mm dd/MM/yyyy}."),
            ]);
    }

    private IEnumerable<Session> SessionsOf(IRecords records, ClassTableAsked asked)
    {
        var (lop, calendar) = (asked.Class, Registry.Calendar.Load(records, asked.School));
        return
            from day in Enumerable.Range(0, DateTime.DaysInMonth(asked.Month.Year, asked.Month.Month))
            let date = asked.Month.AddDays(day)
            from slot in lop.Value.Slots.Order()
            where slot.HasBegun(date, clock)
            let sheet = records.View<SessionSheet>(asked.School, SessionSheet.IdOf(asked.School, lop.Id, date, slot)) is { Tally: not null } sent ? sent : null
            where sheet is not null || calendar.WhyClosed(date) is null
            select new Session(date, sheet);
    }

    private static TableCell[] RowOf(int number, Guid pupil, string name, IEnumerable<Enrolment> places, ILookup<int, Session> sessions)
    {
        var own = sessions.SelectMany(s => s).Where(s => places.Any(p => p.IsActiveOn(s.Date)))
            .Select(s => (s.Date.Day, Standing: s.Sheet?.Pupils.GetValueOrDefault(pupil))).ToList();
        var days = own.ToLookup(s => s.Day, s => MarkOf(s.Standing));
        int Count(params MarkCode[] codes) => own.Count(s => s.Standing is { } standing && codes.Contains(standing.Code));
        return
        [
            TableCell.Of(number), TableCell.Of(name),
            .. Enumerable.Range(1, Columns).Select(d => TableCell.Of(days.Contains(d) ? string.Join('/', days[d]) : sessions.Contains(d) ? NotInClass : null)),
            TableCell.Of(Count(MarkCode.Present, MarkCode.Late, MarkCode.LeftEarly)), TableCell.Of(Count(MarkCode.Excused)),
            TableCell.Of(Count(MarkCode.Unexcused)), TableCell.Of(Count(MarkCode.Late)), TableCell.Of(Count(MarkCode.LeftEarly)),
            TableCell.Of(own.Count(s => s.Standing is null)),
        ];
    }

    private static string MarkOf(Standing? standing) => standing is null ? NotSent : standing.Code switch
    {
        MarkCode.Unexcused => "K",
        MarkCode.Excused => "P",
        MarkCode.Late => "M",
        MarkCode.LeftEarly => "V",
        _ => "x",
    } + (standing.TwoOpinions ? "*" : "");
}
