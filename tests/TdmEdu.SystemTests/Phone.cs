using Microsoft.Playwright;

namespace TdmEdu.SystemTests;

/// <summary>A teacher with the capture page in hand; every touch is counted.</summary>
internal sealed class Phone(IPage page)
{
    public int Taps { get; private set; }

    /// <summary>Where what this phone sent of the open session is: "phone", "box" or "centre".</summary>
    public ILocator State => page.Locator("#capture-status [data-state]");

    public ILocator Rows => page.Locator("#capture-rows > li");

    public async Task Open()
    {
        await page.GotoAsync("/diem-danh");
        await page.WaitForSelectorAsync("#capture-screen[data-screen=list]");
    }

    public async Task OpenClass(string name)
    {
        await Tap(Card(name));
        await Rows.First.WaitForAsync();
    }

    public ILocator Card(string name) =>
        page.Locator("button.class-card").Filter(new() { Has = page.Locator(".class-name").GetByText(name, new() { Exact = true }) });

    /// <param name="code">unexcused, excused, late or leftEarly.</param>
    public Task Mark(int row, string code) => Tap(Rows.Nth(row).Locator($"[data-code={code}]"));

    public async Task MarkThree()
    {
        await Mark(1, "unexcused");
        await Mark(3, "excused");
        await Mark(4, "late");
    }

    public Task Send() => Tap(page.Locator("#capture-send"));

    public Task Back() => Tap(page.Locator("#capture-back"));

    /// <summary>The page lives on the phone from now on, and so does today's class.</summary>
    public async Task WaitUntilInstalled() => await page.WaitForFunctionAsync(
        "async () => !!navigator.serviceWorker.controller && !!await (await caches.open('tdmedu-pages')).match('/diem-danh')");

    public Task Expect(string state, int withinSeconds = 30) => Expect(State, state, withinSeconds);

    public static Task Expect(ILocator mark, string state, int withinSeconds = 30) =>
        Expect(mark).ToHaveAttributeAsync("data-state", state, new() { Timeout = withinSeconds * 1000 });

    private async Task Tap(ILocator target)
    {
        await target.TapAsync();
        Taps++;
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
