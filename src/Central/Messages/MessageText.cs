using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Central.Messages;

/// <summary>What a family reads: whose child, which half of which day, and nothing else. Vietnamese in every language of the pages.</summary>
internal static class MessageText
{
    public static (string Subject, string Text) Of(string pupil, string school, MessageSession of, MessageStep step)
    {
        var when = $"buổi {(of.Slot == Slot.Morning ? "sáng" : "chiều")} ngày {of.Date:dd/MM/yyyy}";
        var (subject, what) = ParentMessage.IsCorrectionAt(step.Number)
            ? ("Đính chính tin vắng học", $"{school} đã báo em vắng {when}. Tin đó đã được sửa lại: em có đến lớp. Nhà trường xin lỗi gia đình.")
            : ("Tin vắng học", $"{school} báo: em {(step.IsLate ? "đã" : "vừa")} vắng {when}, chưa có phép. "
                + "Nếu gia đình đã cho em nghỉ, xin gửi đơn xin nghỉ hoặc báo giáo viên chủ nhiệm.");
        return ($"{subject} ngày {of.Date:dd/MM/yyyy}", $"Kính gửi gia đình em {pupil},\n\n{what}\n\nThư gửi tự động, xin không trả lời thư này.\n");
    }
}
