using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Central;

namespace TdmEdu.SystemTests;

/// <summary>A school and the department on machines of their own, whose clock is moved through the days.</summary>
public sealed partial class OfflineWeekTests : IDisposable
{
    private const string School = City.Preschool;
    private const int Days = 5;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(150);
    private static readonly TimeOnly Afternoon = new(13, 30);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tdmedu-week-");
    private readonly List<(string School, SubmitSession Submission)> sent = [];
    private readonly ITestOutputHelper output;
    private readonly MachineClock clock;

    public OfflineWeekTests(ITestOutputHelper output) => (this.output, clock) = (output, new(Path.Combine(folder.FullName, "clock")));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A2_Five_school_days_without_a_line_are_on_the_schools_wall_and_then_at_the_centre_row_for_row_and_no_family_is_told_twice()
    {
        clock.Set(TimeProvider.System.GetUtcNow());
        await using var mail = new MailServer();
        var settings = new Dictionary<string, string>(clock.Settings)
        {
            ["Central:Smtp:Host"] = mail.Settings.Host,
            ["Central:Smtp:Port"] = mail.Port.ToString(CultureInfo.InvariantCulture),
            ["Central:Smtp:From"] = mail.Settings.From,
        };
        await using var stack = await DemoStack.Start(folder.FullName, DemoPorts.Free(boxes: 1), output.WriteLine, Cancel, settings, clock);
        await City.WaitForRoster(stack, School);

        stack.Line.Cut();
        var days = SchoolDaysAfter(TimeProvider.System.GetUtcNow());
        foreach (var day in days)
        {
            clock.Set(At(day, Afternoon));
            await SubmitAll(stack, day);
        }
        Assert.Empty(DemoLedger.SubmissionsAtCentral(stack));

        // Killed when the server has the last letter and Central does not know it yet: the worst moment for a second one.
        var told = DemoCity.KnownPerClass * Slots.Sessions.Length;
        mail.BeforeAnswer = () =>
        {
            if (mail.Received.Count == told)
            {
                stack.KillCentral();
            }
        };
        stack.Line.Mend();
        var ids = sent.Select(s => s.Submission.Id).ToHashSet();
        await Eventually(() => Task.FromResult(ids.SetEquals(DemoLedger.SubmissionsAtCentral(stack))), "Central has every submission");
        clock.Set(At(days[^1], Afternoon.Add(MessageRules.Grace * 2)));
        await Eventually(() => Task.FromResult(stack.HasCentralExited), "families are told of the last day");

        // Started again on the same day. What is in doubt is not sent again, then nor at the later look that takes back the morning's.
        clock.Set(At(days[^1], new(14, 30)));
        await stack.StartCentral(Cancel);
        clock.Set(At(days[^1], new(15, 0)));
        await Eventually(async () => ToldOnce(mail).Count == told && await MessagesOf(stack, days[^1], MessageState.Unknown) == 1, "the school sees which message is in doubt");
        // The second correction is there so that Central has looked at everything again after the first was told.
        var (pupils, hour) = (0, new TimeOnly(16, 0));
        foreach (var (n, slot) in Slots.Sessions.Index())
        {
            pupils = await PutRight(stack, slot);
            await Eventually(() => Task.FromResult(DemoLedger.SubmissionsAtCentral(stack).Contains(sent[^1].Submission.Id)), "Central has the correction");
            clock.Set(At(days[^1], hour.AddHours(n)));
            var noted = told - 1 + (n + 1) * DemoCity.KnownPerClass;
            await Eventually(async () => ToldOnce(mail).Count > noted && await MessagesOf(stack, days[^1], MessageState.Sent) == noted, "families are told that it was wrong");
        }
        AssertTold(ToldOnce(mail), days[^1]);
        foreach (var day in days.SkipLast(1))
        {
            Assert.Equal(pupils * Slots.Sessions.Length, await MessagesOf(stack, day, MessageState.Expired));
        }

        await CompareSheets(stack, days);
        stack.StopHosts();
        var verdict = DemoLedger.Compare(stack, sent);
        Assert.Equal((sent.Count, 0, 0), (verdict.AtCentral, verdict.Lost, verdict.Duplicated));
        Assert.Empty(verdict.Differences);
    }

