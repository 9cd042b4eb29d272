namespace TdmEdu.Modules.Shell;

/// <summary>The audit's events as people know them, the same on a box and at Central.</summary>
public static class AuditWords
{
    /// <summary>What one looks for; the rest shows its code.</summary>
    public static IReadOnlyDictionary<string, string> Events { get; } = new Dictionary<string, string>
    {
        ["sign_in"] = "Đăng nhập",
        ["refused"] = "Bị từ chối",
        ["read_pupil"] = "Xem hồ sơ học sinh",
        ["read_sensitive"] = "Xem thông tin riêng của học sinh",
        ["edit_sensitive"] = "Sửa thông tin riêng của học sinh",
        ["read_pupils"] = "Xem danh sách học sinh",
        [ReadVolume.Event] = "Mở hồ sơ nhiều khác thường",
        ["export"] = "Tải danh sách, bảng của lớp",
        ["import"] = "Nhập dữ liệu từ tệp",
        ["account"] = "Tài khoản đăng nhập",
        ["sync_refused"] = "Máy trường bị từ chối",
        ["guarded_agree"] = "Đồng ý việc cần hai người",
        ["sign_in_pupil"] = "Học sinh, phụ huynh vào",
        ["pupil_key"] = "Thẻ học sinh, liên kết phụ huynh",
        ["join_code_made"] = "Tạo mã ghi danh",
        ["join_asked"] = "Máy xin ghi danh",
        ["join_approved"] = "Nhận máy ghi danh",
        ["join_refused"] = "Từ chối máy ghi danh",
        ["node_renewed"] = "Máy trường gia hạn chứng thư",
        ["clock_set"] = "Đặt giờ máy trường",
        ["transfer"] = "Chuyển trường",
        ["erase"] = "Xóa dữ liệu hết hạn",
        ["node_revoke"] = "Thu hồi máy trường",
        ["node_admit"] = "Cho máy trường kết nối lại",
        ["node_allow_renewal"] = "Cho máy trường gia hạn",
        ["command_rotate_ca"] = "Lệnh thay khóa CA",
        ["command_retire_ca"] = "Lệnh bỏ khóa CA cũ",
        ["command_restored"] = "Lệnh báo đã khôi phục",
        ["command_first_account"] = "Lệnh tạo tài khoản đầu tiên",
        ["command_agree"] = "Lệnh đồng ý việc cần hai người",
        ["command_verify_audit"] = "Lệnh kiểm tra nhật ký",
        ["command_revoke"] = "Lệnh thu hồi máy",
        ["command_backup"] = "Lệnh sao lưu",
        ["box_ends"] = "Kiểm tra nhật ký của các máy trường",
        ["read_audit"] = "Xem nhật ký",
        ["journal_damaged"] = "Sổ ghi của máy trường bị hỏng hoặc bị sửa",
    };

    /// <summary>What came of it, for the reasons that nobody meets as a sentence elsewhere; why an operation was not taken is in <see cref="RefusalWords"/>.</summary>
    public static IReadOnlyDictionary<string, string> Results { get; } = new Dictionary<string, string>
    {
        [""] = "xong",
        ["unknown_user"] = "không có tên đăng nhập này",
        ["wrong_password"] = "sai mật khẩu",
        ["wrong_code"] = "sai mã xác thực",
        ["disabled"] = "tài khoản đã khóa",
        ["given_over"] = "mật khẩu dùng một lần đã hết hạn",
        ["lease_over"] = "máy trường mất liên lạc quá lâu",
        ["unknown_class"] = "không có mã lớp này",
        ["wrong_pin"] = "sai mã PIN",
        ["unknown_key"] = "thẻ hoặc liên kết không còn dùng được",
        ["role_denied"] = "không có quyền",
        ["not_your_class"] = "không phải lớp của mình",
        ["not_from_page"] = "không gửi từ trang của hệ thống",
        ["node_revoked"] = "máy đã bị thu hồi",
        ["node_unknown"] = "máy lạ",
        ["session_unknown"] = "phiên nối đã hết",
        ["session_stale"] = "phiên nối đã cũ",
        ["batch_garbled"] = "dữ liệu bị hỏng trên đường truyền",
        ["batch_too_large"] = "gửi quá nhiều một lúc",
        ["reset_flood"] = "gọi rồi bỏ quá nhiều lần",
        ["malformed"] = "gửi sai khuôn dạng",
        ["too_large"] = "gửi quá lớn",
        ["enrolment_unknown"] = "không có lần ghi danh này",
        ["join_code_unknown"] = "mã ghi danh không đúng",
        ["join_code_expired"] = "mã ghi danh đã hết hạn",
        ["join_code_used"] = "mã ghi danh đã dùng",
        ["key_known"] = "khóa của máy đã thuộc một máy khác",
        ["key_differs"] = "sai khóa của máy",
        ["renewal_needs_department"] = "chờ Phòng cho gia hạn",
    };

    public static string Result(string reason, Words w) =>
        Results.GetValueOrDefault(reason) is { } known ? w[known] : RefusalWords.Codes.Contains(reason) ? w[RefusalWords.Of(reason).Why] : reason;
}
