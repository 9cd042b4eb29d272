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
}