    /// <summary>
    /// Every class, both slots, by teachers of two classes each. All of the first class are missing, all the week; of the third only until the office has put that right; about one
    /// pupil of the second its two teachers disagree.
    /// </summary>
    private async Task SubmitAll(DemoStack stack, DateOnly day)
    {
        using var office = await stack.SignIn(School, "vanphong", Cancel);
        var today = await office.Today(Cancel);
        Assert.Equal((day, null), (today.Date, today.Closed));
        for (var n = 0; n < today.Classes.Count; n += 2)
        {
            using var teacher = await stack.SignIn(School, $"gv{n + 2:00}", Cancel);
            foreach (var schoolClass in today.Classes.Skip(n).Take(2))
            {
                foreach (var slot in Slots.Sessions)
                {
                    var isMissing = schoolClass == today.Classes[0] || schoolClass == today.Classes[2];
                    await Submit(teacher, day, schoolClass, slot, i => isMissing ? MarkCode.Unexcused : UsualMark(i, day));
                }
            }
        }
        using var other = await stack.SignIn(School, "gv03", Cancel);
        foreach (var slot in Slots.Sessions)
        {
            await Submit(other, day, today.Classes[1], slot, i => i == 5 ? MarkCode.Late : null);
            await Submit(office, day, today.Classes[2], slot, _ => MarkCode.Present, knowing: true);
        }
        CheckWall(today, WebUtility.HtmlDecode(await office.Page("/bang-lop", Cancel)));
    }

