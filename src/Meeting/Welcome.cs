namespace TdmEdu.Meeting;

/// <summary>What somebody reads who opens this service's address in a browser: it has no pages of its own.</summary>
internal static class Welcome
{
    private const string Page = """
        <!DOCTYPE html>
        <html lang="vi">
        <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Máy chủ họp trực tuyến · TdmEdu</title>
        </head>
        <body>
            <main>
                <h1>Máy chủ họp trực tuyến đang chạy</h1>
                <p>Địa chỉ này dành cho các máy chủ nói chuyện với nhau, không có trang để làm việc. Hãy mở trang của Phòng Giáo dục hoặc của trường.</p>
                <p lang="en">The meeting server is running. It has no pages to work with: open the department's or the school's site.</p>
            </main>
        </body>
        </html>
        """;

    public static IResult Show() => Results.Content(Page, "text/html; charset=utf-8");
}
