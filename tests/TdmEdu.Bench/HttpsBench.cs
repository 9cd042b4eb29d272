using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Bench;

/// <summary>"Gửi" for a class of some 38 pupils over HTTPS, from the request to "safe on the box", line up.</summary>
internal static class HttpsBench
{
    private const int Warmup = 50;
    private const int Calls = 500;
    private const int DaysBackMax = 30;

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-https-").FullName;
        await using var stack = await DemoStack.Start(folder, DemoPorts.Free(), _ => { }, default);
        var school = stack.EdgeUrls.Keys.Last();
        using var office = new EdgeClient(stack.EdgeUrls[school], stack.Authority);
        var (today, sheets) = await WaitForClasses(stack, school, office);
        // The office may write any school day, so that each call is a session of its own, as in life.
        var days = Enumerable.Range(1, DaysBackMax).Select(back => today.AddDays(-back)).Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));
        var sessions = days.SelectMany(date => sheets.SelectMany(sheet => new[] { Slot.Morning, Slot.Afternoon }.Select(slot => (date, sheet, slot)))).ToList();
        SubmitSession Next(int i)
        {
            var (date, sheet, slot) = sessions[i];
            return new(RecordId.New(TimeProvider.System), sheet.Class, date, slot, [.. sheet.Pupils.Select(p => p.Id)],
                [new(sheet.Pupils[1].Id, MarkCode.Unexcused), new(sheet.Pupils[4].Id, MarkCode.Late), new(sheet.Pupils[9].Id, MarkCode.Excused)],
                [], TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        }
        await Latencies.Measure(1, Warmup, i => office.Submit(Next(i), default));
        var gui = await Latencies.Measure(1, Calls, i => office.Submit(Next(Warmup + i), default));
        Console.WriteLine($"https: Gửi, {sheets.Average(s => s.Pupils.Count):0} pupils, 1 caller      {gui.Show()}");
        await stack.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(DateOnly Today, List<SheetReply> Sheets)> WaitForClasses(DemoStack stack, string school, EdgeClient office)
    {
        var password = stack.SignIns.Single(s => s.SchoolCode == school && s.UserName == "vanphong").Password;
        while (true)
        {
            await Task.Delay(1000);
            try
            {
                await office.SignIn("vanphong", password, default);
            }
            catch (InvalidOperationException)
            {
                continue;
            }
            var day = await office.Today(default);
            var sheets = new List<SheetReply>();
            foreach (var schoolClass in day.Classes)
            {
                sheets.Add(await office.Sheet(schoolClass.Id, day.Date, Slot.Morning, default));
            }
            if (sheets.Count > 20 && sheets.All(s => s.Pupils.Count > 30))
            {
                return (day.Date, sheets);
            }
        }
    }
}
