using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>Threat T11: files that are not what they say, wherever one can be sent.</summary>
public sealed class HostileUploadTests
{
    private const string List = "Họ tên,Lớp,Ngày sinh\nNguyễn Văn An,5A,2015\n";
    private const string Script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert('t11')</script></svg>";
    private const long AllocatedBytesMax = 150L * 1024 * 1024;
    private static readonly string[] Kinds = ["hoc-sinh", "lop", "thoi-khoa-bieu"];

    public static TheoryData<string> Foreign => [.. Foreigners.Keys];

    private static Dictionary<string, byte[]> Foreigners { get; } = new()
    {
        ["web page"] = Encoding.UTF8.GetBytes("\uFEFF\n <!DOCTYPE html><html><script>alert('t11')</script>" + List),
        ["svg with script"] = Encoding.UTF8.GetBytes(Script),
        ["program"] = [(byte)'M', (byte)'Z', 0x90, 0, 3, 0, 0, 0, 4, .. new byte[500]],
        ["pdf"] = [.. "%PDF-1.7\n"u8, .. Encoding.UTF8.GetBytes(List)],
        ["picture and list in one"] = [.. "GIF89a,\n"u8, .. Encoding.UTF8.GetBytes(List)],
        ["png"] = Png(2, 2),
        ["script"] = [.. "#!/bin/sh\n"u8, .. Encoding.UTF8.GetBytes(List)],
        ["zip of something else"] = Zip(("word/document.xml", "<document/>"u8.ToArray())),
        ["old excel"] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[500]],
        ["workbook behind a web page"] = [.. "<html>"u8, .. PupilWorkbook.Of(PupilWorkbook.Row("5A", null, "An")).ToArray()],
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task Threat_T11_what_a_file_is_says_its_content_and_anything_else_is_refused_with_what_to_do(string what)
    {
        var file = Foreigners[what];
        await using var host = PagesTests.NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("vp", PagesTests.Password);
        foreach (var kind in Kinds)
        {
            await browser.Get($"/nhap-du-lieu?loai={kind}");
            await browser.UploadAs("danh-sach.xlsx", "/nhap-du-lieu", file, ("loai", kind), ("ngay", "2026-09-07"));
            Refused(browser, kind);
        }
        await using var central = new WebHost(new(Side.Central, Scope.City));
        central.Store.Seed(Compose.Staff(central.Store.Catalogue, Scope.Department, PagesTests.Office, new("Hà", ""), "ha", PagesTests.Password, Roles.DepartmentOfficer));
        using var department = await central.Start();
        await department.SignIn("ha", PagesTests.Password);
        await department.Get("/don-vi/nhap");
        await department.UploadAs("don-vi.csv", "/don-vi/nhap", file, ("ngay", "2025-06-30"));
        Refused(department, "units");

        static void Refused(WebHost.Browser browser, string kind)
        {
            Assert.Equal((kind, HttpStatusCode.BadRequest), (kind, browser.Status));
            Assert.Matches("role=\"alert\">[^<]*(Hãy mở|Hãy chọn)", browser.Html);
            Assert.DoesNotContain("t11", browser.RawHtml, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("../../../../../../tmp/t11-canary.csv", "t11-canary.csv")]
    [InlineData(@"..\..\windows\t11-canary.csv", "t11-canary.csv")]
    [InlineData("danh-sach\u202Evsc.exe", "danh-sachvsc.exe")]
    [InlineData("a\0b\r\nX: y.csv", "abX: y.csv")]
    [InlineData("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv")]
    [InlineData("4000", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…")]
    [InlineData("..", "..")]
    [InlineData("folder/", "–")]
    public async Task Threat_T11_a_files_name_is_shown_inert_and_is_never_a_path(string sent, string shown)
    {
        var before = Files();
        await using var host = PagesTests.NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("vp", PagesTests.Password);
        await browser.Get("/nhap-du-lieu?loai=hoc-sinh");
        var answer = await browser.UploadAs(
            sent == "4000" ? new('n', 4_000) : sent, "/nhap-du-lieu", Encoding.UTF8.GetBytes(List), ("loai", "hoc-sinh"), ("ngay", "2026-09-07"));
        await browser.Get(answer.Headers.Location!.ToString().Replace("/cot", "/xem", StringComparison.Ordinal));
        Shows(": đọc thử {0}");
        await browser.Get("/nhap-du-lieu?loai=hoc-sinh");
        Shows("Tệp {0} chưa ghi");
        Assert.Equal(before, Files());

        void Shows(string around)
        {
            Assert.Contains(string.Format(null, around, shown), browser.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", browser.RawHtml, StringComparison.Ordinal);
            Assert.DoesNotContain(browser.Html, c => c is '\u202E' or '\0');
        }

        static string[] Files() => [.. new[] { "/tmp", ".", ".." }.SelectMany(f => Directory.EnumerateFiles(f, "*t11-canary*"))];
    }

    [Fact]
    public async Task Threat_T11_T12_a_huge_picture_and_a_script_in_a_workbook_are_neither_decoded_nor_kept_nor_served()
    {
        var file = Workbook(("xl/media/image1.png", Png(50_000, 50_000)), ("xl/media/image2.svg", Encoding.UTF8.GetBytes(Script)));
        Assert.InRange(file.Length, 10_000, 5 * 1024 * 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = PupilFiles.Read(new MemoryStream(file), new(2026, 9, 7));
        Assert.Equal("An", read.Value.Lines.Single().Pupil.FullName);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytesMax);

        await using var host = PagesTests.NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("vp", PagesTests.Password);
        await browser.Get("/nhap-du-lieu?loai=hoc-sinh");
        var columns = (await browser.Upload("/nhap-du-lieu", file, ("loai", "hoc-sinh"), ("ngay", "2026-09-07"))).Headers.Location!.ToString();
        foreach (var page in new[] { columns, columns.Replace("/cot", "/xem", StringComparison.Ordinal), "/nhap-du-lieu" })
        {
            await browser.Get(page);
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            Assert.DoesNotContain("t11", browser.RawHtml, StringComparison.Ordinal);
            Assert.DoesNotContain("media/", browser.RawHtml, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Threat_T11_what_is_taken_away_is_an_attachment_that_may_do_nothing()
    {
        await using var host = PagesTests.NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("vp", PagesTests.Password);
        foreach (var form in new[] { "csv", "xlsx" })
        {
            await browser.Get("/nhap-du-lieu?loai=lop");
            var answer = await browser.Post("/nhap-du-lieu/tai", ("loai", "lop"), ("dang", form));
            Assert.Equal((HttpStatusCode.OK, "attachment"), (answer.StatusCode, answer.Content.Headers.ContentDisposition?.DispositionType));
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.EndsWith("; sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Threat_T11_files_come_in_at_the_addresses_that_these_tests_try_and_nowhere_else()
    {
        foreach (var (side, paths) in new (Side, string[])[] { (Side.Edge, ["/nhap-du-lieu"]), (Side.Central, ["/don-vi/nhap", "/nhap-du-lieu"]) })
        {
            await using var host = new WebHost(new(side, side == Side.Edge ? PagesTests.School : Scope.City));
            using var _ = await host.Start();
            var takers = host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null);
            Assert.Equal(paths, takers.Select(t => t.RoutePattern.RawText).Order(StringComparer.Ordinal));
        }
    }

    private static byte[] Workbook(params (string Name, byte[] Content)[] parts)
    {
        var file = new MemoryStream();
        PupilWorkbook.Of(PupilWorkbook.Row("5A", null, "An")).CopyTo(file);
        Add(file, ZipArchiveMode.Update, parts);
        return file.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] parts)
    {
        var file = new MemoryStream();
        Add(file, ZipArchiveMode.Create, parts);
        return file.ToArray();
    }

    private static void Add(MemoryStream file, ZipArchiveMode mode, (string Name, byte[] Content)[] parts)
    {
        using var zip = new ZipArchive(file, mode, leaveOpen: true);
        foreach (var (name, content) in parts)
        {
            using var part = zip.CreateEntry(name).Open();
            part.Write(content);
        }
    }

    /// <summary>A whole one, of one bit for each dot, all black.</summary>
    private static byte[] Png(int width, int height)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        head[8] = 1;
        Chunk("IHDR"u8, head);
        using var dots = new MemoryStream();
        using (var packed = new ZLibStream(dots, CompressionLevel.Fastest, leaveOpen: true))
        {
            var line = new byte[1 + (width + 7) / 8];
            for (var y = 0; y < height; y++)
            {
                packed.Write(line);
            }
        }
        Chunk("IDAT"u8, dots.ToArray());
        Chunk("IEND"u8, []);
        return png.ToArray();

        void Chunk(ReadOnlySpan<byte> type, byte[] data)
        {
            var number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            png.Write([.. number, .. type, .. data]);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc([.. type, .. data]));
            png.Write(number);
        }
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }
        return ~crc;
    }
}
