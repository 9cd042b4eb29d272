using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using TdmEdu.Demo;

namespace TdmEdu.SystemTests;

/// <summary>What every page owes to everyone: readable by a screen reader, usable by keyboard and by thumb, in both languages.</summary>
public partial class PageTests(City city)
{
    private const int PhoneWidth = 360;
    private const int TargetHeightMin = 44;
    private const int TabStopsMax = 150;

    private const string SmallTargets = """
        min => [...document.querySelectorAll('button, select, summary, nav a, .btn, .form-check, input:not([type=checkbox]):not([type=radio])')]
          .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < min - 0.5)
          .map(e => `${e.outerHTML.slice(0, 120)}: ${e.getBoundingClientRect().height}`)
        """;

    private const string Widest = """
        max => [...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > max && !e.closest('.table-scroll'))
          .map(e => e.outerHTML.slice(0, 120)).slice(0, 3).join(' | ')
        """;

    private const string TabStops = """
        () => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]')]
          .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && !(e.type === 'radio' && !e.checked)).length
        """;

    private const string Focused = """
        () => {
          const e = document.activeElement;
          if (!e || e === document.body) { return null; }
          window.stops = window.stops || [];
          if (window.stops.includes(e)) { return null; }
          window.stops.push(e);
          const r = e.getBoundingClientRect();
          const seen = e.checkVisibility() && r.width > 0 && r.right > 0 && r.bottom > 0 && r.top < innerHeight;
          return seen && getComputedStyle(e).outlineStyle !== 'none' ? '' : e.outerHTML.slice(0, 160);
        }
        """;

    /// <summary>School (empty: Central), who looks (empty: nobody signed in), where; true where the page is all words, no data.</summary>
    public static TheoryData<string, string, string, bool> Pages => new()
    {
        { City.Secondary, "", "/dang-nhap", false },
        { City.Secondary, "", "/cai-chung-chi", true },
        { City.Secondary, "", "/em", true },
        { City.Secondary, "", "/phu-huynh", true },
        { City.Secondary, "vanphong", "/the-hoc-sinh", false },
        { City.Secondary, "gv01", "/diem-danh", true },
        { City.Secondary, "vanphong", "/diem-danh", true },
        { City.Secondary, "vanphong", "/bang-lop", false },
        { City.Secondary, "vanphong", "/so-dau-bai", false },
        { City.Secondary, "vanphong", "/cong", true },
        { City.Secondary, "vanphong", "/phieu-diem-danh", false },
        { City.Secondary, "vanphong", "/nhap-phieu", true },
        { City.Secondary, "vanphong", "/don-tre", false },
        { City.Secondary, "vanphong", "/don-xin-nghi", false },
        { City.Secondary, "vanphong", "/so-diem-danh", false },
        { City.Secondary, "vanphong", "/so-diem-danh/{lop:guid}", false },
        { City.Secondary, "", "/kiem-tra", true },
        { City.Secondary, "vanphong", "/doi-chieu", false },
        { City.Secondary, "vanphong", "/chuyen-can", false },
        { City.Secondary, "vanphong", "/bao-an", false },
        { City.Secondary, "vanphong", "/tong-hop", false },
        { City.Secondary, "vanphong", "/tin-nhan", false },
        { City.Secondary, "vanphong", "/hoc-sinh", false },
        { City.Secondary, "vanphong", "/hoc-sinh/{id:guid}", false },
        { City.Secondary, "vanphong", "/nhap-du-lieu", false },
        { City.Secondary, "vanphong", "/len-lop", false },
        { City.Secondary, "vanphong", "/phan-cong", false },
        { City.Secondary, "vanphong", "/day-thay", false },
        { City.Secondary, "vanphong", "/lich", false },
        { City.Secondary, "vanphong", "/thoi-khoa-bieu", false },
        { City.Secondary, "hieutruong", "/can-bo", false },
        { City.Secondary, "hieutruong", "/can-bo/{id:guid}", false },
        { City.Secondary, "hieutruong", "/nhat-ky", false },
        { City.Secondary, "gv01", "/can-bo/mat-khau", true },
        { City.Secondary, "gv01", "/can-bo/ma-xac-thuc", true },
        { City.Secondary, "cntt", "/can-bo/gia-han", true },
        { City.Secondary, "cntt", "/duong-truyen", true },
        { City.Secondary, "gv01", "/duong-truyen", true },
        { City.Secondary, "vanphong", "/chua-nhan", true },
        { City.Secondary, "gv01", "/khong-co", true },
        { "", "", "/dang-nhap", false },
        { "", "", "/phu-huynh", true },
        { "", "chuyenvien", "/hom-nay", false },
        { "", "chuyenvien", "/hom-nay/{school:guid}", false },
        { "", "chuyenvien", "/bi-tu-choi", false },
        { "", "chuyenvien", "/chuyen-truong", false },
        { "", "chuyenvien", "/chuyen-truong/moi", false },
        { "", "chuyenvien", "/hoc-sinh-trung", false },
        { "", "chuyenvien", "/xoa-du-lieu", false },
        { "", "chuyenvien", "/tin-nhan", false },
        { "", "chuyenvien", "/vang-lien-tuc", false },
        { "", "quantri", "/may-chu-truong", false },
        { "", "quantri", "/nhat-ky", false },
        { "", "quantri", "/hai-nguoi", true },
        { "", "quantri", "/don-vi", false },
        { "", "quantri", "/don-vi/{id:guid}", false },
        { "", "quantri", "/don-vi/dia-ban", false },
        { "", "quantri", "/don-vi/nhap", true },
        { "", "quantri", "/can-bo", false },
        { "", "quantri", "/can-bo/{id:guid}", false },
        { "", "quantri", "/can-bo/mat-khau", true },
        { "", "quantri", "/can-bo/ma-xac-thuc", true },
        { "", "quantri", "/nam-hoc", true },
        { "", "quantri", "/phan-cong", false },
        { "", "chuyenvien", "/len-lop", false },
        { "", "chuyenvien", "/hoc-sinh", false },
        { "", "chuyenvien", "/hoc-sinh/{id:guid}", false },
        { "", "chuyenvien", "/nhap-du-lieu", false },
        { "", "quantri", "/lich", false },
    };

