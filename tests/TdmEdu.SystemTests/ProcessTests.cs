using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TdmEdu.Demo;

namespace TdmEdu.SystemTests;

/// <summary>The commands and hosts as somebody runs them.</summary>
public partial class ProcessTests(City city, ITestOutputHelper output)
{
    private const int SubmissionsMin = 32;

    [Fact]
    public async Task Demo_check_loses_nothing()
    {
        var start = new ProcessStartInfo("bash", ["deploy/demo.sh", "--no-build", "--check"])
        {
            WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var demo = Process.Start(start)!;
        var errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        output.WriteLine(said + await errors);

        Assert.Equal(0, demo.ExitCode);
        var verdict = Verdict().Match(said.TrimEnd().Split('\n')[^1]);
        Assert.True(verdict.Success);
        Assert.Equal(verdict.Groups["acked"].Value, verdict.Groups["central"].Value);
        Assert.True(int.Parse(verdict.Groups["acked"].Value, CultureInfo.InvariantCulture) >= SubmissionsMin);
    }

    [Fact]
    public async Task A_second_process_on_a_boxs_data_does_not_start_and_says_why()
    {
        var data = city.Stack.EdgeData(City.Preschool);
        var log = Path.Combine(data, "second.log");
        using (var second = HostProcess.Start("EdgeNode", log, new Dictionary<string, string>
        {
            ["Edge:DataDir"] = Path.Combine(data, "data"),
            ["Edge:IdentityDir"] = Path.Combine(data, "identity"),
            ["Edge:Bind"] = "127.0.0.1",
            ["Edge:LanPort"] = HostProcess.FreePort().ToString(CultureInfo.InvariantCulture),
            ["Edge:Central"] = city.Stack.CentralUrl.ToString(),
        }))
        {
            Assert.Equal(1, await second.WaitForExit(TestContext.Current.CancellationToken));
        }
        var said = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        output.WriteLine(said);
        Assert.Contains("Hãy tắt chương trình EdgeNode kia rồi khởi động lại.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-command")]
    [InlineData("first-account", "it")]
    public async Task A_command_that_Central_does_not_know_is_answered_with_those_it_knows_and_starts_no_server(params string[] arguments)
    {
        var log = Path.Combine(city.Stack.CentralData, "command.log");
        using (var command = HostProcess.Start("Central", log, new Dictionary<string, string>(), arguments))
        {
            Assert.Equal(2, await command.WaitForExit(TestContext.Current.CancellationToken));
        }
        Assert.Contains("first-account TÊN-ĐĂNG-NHẬP", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_program_holds_is_named_without_a_trace()
    {
        var log = Path.Combine(city.Stack.CentralData, "port.log");
        using (var second = HostProcess.Start("Central", log, new Dictionary<string, string>
        {
            ["Central:DataDir"] = city.Stack.CentralData,
            ["Central:Bind"] = "127.0.0.1",
            ["Central:WebPort"] = city.Stack.CentralUrl.Port.ToString(CultureInfo.InvariantCulture),
            ["Central:DevicePort"] = HostProcess.FreePort().ToString(CultureInfo.InvariantCulture),
            ["Central:EnrolmentPort"] = HostProcess.FreePort().ToString(CultureInfo.InvariantCulture),
        }))
        {
            Assert.Equal(1, await second.WaitForExit(TestContext.Current.CancellationToken));
        }
        var said = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        Assert.Contains("Cổng mạng đang được một chương trình khác dùng", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_server_that_is_named_wrongly_is_said_without_a_trace()
    {
        var data = Directory.CreateTempSubdirectory("openid-").FullName;
        var log = Path.Combine(data, "log");
        using (var central = HostProcess.Start("Central", log, new Dictionary<string, string>
        {
            ["Central:DataDir"] = data, ["Central:OpenId:Authority"] = "http://sso.example", ["Central:OpenId:ClientId"] = "x", ["Central:OpenId:ClientSecret"] = "y",
        }))
        {
            Assert.Equal(1, await central.WaitForExit(TestContext.Current.CancellationToken));
        }
        var said = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        Assert.Contains("Central__OpenId__Authority phải là địa chỉ https", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public void A_demos_folder_is_used_and_cleared_by_one_demo_at_a_time()
    {
        var folder = Directory.CreateTempSubdirectory("demo-lock-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "central"));
        using (DemoStack.TryLock(folder))
        {
            Assert.Null(DemoStack.TryLock(folder));
            DemoStack.Clear(folder);
        }
        Assert.False(Directory.Exists(Path.Combine(folder, "central")));
        DemoStack.TryLock(folder)!.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_meeting_servers_address_says_what_it_is()
    {
        await using var visitor = await city.Visit(city.Stack.MeetingUrl);
        var answer = await visitor.Page.GotoAsync("/");
        Assert.Equal(200, answer!.Status);
        Assert.Contains("Hãy mở trang của Phòng Giáo dục hoặc của trường", await visitor.Page.InnerTextAsync("main"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^demo: acked=(?<acked>\d+) central=(?<central>\d+) lost=0 duplicated=0 converged_s=[\d.]+$")]
    private static partial Regex Verdict();
}
