using CsCheck;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>When a family is told what, by words, messages and the time alone.</summary>
public class MessageRulesTests
{
    private static readonly DateOnly Day = new(2026, 9, 7);
    private static readonly DateTimeOffset Begins = new(2026, 9, 7, 0, 0, 0, SchoolTime.Offset);
    private static readonly DateTimeOffset Said = Begins.AddHours(7);

    [Theory]
    [InlineData(Presence.Unexcused, false, 14, MessageState.Waiting, MessageWait.Grace, false)]
    [InlineData(Presence.Unexcused, false, 15, MessageState.Sending, null, false)]
    [InlineData(Presence.Unexcused, false, 120, MessageState.Sending, null, false)]
    [InlineData(Presence.Unexcused, false, 121, MessageState.Sending, null, true)]
    [InlineData(Presence.Unexcused, false, 14 * 60 - 1, MessageState.Sending, null, true)]
    [InlineData(Presence.Unexcused, false, 14 * 60, MessageState.Waiting, MessageWait.QuietHours, false)]
    [InlineData(Presence.Unexcused, false, 17 * 60 - 1, MessageState.Waiting, MessageWait.QuietHours, false)]
    [InlineData(Presence.Unexcused, false, 17 * 60, MessageState.Expired, null, false)]
    [InlineData(Presence.Unexcused, true, 15, MessageState.Waiting, MessageWait.Notice, false)]
    [InlineData(Presence.Unexcused, true, 17 * 60, MessageState.Expired, null, false)]
    [InlineData(Presence.Excused, false, 15, null, null, false)]
    [InlineData(Presence.There, false, 15, null, null, false)]
    public void A_missing_child_is_told_after_the_teachers_minutes_and_before_the_day_is_over(
        Presence presence, bool asked, int minutes, MessageState? state, MessageWait? why, bool isLate) =>
        Assert.Equal(state is { } told ? new MessageStep(1, told, why, isLate) : null, MessageRules.Next(Day, new(presence, Said, asked), [], Said.AddMinutes(minutes)));

    [Theory]
    [InlineData(Presence.There, 0, 16, MessageState.Sending)]
    [InlineData(Presence.There, 0, 14, MessageState.Waiting)]
    [InlineData(Presence.There, 7, 16, MessageState.Sending)]
    [InlineData(Presence.There, 8, 16, MessageState.Expired)]
    [InlineData(Presence.Excused, 0, 16, null)]
    [InlineData(Presence.Unexcused, 0, 16, null)]
    public void What_was_told_wrongly_is_taken_back_within_a_week(Presence now, int days, int minutes, MessageState? state)
    {
        var told = Message(1, MessageState.Sent, Said);
        Assert.Equal(state, MessageRules.Next(Day, new(now, Said.AddDays(days), false), [told], Said.AddDays(days).AddMinutes(minutes))?.State);
    }

    [Theory]
    [InlineData(21, 0, MessageState.Waiting)]
    [InlineData(29, 59, MessageState.Waiting)]
    [InlineData(30, 0, MessageState.Sending)]
    public void What_was_told_wrongly_waits_for_the_morning(int hours, int minutes, MessageState state)
    {
        var now = Begins.AddHours(hours).AddMinutes(minutes).ToUniversalTime();
        Assert.Equal(state, MessageRules.Next(Day, new(Presence.There, Begins.AddHours(20), false), [Message(1, MessageState.Sent, Said)], now)?.State);
    }

    [Fact]
    public void Without_a_word_and_before_its_day_nothing_is_told()
    {
        Assert.Null(MessageRules.Next(Day, null, [], Said.AddHours(1)));
        Assert.Null(MessageRules.Next(Day, new(Presence.Unexcused, Begins.AddHours(-5), false), [], Begins.AddHours(-1)));
        Assert.Equal(new(1, MessageState.NotNeeded), MessageRules.Next(Day, null, [Message(1, MessageState.Waiting, Said)], Said.AddHours(1)));
    }

    /// <summary>Whatever the school says, asks and corrects, whenever Central looks, and however each sending ends.</summary>
    [Fact]
    public void A_family_is_never_told_the_same_twice_nor_anything_that_is_not_so_by_then() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[0, 5], Gen.Bool, Gen.Int[3, 6]).Array[1, 40].Sample(course =>
        {
            var (now, word, known, told) = (Said, new SessionWord(Presence.Unexcused, Said, false), new Dictionary<int, ParentMessage>(), new List<int>());
            foreach (var (minutes, says, asked, ends) in course)
            {
                now = now.AddMinutes(minutes);
                word = says is >= 1 and <= 3 ? new((Presence)says, now, asked) : word;
                while (MessageRules.Next(Day, word, known.Values, now) is { } step)
                {
                    if (step.State == MessageState.Sending)
                    {
                        IsRight(step, word, now);
                        told.Add(step.Number);
                    }
                    // Sent, failed, unknown; or the end of the process that sent it.
                    var after = step.State != MessageState.Sending ? step.State : ends == 6 ? MessageState.Sending : (MessageState)ends;
                    known[step.Number] = Message(step.Number, after, now) with { Why = step.Why };
                }
            }
            Assert.Equal(told.Distinct(), told);
            Assert.Equal(Enumerable.Range(1, told.Count), told);
            Assert.True(told.Count <= MessageRules.PerSessionMax);
        });

    private static void IsRight(MessageStep step, SessionWord word, DateTimeOffset now)
    {
        var isCorrection = step.Number is 2 or 4;
        Assert.Equal(isCorrection ? Presence.There : Presence.Unexcused, word.Presence);
        Assert.True(isCorrection || !word.NoticeWaits);
        Assert.True(now - word.SaidAt >= TimeSpan.FromMinutes(15));
        Assert.Equal(now - word.SaidAt > TimeSpan.FromHours(2), step.IsLate);
        Assert.InRange((now - Begins).Ticks % TimeSpan.TicksPerDay, 6 * TimeSpan.TicksPerHour, 21 * TimeSpan.TicksPerHour - 1);
        Assert.True(now < Begins.AddDays(isCorrection ? 8 : 1));
    }

    private static ParentMessage Message(int number, MessageState state, DateTimeOffset at) =>
        new(new(1, 0, 0, new byte[8]), Day, Slot.Morning, number, state, null, at.ToUnixTimeMilliseconds());
}
