using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>A box whose clock is wrong, in front of the people who notice and the one who sets it.</summary>
public class ClockTests(City city)
{
    private static readonly TimeSpan School = TimeSpan.FromHours(7);

    [Fact]
    public async Task A_phone_on_another_day_than_the_box_says_so_before_anything_is_sent()
    {
        var tomorrow = TimeProvider.System.GetUtcNow().ToOffset(School).AddDays(1);
        await using var teacher = await city.SignIn(City.Preschool, "gv01");
        await teacher.Page.Clock.SetFixedTimeAsync(tomorrow.UtcDateTime);
        await new Phone(teacher.Page).Open();
        await Expect(teacher.Page.Locator("#capture-clock")).ToContainTextAsync(
            $"{tomorrow.AddDays(-1):dd/MM/yyyy}, còn điện thoại này là {tomorrow:dd/MM/yyyy}");
        await PageTests.Check(teacher.Page);
        await Shoot(teacher.Page, "gio-sai");
    }

    [Fact]
    public async Task The_schools_it_sets_the_clock_and_is_told_what_cannot_be()
    {
        var now = TimeProvider.System.GetUtcNow().ToOffset(School);
        await using var it = await city.SignIn(City.Preschool, "cntt");
        // With a line Central's time is taken again within seconds.
        city.Stack.Line.Cut();
        try
        {
            await Set(it, now.AddHours(2));
            await Expect(it.Page.Locator("#gio")).ToContainTextAsync($"{now.AddHours(2):HH:}");
            await Set(it, now.AddYears(-20));
            await Expect(it.Page.Locator(".invalid-feedback")).ToContainTextAsync("Giờ này không thể đúng");
            await PageTests.Check(it.Page);
            await Shoot(it.Page, "duong-truyen-gio");
        }
        finally
        {
            await Set(it, TimeProvider.System.GetUtcNow().ToOffset(School));
            city.Stack.Line.Mend();
        }
        await Expect(it.Page.Locator(".invalid-feedback")).ToHaveCountAsync(0);
    }

    private async Task Set(Visitor it, DateTimeOffset time)
    {
        await it.Page.GotoAsync("/duong-truyen");
        await it.Page.FillAsync("#gio-dat", time.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture));
        await it.Page.ClickAsync("form[action='/duong-truyen/gio'] button");
        // Hours later by the box's own time, the password is asked for again.
        await city.ConfirmPassword(it.Page, City.Preschool, "cntt");
    }

    private static async Task Shoot(IPage page, string name)
    {
        if (City.Screenshots is { } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-360.png"), FullPage = true });
        }
    }
}
