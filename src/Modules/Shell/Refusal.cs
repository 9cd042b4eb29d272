using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>A refusal as the caller can read it: problem details for scripts, a page in words for people.</summary>
public static class Refusal
{
    private static readonly string[] PasswordFields = ["matkhau", "cu", "moi", "lai"];

    private static readonly object ReasonKey = new();

    public static IResult ToResult(this Error error) => new RefusalResult(error);

    /// <summary>The machine code of the refusal that is being answered.</summary>
    internal static string ReasonOf(HttpContext http) => http.Items[ReasonKey] as string ?? "refused_on_page";

    internal static bool WantsJson(HttpRequest request) =>
        request.Path.StartsWithSegments("/api") || request.HasJsonContentType()
        || (request.Headers.Accept.ToString() is var accept && accept.Contains("json", StringComparison.Ordinal)
            && !accept.Contains("html", StringComparison.Ordinal));

    /// <summary>The body of an answer that has only a status so far.</summary>
    internal static Task Show(HttpContext http, int status)
    {
        if (status == StatusCodes.Status403Forbidden)
        {
            http.Items.TryAdd(ReasonKey, "role_denied");
        }
        var message = MessageOf(status, http);
        IResult result = WantsJson(http.Request)
            ? Results.Problem(http.RequestServices.GetRequiredService<Words>()[message], statusCode: status)
            : new RazorComponentResult<ErrorPage>(new { Status = status, Message = message }) { StatusCode = status };
        return result.ExecuteAsync(http);
    }

    /// <summary>
    /// A form that comes after its session has ended is kept on the page that says so. Its own token goes with it, so nobody else's session can
    /// send it. Passwords are not kept, and files cannot be.
    /// </summary>
    internal static async Task<bool> TryKeepForm(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.HasFormContentType)
        {
            return false;
        }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form.Files.Count > 0 || form.Keys.Any(PasswordFields.Contains))
        {
            return false;
        }
        List<KeyValuePair<string, string>> fields = [.. form.SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? "")))];
        await new RazorComponentResult<SessionEnded>(new { Path = http.Request.Path + http.Request.QueryString, Fields = fields })
        {
            StatusCode = StatusCodes.Status401Unauthorized,
        }.ExecuteAsync(http);
        return true;
    }

    /// <summary>Too large is a file only where files are taken. An exception's answer has lost its endpoint.</summary>
    internal static bool IsUpload(HttpContext http) =>
        (http.GetEndpoint() ?? http.Features.Get<IExceptionHandlerFeature>()?.Endpoint)?.Metadata.GetMetadata<WebLimits.BodyLimit>() is not null;

    private static Text MessageOf(int status, HttpContext http) => status switch
    {
        // Loading it again would only repeat it: what is wrong is in the address.
        StatusCodes.Status400BadRequest when HttpMethods.IsGet(http.Request.Method) =>
            new("Địa chỉ này có phần không đọc được, chẳng hạn một ngày không có thật. Hãy về trang đầu rồi chọn lại."),
        StatusCodes.Status400BadRequest => new("Trang này đã cũ hoặc thông tin gửi lên không đọc được. Hãy tải lại trang rồi làm lại."),
        StatusCodes.Status401Unauthorized => new("Bạn chưa đăng nhập hoặc phiên làm việc đã hết. Hãy đăng nhập lại."),
        StatusCodes.Status403Forbidden when http.User.TryActor()?.Is(Roles.Parent) == true =>
            new("Liên kết của phụ huynh chỉ mở phần điểm danh của con mình. Hãy về trang đầu; nếu cần việc khác, hãy liên hệ giáo viên chủ nhiệm."),
        StatusCodes.Status403Forbidden when http.User.TryActor()?.Is(Roles.Pupil) == true =>
            new("Thẻ của em chỉ mở phần của em. Hãy về trang đầu; nếu cần việc khác, hãy hỏi thầy cô chủ nhiệm."),
        StatusCodes.Status403Forbidden when http.RequestServices.GetRequiredService<Home>().Side == Side.Central =>
            new("Việc được giao của bạn không gồm trang này. Hãy nhờ người quản trị của Phòng giao thêm việc ở trang Cán bộ rồi đăng nhập lại."),
        StatusCodes.Status403Forbidden => new("Bạn không có quyền mở trang này. Nếu công việc cần, hãy nhờ người phụ trách của trường."),
        StatusCodes.Status404NotFound => new("Không có trang này. Hãy kiểm tra lại địa chỉ hoặc về trang đầu."),
        StatusCodes.Status405MethodNotAllowed => new("Không có trang này. Hãy kiểm tra lại địa chỉ hoặc về trang đầu."),
        StatusCodes.Status413PayloadTooLarge when !IsUpload(http) => new("Nội dung gửi lên quá dài. Hãy quay lại, viết ngắn hơn rồi gửi lại."),
        StatusCodes.Status413PayloadTooLarge => new("Tệp gửi lên quá lớn. Hãy chia nhỏ tệp rồi gửi lại."),
        StatusCodes.Status503ServiceUnavailable => new("Máy chủ đang bận. Hãy chờ một phút rồi thử lại."),
        _ => new("Máy chủ gặp lỗi, việc vừa làm có thể chưa được ghi. Hãy thử lại; nếu vẫn lỗi, báo cho người phụ trách CNTT."),
    };

    private sealed class RefusalResult(Error error) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Items[ReasonKey] = error.Reason;
            var status = ErrorMap.ToHttp(error.Code);
            IResult result = WantsJson(http.Request)
                ? error.ToProblem(http.RequestServices.GetRequiredService<Words>())
                : new RazorComponentResult<ErrorPage>(new { Status = status, error.Message }) { StatusCode = status };
            return result.ExecuteAsync(http);
        }
    }
}
