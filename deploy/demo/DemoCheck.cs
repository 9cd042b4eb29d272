using System.Collections.Concurrent;
using System.Diagnostics;
using TdmEdu.Modules.Attendance;
using TdmEdu.Sync.Records;

namespace TdmEdu.Demo;

/// <summary>
/// A school day without internet with real processes: 30 classes of three schools submit while the line is cut, two of them
/// twice by two teachers who disagree, one box is killed in the middle, and when the line is back Central must hold
/// exactly what was acknowledged.
/// </summary>
internal static class DemoCheck
{
    private const int ClassesPerSchool = 10;
    private static readonly TimeSpan RosterWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ConvergeWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan RetryWithin = TimeSpan.FromSeconds(60);

    private sealed record Acked(string School, SubmitSession Submission);

    public static async Task<int> Run(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("tdmedu-demo-").FullName;
        try
        {
            await using var stack = await DemoStack.Start(folder, DemoPorts.Free(), Console.WriteLine, cancel);
            var rosters = await WaitForRosters(stack, cancel);
            Console.WriteLine($"Danh sách đã về trường / The edges hold {rosters.Count} classes from Central.");

            stack.Line.Cut();
            Console.WriteLine("Đã cắt đường truyền / The line is cut.");
            var acked = await SubmitAll(stack, rosters, cancel);

            var since = Stopwatch.StartNew();
            stack.Line.Mend();
            Console.WriteLine("Đã nối lại / The line is back.");
            var converged = await WaitUntilConverged(stack, acked, since, cancel);
            stack.StopHosts();
            var verdict = DemoLedger.Compare(stack, [.. acked.Select(a => (a.School, a.Submission))]);
            foreach (var difference in verdict.Differences)
            {
                Console.WriteLine(difference);
            }
            var ok = converged is not null && verdict.Differences.Count == 0;
            Console.WriteLine(
                $"demo: acked={acked.Count} central={verdict.AtCentral} lost={verdict.Lost} duplicated={verdict.Duplicated} converged_s={converged?.TotalSeconds ?? -1:0.0}");
            if (!ok)
            {
                CopyLogs(folder);
            }
            return ok ? 0 : 1;
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            CopyLogs(folder);
            Console.WriteLine($"demo: {e.Message}");
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The classes of each school that have pupils at the edge, in the name of their homeroom teachers.</summary>
    private static async Task<List<(string School, string Teacher, DayClass Class)>> WaitForRosters(DemoStack stack, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var found = new List<(string, string, DayClass)>();
        foreach (var school in stack.EdgeUrls.Keys)
        {
            for (var n = 1; n <= ClassesPerSchool; n++)
            {
                found.Add((school, $"gv{n:00}", await WaitForClass(stack, school, n, clock, cancel)));
            }
        }
        return found;
    }

    private static async Task<DayClass> WaitForClass(DemoStack stack, string school, int n, Stopwatch clock, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                using var teacher = await stack.SignIn(school, $"gv{n:00}", cancel);
                var day = await teacher.Today(cancel);
                var own = day.Classes.FirstOrDefault(c => c.Name == DemoCity.ClassName(school, n - 1));
                if (own is not null && (await teacher.Sheet(own.Id, day.Date, own.Sessions[0].Slot, cancel)).Pupils.Count >= DemoCity.PupilsMin(school))
                {
                    return own;
                }
            }
            catch (InvalidOperationException) when (clock.Elapsed < RosterWithin)
            {
                // The accounts have not come down yet.
            }
            if (clock.Elapsed > RosterWithin)
            {
                throw new TimeoutException($"The roster of {school} did not reach its box within {RosterWithin.TotalSeconds} s.");
            }
            await Task.Delay(200, cancel);
        }
    }

    private static async Task<List<Acked>> SubmitAll(DemoStack stack, List<(string School, string Teacher, DayClass Class)> classes, CancellationToken cancel)
    {
        var acked = new ConcurrentBag<Acked>();
        var victim = stack.EdgeUrls.Keys.ElementAt(1);
        var half = classes.Count / 2;
        var kill = Task.CompletedTask;
        // Breadth first over the schools, so that the killed box has work before and after.
        var order = classes.Select((c, i) => (c, Rank: i % ClassesPerSchool)).OrderBy(x => x.Rank).Select(x => x.c).ToList();
        for (var i = 0; i < order.Count; i++)
        {
            var (school, teacher, schoolClass) = order[i];
            if (i == half)
            {
                kill = KillAndRestart(stack, victim, cancel);
            }
            await Submit(stack, school, teacher, schoolClass, acked, MarkCode.Unexcused, cancel);
        }
        await kill;
        // Two classes once more, by the neighbour who has not seen the first word and says otherwise about the same pupil.
        foreach (var (school, _, schoolClass) in classes.Where((_, i) => i is 0 or ClassesPerSchool))
        {
            await Submit(stack, school, "gv02", schoolClass, acked, MarkCode.Late, cancel);
        }
        Console.WriteLine($"Đã nộp và được báo đã lưu / Submitted and acknowledged: {acked.Count}.");
        return [.. acked];
    }

    private static async Task KillAndRestart(DemoStack stack, string school, CancellationToken cancel)
    {
        Console.WriteLine($"SIGKILL: {school}");
        stack.KillEdge(school);
        await Task.Delay(500, cancel);
        await stack.StartEdge(school, cancel);
    }

    private static async Task Submit(
        DemoStack stack, string school, string teacher, DayClass schoolClass, ConcurrentBag<Acked> acked, MarkCode first, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        SubmitSession? submission = null;
        while (clock.Elapsed < RetryWithin)
        {
            try
            {
                using var client = await stack.SignIn(school, teacher, cancel);
                submission ??= await Compose(client, schoolClass, first, cancel);
                if (await client.Submit(submission, cancel) is not null)
                {
                    acked.Add(new(school, submission));
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // The box is down; a phone would try again as well, with the same id.
            }
            await Task.Delay(200, cancel);
        }
        throw new TimeoutException($"{school} did not take a submission within {RetryWithin.TotalSeconds} s.");
    }

    private static async Task<SubmitSession> Compose(EdgeClient client, DayClass schoolClass, MarkCode first, CancellationToken cancel)
    {
        var day = await client.Today(cancel);
        var slot = schoolClass.Sessions[0].Slot;
        var pupils = (await client.Sheet(schoolClass.Id, day.Date, slot, cancel)).Pupils;
        Mark[] marks = [new(pupils[0].Id, first), new(pupils[5].Id, MarkCode.Excused), new(pupils[9].Id, MarkCode.LeftEarly)];
        return new(RecordId.New(TimeProvider.System), schoolClass.Id, day.Date, slot, [.. pupils.Select(p => p.Id)], marks, [],
            TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private static async Task<TimeSpan?> WaitUntilConverged(DemoStack stack, List<Acked> acked, Stopwatch since, CancellationToken cancel)
    {
        var wanted = acked.Select(a => a.Submission.Id).ToHashSet();
        while (since.Elapsed < ConvergeWithin)
        {
            if (wanted.IsSubsetOf(DemoLedger.SubmissionsAtCentral(stack)))
            {
                return since.Elapsed;
            }
            await Task.Delay(100, cancel);
        }
        return null;
    }

    private static void CopyLogs(string folder)
    {
        foreach (var log in Directory.EnumerateFiles(Path.Combine(folder, "logs")))
        {
            Console.WriteLine($"== {Path.GetFileName(log)}");
            foreach (var line in File.ReadLines(log).TakeLast(40))
            {
                Console.WriteLine(line);
            }
        }
    }
}