    [Fact]
    public void Every_page_of_the_route_table_is_looked_at()
    {
        var routes = File.ReadLines(Path.Combine(Repository.Root, "tests", "TdmEdu.HouseRules", "Routes.verified.txt"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            // A box that has not joined, or joins again, has its own tests, and so has whoever comes with a card or a link,
            // the letter about 46 sessions, a file on its way in, and what a timetable leads to.
            .Where(f => f[1] == "GET" && f[2] is not ("/" or "/con-day" or "/dang-nhap/ngoai" or "/sw.js" or "/manifest.webmanifest"
                or "/chung-chi-goc.crt" or "/ghi-danh"
                or "/duong-truyen/ghi-danh-lai" or "/em/diem-danh" or "/phu-huynh/diem-danh" or "/phu-huynh/xin-nghi" or "/chuyen-can/{hs:guid}"
                or "/don-tre/{hs:guid}" or "/so-dau-bai/{lop:guid}" or "/so-dau-bai/{lop:guid}/{date}/{slot}"
                or "/nhap-du-lieu/cot" or "/nhap-du-lieu/xem" or "/nhap-du-lieu/{id:guid}"))
            // At Central that page is of units without a box (GroupTests).
            .Where(f => !f[2].StartsWith("/api/", StringComparison.Ordinal) && (f[0], f[2]) != ("central", "/diem-danh")).Select(f => (f[0] == "central", f[2])).ToList();
        Assert.True(routes.Count > 10);
        Assert.Empty(routes.Except(Pages.Select(p => (p.Data.Item1.Length == 0, p.Data.Item3))));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_is_usable_by_everyone_in_both_languages(string school, string user, string path, bool onlyWords)
    {
        var host = school.Length == 0 ? city.Stack.CentralUrl : city.Stack.EdgeUrls[school];
        await using var visitor = user.Length == 0 ? await city.Visit(host) : await city.SignIn(school, user);
        await Open(visitor.Page, path, school.Length == 0 ? $"?truong={city.IdOf(City.Secondary)}" : "");
        await Check(visitor.Page);

        await visitor.Page.ClickAsync("button[lang=en]");
        await visitor.Page.WaitForSelectorAsync("html[lang=en]");
        await WaitForIsland(visitor.Page);
        await CheckSizes(visitor.Page);
        if (onlyWords)
        {
            Assert.DoesNotMatch(Vietnamese(), await visitor.Page.InnerTextAsync("main"));
            var menu = await visitor.Page.Locator(".site-nav a, .site-person form button:not([lang=vi])").AllInnerTextsAsync();
            Assert.All(menu, text => Assert.DoesNotMatch(Vietnamese(), text));
        }
    }

    [Theory]
    [InlineData("", "quantri", "/nhat-ky")]
    [InlineData("", "quantri", "/can-bo")]
    [InlineData(City.Secondary, "hieutruong", "/can-bo")]
    [InlineData(City.Secondary, "hieutruong", "/nhat-ky")]
    public async Task On_a_phone_no_column_of_a_long_table_is_cut(string school, string user, string path)
    {
        await using var visitor = await city.SignIn(school, user);
        await visitor.Page.SetViewportSizeAsync(360, 740);
        await Open(visitor.Page, path, school.Length == 0 ? $"?truong={city.IdOf(City.Secondary)}" : "");
        var (wide, shown) = (await Width("scrollWidth"), await Width("clientWidth"));
        Assert.True(shown is > 0 and <= 360 && wide <= shown, $"{wide} of {shown}");

        Task<int> Width(string property) => visitor.Page.Locator("main table").EvaluateAsync<int>($"t => t.parentElement.{property}");
    }

    [Theory]
    [InlineData(City.Secondary, "vanphong", "/bang-lop", "Bảng lớp")]
    [InlineData(City.Secondary, "gv01", "/can-bo/mat-khau", "")]
    [InlineData("", "quantri", "/don-vi", "Đơn vị")]
    public async Task On_a_phone_the_menu_is_one_row_and_opens_by_keyboard_and_a_wide_screen_shows_it_all(string school, string user, string path, string here)
    {
        await using var visitor = await city.SignIn(school, user);
        var page = visitor.Page;
        await page.SetViewportSizeAsync(PhoneWidth, 740);
        await page.GotoAsync(path);
        var (menu, links) = (page.Locator(".site-menu summary"), page.Locator(".site-nav a"));
        await Assertions.Expect(menu).ToContainTextAsync(here);
        await Assertions.Expect(links.First).ToBeHiddenAsync();
        Assert.InRange(await page.Locator(".site-nav").EvaluateAsync<double>("e => e.getBoundingClientRect().height"), TargetHeightMin, 2 * TargetHeightMin);
        await menu.PressAsync("Enter");
        await Assertions.Expect(links.Last).ToBeVisibleAsync();
        await Check(page);
        await page.SetViewportSizeAsync(1280, 740);
        await Assertions.Expect(menu).ToBeHiddenAsync();
        await menu.EvaluateAsync("e => { e.parentElement.open = false; }");
        await Assertions.Expect(links.First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_sheet_of_a_class_is_usable_by_everyone()
    {
        await using var teacher = await city.SignIn(City.Secondary, "gv20");
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.OpenClass(DemoCity.ClassName(City.Secondary, 19));
        await phone.MarkThree();
        await Check(teacher.Page);
        await teacher.Page.Locator("#capture-rows button").First.FocusAsync();
        await teacher.Page.Keyboard.PressAsync("ArrowDown");
        await teacher.Page.Keyboard.PressAsync("ArrowRight");
        await teacher.Page.Keyboard.PressAsync("Space");
        await Assertions.Expect(phone.Rows.Nth(1).Locator("[data-code=excused]")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    /// <summary>The department's pages are of a school that it chose; the page of one thing is reached from the list of all.</summary>
    private static async Task Open(IPage page, string path, string query)
    {
        var list = path.Split("/{")[0];
        await page.GotoAsync(list + query);
        if (list == "/hoc-sinh")
        {
            // The pupils are those of a class; the first one is chosen already.
            await page.ClickAsync("form.filters button");
            await page.WaitForURLAsync("**lop=*");
        }
        if (list != path)
        {
            await page.Locator("main tbody a").First.ClickAsync();
            await page.WaitForURLAsync($"**{list}/*");
        }
        await WaitForIsland(page);
    }

    /// <summary>The capture page draws itself; the others are there with their styles.</summary>
    private static async Task WaitForIsland(IPage page)
    {
        await page.WaitForLoadStateAsync();
        if (await page.Locator("#capture-screen").CountAsync() > 0)
        {
            await page.WaitForSelectorAsync("#capture-screen[data-screen]");
        }
    }

    internal static async Task Check(IPage page)
    {
        await CheckSizes(page);
        var found = await page.RunAxe();
        Assert.Empty(found.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
        await TabThrough(page);
    }

    /// <summary>A page that only a way through others leads to.</summary>
    internal static async Task CheckOnPhone(IPage page)
    {
        var size = page.ViewportSize!;
        await page.SetViewportSizeAsync(PhoneWidth, 740);
        await Check(page);
        await page.SetViewportSizeAsync(size.Width, size.Height);
    }

    private static async Task CheckSizes(IPage page)
    {
        var width = await page.EvaluateAsync<int>("() => document.scrollingElement.scrollWidth");
        Assert.True(width <= PhoneWidth, $"The page scrolls sideways on a phone: {width} px. {await page.EvaluateAsync<string>(Widest, PhoneWidth)}");
        Assert.Empty(await page.EvaluateAsync<string[]>(SmallTargets, TargetHeightMin));
    }

    /// <summary>The Tab key reaches everything that can be used, and shows where it is.</summary>
    private static async Task TabThrough(IPage page)
    {
        var wanted = await page.EvaluateAsync<int>(TabStops);
        Assert.InRange(wanted, 1, TabStopsMax);
        await page.EvaluateAsync("() => { window.stops = []; document.activeElement.blur(); scrollTo(0, 0); }");
        var reached = 0;
        for (var press = 0; press < wanted + 10 && reached < wanted; press++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string?>(Focused) is { } hidden)
            {
                Assert.Equal("", hidden);
                reached++;
            }
        }
        Assert.Equal(wanted, reached);
    }

    [GeneratedRegex(@"[ăâđêôơưĂÂĐÊÔƠƯàáãèéìíòóõùúýÀÁÈÉÌÍÒÓÙÚÝ\u1EA0-\u1EF9]")]
    private static partial Regex Vietnamese();
}