    /// <summary>Each family of the class that was missing, of each half of that day alone: that the child is missing, and that it is not.</summary>
    private static void AssertTold(IReadOnlyList<(string Family, string Session, string What)> told, DateOnly day)
    {
        var families = told.Select(t => t.Family).Distinct().ToList();
        Assert.Equal(DemoCity.KnownPerClass, families.Count);
        var date = day.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture);
        var wanted = from family in families from half in (string[])["sáng", "chiều"] from what in (string[])["Tin vắng học", "Đính chính tin vắng học"]
                     select (family, $"buổi {half} ngày {date}", what);
        Assert.Equal(wanted.Order(), told.Order());
    }

    /// <summary>As the families read it: whose, of which half of which day, and what. Nobody has read the same twice, under whatever id.</summary>
    private static List<(string Family, string Session, string What)> ToldOnce(MailServer mail)
    {
        var told = mail.Received.Select(m => (
            Family: m.To.Mailboxes.Single().Address, Session: SessionInLetter().Match(m.TextBody ?? "").Value, What: (m.Subject ?? "").Split(" ngày ")[0])).ToList();
        Assert.Empty(told.GroupBy(t => t).Where(same => same.Count() > 1).Select(same => same.Key));
        return told;
    }

    /// <returns>How many pupils of the class that had not come were there after all.</returns>
    private async Task<int> PutRight(DemoStack stack, Slot slot)
    {
        using var office = await stack.SignIn(School, "vanphong", Cancel);
        var today = await office.Today(Cancel);
        await Submit(office, today.Date, today.Classes[0], slot, _ => MarkCode.Present, knowing: true);
        return sent[^1].Submission.Marks!.Length;
    }

    private static MarkCode? UsualMark(int pupil, DateOnly day) =>
        pupil == 5 ? MarkCode.Excused : pupil == 7 + day.Day % 7 ? MarkCode.Late : pupil == 20 ? MarkCode.LeftEarly : null;

    private async Task Submit(EdgeClient person, DateOnly day, DayClass schoolClass, Slot slot, Func<int, MarkCode?> codeOf, bool knowing = false)
    {
        var sheet = await person.Sheet(schoolClass.Id, day, slot, Cancel);
        Mark[] marks = [.. sheet.Pupils.Select((p, i) => (p.Id, Code: codeOf(i))).Where(m => m.Code is not null).Select(m => new Mark(m.Id, m.Code!.Value))];
        SubmitSession submission = new(RecordId.New(clock), schoolClass.Id, day, slot, [.. sheet.Pupils.Select(p => p.Id)], marks,
            knowing ? [.. sheet.Submissions] : [], clock.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(submission.Id, (await person.Submit(submission, Cancel))?.Id);
        sent.Add((School, submission));
    }

    private static void CheckWall(DayReply today, string page)
    {
        Assert.Equal(Slots.Sessions.Length, Regex.Count(page, $"{today.Classes.Count}/{today.Classes.Count} lớp đã nộp"));
        Assert.DoesNotContain("Chưa nộp", page, StringComparison.Ordinal);
        var rows = page.Split("wall-class\">")[1..];
        Assert.Equal(today.Classes.Select(c => c.Name), rows.Select(r => r[..r.IndexOf('<', StringComparison.Ordinal)]));
        foreach (var (n, row) in rows.Index())
        {
            var (absent, late) = n switch { 0 => (PupilsOf(row), 0), 1 => (0, 2), 2 => (0, 0), _ => (1, 1) };
            Assert.Equal(Slots.Sessions.Length, Regex.Count(row, $"{PupilsOf(row)} em · vắng {absent} · muộn {late}<"));
            Assert.Equal(n == 1 ? Slots.Sessions.Length : 0, Regex.Count(row, "2 ý kiến"));
        }
    }

    private static int PupilsOf(string wallRow) => int.Parse(PupilsFigure().Match(wallRow).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>What the school's people see, asked of the box, beside what Central has folded.</summary>
    private static async Task CompareSheets(DemoStack stack, IReadOnlyList<DateOnly> days)
    {
        var central = DemoLedger.SheetsAtCentral(stack).ToDictionary(s => (s.Class, s.Date, s.Slot));
        using var office = await stack.SignIn(School, "vanphong", Cancel);
        var classes = (await office.Today(Cancel)).Classes;
        Assert.Equal(days.Count * classes.Count * Slots.Sessions.Length, central.Count);
        foreach (var (schoolClass, day) in classes.SelectMany(_ => days, (c, day) => (c.Id, day)))
        {
            foreach (var slot in Slots.Sessions)
            {
                var (box, centre) = (await office.Sheet(schoolClass, day, slot, Cancel), central[(schoolClass, day, slot)]);
                Assert.Equal(box.Tally, centre.Tally);
                Assert.Equal(box.Submissions.Order(), centre.Submissions.Keys.Order());
                Assert.Equal(
                    box.Pupils.Select(p => (p.Id, p.Code, p.TwoOpinions, p.Minutes)).OrderBy(p => p.Id),
                    centre.Pupils.Select(p => (p.Key, (MarkCode?)p.Value.Code, p.Value.TwoOpinions, p.Value.Minutes)).OrderBy(p => p.Key));
            }
        }
    }

    /// <summary>As the school sees on its own box what families were told.</summary>
    private static async Task<int> MessagesOf(DemoStack stack, DateOnly day, MessageState state)
    {
        using var office = await stack.SignIn(School, "vanphong", Cancel);
        return Regex.Count(await office.Page($"/tin-nhan?ngay={day.Iso()}", Cancel), $"data-state=\"{state}\"");
    }

    private async Task Eventually(Func<Task<bool>> isSo, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < Within, $"Not within {Within.TotalSeconds} s: {what}.");
            await Task.Delay(200, Cancel);
        }
        output.WriteLine($"{what}: {waited.Elapsed.TotalSeconds:0.0} s");
    }

    private static IReadOnlyList<DateOnly> SchoolDaysAfter(DateTimeOffset now) =>
    [
        .. Enumerable.Range(1, 2 * Days).Select(n => DateOnly.FromDateTime(now.ToOffset(SchoolTime.Offset).DateTime).AddDays(n))
            .Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Take(Days),
    ];

    private static DateTimeOffset At(DateOnly day, TimeOnly time) => new(day.ToDateTime(time), SchoolTime.Offset);

    [GeneratedRegex("buổi (sáng|chiều) ngày [0-9/]+")]
    private static partial Regex SessionInLetter();

    [GeneratedRegex("wall-figures\">(\\d+) em")]
    private static partial Regex PupilsFigure();
}
