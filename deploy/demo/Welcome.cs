namespace TdmEdu.Demo;

internal static class Welcome
{
    public static void Print(DemoStack stack)
    {
        Console.WriteLine();
        Console.WriteLine($"Phòng Giáo dục / the department   {stack.CentralUrl}");
        foreach (var signIn in stack.SignIns.Where(s => s.SchoolCode.Length == 0))
        {
            Console.WriteLine($"    {signIn.UserName,-12} {signIn.Password}   {signIn.Who}");
        }
        Console.WriteLine($"Meeting                           {stack.MeetingUrl}");
        foreach (var (school, name) in DemoCity.Schools.Select(s => (s.Code, s.Name)))
        {
            Console.WriteLine($"{name,-33} {stack.EdgeUrls[school]}");
            foreach (var signIn in stack.SignIns.Where(s => s.SchoolCode == school && s.UserName is ("gv01" or "gv02" or "vanphong" or "hieutruong" or "cntt")))
            {
                Console.WriteLine($"    {signIn.UserName,-12} {signIn.Password}   {signIn.Who}");
            }
        }
        Console.WriteLine();
        Console.WriteLine("Mọi học sinh và giáo viên đều là tên bịa. / Every pupil and teacher is made up.");
        Console.WriteLine("Trình duyệt sẽ hỏi về chứng chỉ của Phòng: chọn tiếp tục. / The browser asks about the department's certificate: go on.");
        Console.WriteLine("Enter: cắt hoặc nối đường truyền về Phòng / cut or mend the line to Central.  Ctrl-C: dừng / stop.");
    }
}

/// <summary>Each Enter cuts the line between the schools and Central, or mends it.</summary>
internal static class LineSwitch
{
    public static async Task Run(Relay line, CancellationToken cancel)
    {
        while (true)
        {
            // Reading blocks a thread of its own; without a terminal there is nothing to read and the demo just runs.
            var key = await Task.Run(Console.ReadLine, cancel).WaitAsync(cancel);
            if (key is null)
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }
            if (line.IsCut)
            {
                line.Mend();
                Console.WriteLine("Đã nối lại / The line is back.");
            }
            else
            {
                line.Cut();
                Console.WriteLine("Đã cắt / The line is cut.");
            }
        }
    }
}
