using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell.Sheets;

internal static class Uploads
{
    internal static readonly Error Expired =
        Error.NotFound("upload_expired", "Tệp này đã ghi xong hoặc đã tải lên quá lâu nên không còn được giữ. Hãy chọn lại tệp nếu cần.");
}
