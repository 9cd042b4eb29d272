using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Attendance;

public class SubmitSessionRulesTests
{
    private static readonly DateOnly Today = new(2026, 11, 23);
    private static readonly Scope School = Scope.School(Number(900));
    private static readonly Guid ClassId = Number(1);
    private static readonly Actor Teacher = new(Number(50), School, Roles.Teacher);
    private static readonly Actor Office = new(Number(51), School, Roles.Office);
    private static readonly SessionFacts Known = new(
        new("3A", 3, "2026-2027", [Slot.Morning]), Teaches: true, [Slot.Morning], Closed: null, new HashSet<Guid> { Number(101), Number(102), Number(103) }, Sheet: null);

    private static readonly SubmitSession Request = new(
        Guid.CreateVersion7(DateTimeOffset.UnixEpoch), ClassId, Today, Slot.Morning, null, [new(Number(101), MarkCode.Unexcused)], [], 0);

    [Fact]
    public void An_open_session_of_an_own_class_is_taken()
    {
        Assert.Null(Request.WhyMalformed());
        Assert.Null(Request.WhyRefused(Known, Teacher, Today));
    }

    [Theory]
    [InlineData("malformed", "id")]
    [InlineData("malformed", "slot")]
    [InlineData("malformed", "code")]
    [InlineData("malformed", "minutes")]
    [InlineData("malformed", "early")]
    [InlineData("pupil_marked_twice", "twice")]
    [InlineData("too_many_marks", "many")]
    public void A_broken_request_is_refused_before_anything_is_read(string reason, string fault)
    {
        var request = fault switch
        {
            "id" => Request with { Id = Guid.Parse("3f2b8c1e-0000-4000-8000-000000000001") },
            "slot" => Request with { Slot = 0 },
            "code" => Request with { Marks = [new(Number(101), (MarkCode)77)] },
            "minutes" => Request with { Marks = [new(Number(101), MarkCode.Late, SubmitSession.MinutesMax + 1)] },
            "early" => Request with { Marks = [new(Number(101), MarkCode.LeftEarly, 5)] },
            "twice" => Request with { Marks = [new(Number(101), MarkCode.Late), new(Number(101), MarkCode.Excused)] },
            _ => Request with { Marks = [.. Enumerable.Range(0, SubmitSession.MarksMax + 1).Select(i => new Mark(Number(i + 1000), MarkCode.Late))] },
        };
        Assert.Equal((ErrorCode.Invalid, reason), CodeOf(request.WhyMalformed()));
    }

    [Fact]
    public void An_unknown_class_is_not_found() =>
        Assert.Equal((ErrorCode.NotFound, "class_unknown"), CodeOf(Request.WhyRefused(Known with { Class = null }, Teacher, Today)));

    [Fact]
    public void A_teacher_of_another_class_is_denied_and_the_office_is_not()
    {
        Assert.Equal((ErrorCode.Denied, "not_your_class"), CodeOf(Request.WhyRefused(Known with { Teaches = false }, Teacher, Today)));
        Assert.Null(Request.WhyRefused(Known with { Teaches = false }, Office, Today));
    }

    [Fact]
    public void Tomorrow_is_refused_to_everybody()
    {
        var request = Request with { Date = Today.AddDays(1) };
        Assert.Equal((ErrorCode.Invalid, "date_future"), CodeOf(request.WhyRefused(Known, Teacher, Today)));
        Assert.Equal((ErrorCode.Invalid, "date_future"), CodeOf(request.WhyRefused(Known, Office, Today)));
    }

    [Fact]
    public void A_teacher_may_look_back_seven_days_and_the_office_further()
    {
        var eighth = Request with { Date = Today.AddDays(-8) };
        Assert.Null((Request with { Date = Today.AddDays(-7) }).WhyRefused(Known, Teacher, Today));
        Assert.Equal((ErrorCode.Invalid, "date_too_old"), CodeOf(eighth.WhyRefused(Known, Teacher, Today)));
        Assert.Null(eighth.WhyRefused(Known, Office, Today));
    }

    [Fact]
    public void A_closed_day_is_refused_with_the_calendars_own_reason()
    {
        var calendar = new Calendar([new("2026-2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5])], [], [new(Today, DayKind.Closed, "mưa bão")]);
        var refused = Request.WhyRefused(Known with { Closed = calendar.WhyClosed(Today) }, Office, Today);
        Assert.Equal((ErrorCode.Invalid, "day_closed"), CodeOf(refused));
        Assert.Contains("mưa bão", refused!.Message.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_without_lessons_is_refused() =>
        Assert.Equal((ErrorCode.Invalid, "slot_not_taught"), CodeOf((Request with { Slot = Slot.Afternoon }).WhyRefused(Known, Teacher, Today)));

    [Fact]
    public void A_pupil_of_another_class_cannot_be_marked() => Assert.Equal(
        (ErrorCode.Invalid, "pupil_not_in_class"),
        CodeOf((Request with { Marks = [new(Number(999), MarkCode.Late)] }).WhyRefused(Known, Office, Today)));

    [Fact]
    public void A_class_without_pupils_cannot_be_submitted_as_all_present()
    {
        Assert.Equal((ErrorCode.Invalid, "roster_empty"), CodeOf((Request with { Marks = [] }).WhyRefused(Known with { Roster = new HashSet<Guid>() }, Teacher, Today)));
        Assert.Equal((ErrorCode.Invalid, "roster_empty"), CodeOf((Request with { Marks = [], Pupils = [Number(999)] }).WhyRefused(Known, Teacher, Today)));
    }

    [Fact]
    public void A_change_of_a_submission_that_never_arrived_is_refused() => Assert.Equal(
        (ErrorCode.Conflict, "seen_unknown"), CodeOf((Request with { Seen = [Number(7)] }).WhyRefused(Known, Teacher, Today)));

    private static (ErrorCode, string) CodeOf(Error? error) => (error!.Code, error.Reason);

    private static Guid Number(int n) => new(n, 0, 0, new byte[8]);
}
