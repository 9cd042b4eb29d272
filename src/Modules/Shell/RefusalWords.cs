using System.Collections.Frozen;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Modules.Shell;

/// <summary>Why Central did not take an operation, in words, and what each side does next.</summary>
public sealed record RefusalWords(Text Why, Text School, Text Department)
{
    private static readonly Text Wait = new("Không cần làm gì: trung tâm sẽ tự nhận sau khi được nâng cấp.");
    private static readonly Text EnterAgain = new("Hãy nhập lại cho đúng; nếu vẫn bị, báo bộ phận kỹ thuật.");
    private static readonly Text AskForVersion = new("Báo bộ phận kỹ thuật xem phiên bản máy chủ của trường; khi trường đã nhập lại, hãy bỏ qua mục này.");

    private static readonly FrozenDictionary<string, RefusalWords> Known = new Dictionary<string, RefusalWords>
    {
        [RefusalReason.ScopeDenied] = new(
            new("Dữ liệu ghi cho một trường khác."),
            new("Không nhập lại. Hãy báo bộ phận CNTT của Phòng: máy chủ trường có thể bị cài nhầm."),
            new("Kiểm tra máy chủ của trường có bị cài nhầm hay bị chiếm không, rồi bỏ qua mục này.")),
        [RefusalReason.UnknownEntity] = new(
            new("Trung tâm chưa biết loại dữ liệu này."),
            Wait,
            new("Nâng cấp phần mềm của trung tâm; mục này sẽ tự được nhận khi trung tâm khởi động lại.")),
        [RefusalReason.NotWrittenByEdge] = new(
            new("Loại dữ liệu này chỉ Phòng Giáo dục được ghi."),
            new("Hãy nhờ Phòng Giáo dục ghi thay."),
            new("Nếu nội dung đúng, hãy ghi ở trung tâm, rồi bỏ qua mục này.")),
        [RefusalReason.WrongKind] = new(new("Dữ liệu được gửi sai cách ghi."), EnterAgain, AskForVersion),
        [RefusalReason.BadJson] = new(new("Nội dung bị hỏng nên không đọc được."), EnterAgain, AskForVersion),
        [RefusalReason.BadContent] = new(new("Nội dung sai khuôn dạng."), EnterAgain, AskForVersion),
        [RefusalReason.TooLarge] = new(
            new("Mục này đã được ghi thêm quá nhiều lần nên không nhận thêm."),
            new("Không nhập lại. Hãy báo bộ phận kỹ thuật."),
            AskForVersion),
        [RefusalReason.FactDiffers] = new(
            new("Mã này đã dùng cho một nội dung khác; nội dung đến trước vẫn giữ nguyên."),
            new("Hãy kiểm tra nội dung đang có; nếu sai, nhập lại cho đúng."),
            new("Hỏi trường nội dung nào đúng; khi trường đã nhập lại, hãy bỏ qua mục này.")),
        [RefusalReason.NotFieldOwner] = new(
            new("Trường sửa phần do Phòng Giáo dục quản lý; đây là một đề nghị."),
            new("Chờ Phòng Giáo dục chấp nhận hoặc bỏ qua."),
            new("Xem nội dung rồi chấp nhận hoặc bỏ qua.")),
        [RefusalReason.Evicted] = new(
            new("Hồ sơ này đã chuyển khỏi trường."),
            new("Không nhập lại. Nếu nội dung cần cho nơi học mới, hãy báo Phòng Giáo dục."),
            new("Nếu nội dung đúng, hãy ghi ở trường mới, rồi bỏ qua mục này.")),
        [RefusalReason.PupilLeft] = new(
            new("Có học sinh đã chuyển sang trường khác vào ngày đó; phần của em ấy không tính ở trường này. Phần của các em khác vẫn được nhận."),
            new("Không cần nhập lại. Nếu ngày chuyển trường sai, hãy báo Phòng Giáo dục."),
            new("Nếu ngày chuyển trường sai, hãy chuyển em về rồi chuyển lại ở trang Chuyển trường; nếu đúng, hãy bỏ qua mục này.")),
        [RefusalReason.ApplyFailed] = new(
            new("Phần mềm của trung tâm gặp lỗi khi nhận mục này."),
            Wait,
            new("Báo bộ phận kỹ thuật; sau khi sửa lỗi, mục này tự được nhận khi trung tâm khởi động lại.")),
        [RefusalReason.GroupRefused] = new(
            new("Mục khác lưu cùng lúc không nhận được nên mục này cũng chưa nhận."),
            new("Xem mục kia ở danh sách này, rồi nhập lại cả hai."),
            new("Xem mục kia; cả nhóm được xử lý cùng lúc.")),
    }.ToFrozenDictionary();

    public static IEnumerable<string> Codes => Known.Keys;

    public static IEnumerable<Text> Sentences => Known.Values.SelectMany(w => new[] { w.Why, w.School, w.Department });

    /// <summary>A code that this build does not know comes from a newer Central or from a record's own check.</summary>
    public static RefusalWords Of(string code) =>
        Known.GetValueOrDefault(code) ?? new(new("Nội dung không đúng quy định (mã {0}).", code), EnterAgain, AskForVersion);
}
