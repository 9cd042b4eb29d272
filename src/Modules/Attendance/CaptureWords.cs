using System.Globalization;
using System.Text.Json;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>The island's texts in the reader's language. The encoder escapes what could end the script block.</summary>
internal static class CaptureWords
{
    /// <param name="office">Who assigns the others is not told to ask for it.</param>
    /// <param name="side">Who keeps what is sent: the school's box, or the department where a unit has none.</param>
    public static string ToJson(Words w, bool office, DateOnly today, Side side) => JsonSerializer.Serialize(
        new Dictionary<string, string>([.. CodesOf(w, office, today), .. SlotsOf(w), .. OfKeeper(w, side)])
        {
            ["title"] = w["Điểm danh {0}"],
            ["slotLabel"] = w["Buổi"],
            ["otherSlots"] = w["Ngoài buổi học…"],
            ["dateLabel"] = w["Ngày"],
            ["minutes"] = w["Muộn mấy phút"],
            ["count"] = w["{0} em · vắng {1} · muộn {2}"],
            ["countEarly"] = w[" · về sớm {0}"],
            ["send"] = w["Gửi"],
            ["sendChanges"] = w["Gửi {0} thay đổi"],
            ["sent"] = w["Đã gửi"],
            ["savedWaiting"] = w["Đã lưu, chờ gửi"],
            ["shut"] = w["Không gửi được"],
            ["className"] = w["Lớp {0}"],
            ["sheetTitle"] = w["{0} · {1} {2}"],
            ["emptyClass"] = w["Lớp chưa có học sinh"],
            ["nothingDue"] = w["Không phải nộp"],
            ["notBegun"] = w["Chưa đến buổi"],
            ["unknown"] = w["{0} em chưa điểm danh"],
            ["countUnknown"] = w[" · chưa rõ {0}"],
            ["newcomers"] = w["{0} em vào danh sách sau khi lớp đã gửi nên chưa được điểm danh (tên in nghiêng). Hãy đánh dấu từng em, hoặc:"],
            ["newcomersPresent"] = w["Cả {0} em có mặt"],
            ["sentAt"] = w["Đã nộp lúc {0}"],
            ["notSent"] = w["Chưa nộp"],
            ["noClasses"] = office
                ? w["Không có lớp nào học buổi này. Hãy chọn buổi khác, thêm lớp ở trang Học sinh, hoặc chờ Phòng Giáo dục gửi danh sách lớp."]
                : w["Không có lớp nào của bạn trong buổi này. Hãy chọn buổi khác, hoặc nhờ văn phòng trường phân công lớp."],
            ["signInAgain"] = w["Phiên làm việc đã hết. Những gì chưa gửi vẫn được giữ trên điện thoại này. Hãy đăng nhập lại bằng tài khoản của bạn để gửi."],
            ["signIn"] = w["Đăng nhập"],
            ["cannotKeep"] = w["Điện thoại không lưu được. Hãy giải phóng bộ nhớ hoặc tắt chế độ ẩn danh rồi bấm Gửi lần nữa."],
            ["twoOpinions"] = w["2 ý kiến"],
            ["notice"] = w["có đơn"],
            ["asked"] = w["đơn chờ trả lời"],
            ["settle"] = w["Chốt: {0}"],
            ["merged"] = w["Người khác cũng đã gửi cho buổi này; các bài được gộp lại."],
            ["othersWaiting"] = w["Trên điện thoại này còn {0} bài điểm danh của người khác chưa gửi. Người đó cần đăng nhập trên điện thoại này để gửi."],
            ["state_phone"] = w["Trên điện thoại này, chờ gửi"],
            ["state_centre"] = w["Đã đến trung tâm"],
            ["state_backup"] = w["Đã có trong bản sao lưu của Phòng"],
            ["state_refused"] = w["Chưa được nhận"],
            ["refusedTitle"] = w["Chưa được nhận"],
            ["retry"] = w["Gửi lại như cũ"],
            ["reopen"] = w["Mở lại để sửa"],
            ["discard"] = w["Bỏ bài này"],
            ["discardSure"] = w["Bỏ hẳn bài {0}? Những gì đã đánh dấu trong bài này sẽ mất khỏi điện thoại."],
            ["back"] = w["Các lớp"],
            ["paper"] = w["Đang nhập phiếu giấy: đánh dấu như trên phiếu rồi bấm Gửi."],
        },
        Json.Options);

    private static Dictionary<string, string> OfKeeper(Words w, Side side) => side == Side.Edge
        ? new()
        {
            ["otherDay"] = w["Máy chủ trường tính hôm nay là {0}, còn điện thoại này là {1}. Hãy xem kỹ ngày trước khi gửi và báo văn phòng trường đặt lại giờ của máy chủ."],
            ["noRoster"] = w["Điện thoại này chưa có danh sách lớp. Hãy kết nối Wi-Fi của trường rồi mở lại."],
            ["offline"] = w["Không kết nối được máy chủ trường. Cứ điểm danh và bấm Gửi: bài được giữ trên điện thoại và tự gửi khi có mạng."],
            ["state_box"] = w["An toàn ở máy chủ trường"],
        }
        : new()
        {
            ["otherDay"] = w["Phòng Giáo dục tính hôm nay là {0}, còn điện thoại này là {1}. Hãy xem kỹ ngày trước khi gửi và đặt lại giờ của điện thoại."],
            ["noRoster"] = w["Điện thoại này chưa có danh sách lớp. Hãy kết nối mạng rồi mở lại."],
            ["offline"] = w["Không kết nối được Phòng Giáo dục. Cứ điểm danh và bấm Gửi: bài được giữ trên điện thoại và tự gửi khi có mạng."],
            ["state_box"] = w["Đã đến trung tâm"],
        };

    /// <summary>Each code's name and letter, and which of them this person's rows offer.</summary>
    private static IEnumerable<KeyValuePair<string, string>> CodesOf(Words w, bool office, DateOnly today)
    {
        foreach (var code in MarkCodes.On(today))
        {
            yield return new(Key(code), w[code.Name]);
            yield return new($"{Key(code)}Letter", code.Letter);
        }
        yield return new("absences", string.Join(',', MarkCodes.On(today).Where(c => c.IsAbsence).Select(Key)));
        yield return new("codes", string.Join(',', MarkCodes.On(today).Where(c => c.EnteredBy == Source.Teacher || (office && c.EnteredBy == Source.Office)).Select(Key)));
    }

    /// <summary>Each slot's name and the time before which it owes nothing; the halves of a day are those that the list offers first.</summary>
    private static IEnumerable<KeyValuePair<string, string>> SlotsOf(Words w)
    {
        foreach (var slot in Slots.All)
        {
            yield return new(Key(slot), w[slot.Facts().Name]);
            yield return new($"{Key(slot)}Begins", slot.Facts().Begins.ToString("HH:mm", CultureInfo.InvariantCulture));
        }
        yield return new("slots", string.Join(',', Slots.All.Select(Key)));
        yield return new("sessions", string.Join(',', Slots.Sessions.Select(Key)));
    }

    private static string Key(CodeFacts code) => Key(code.Code);

    private static string Key<T>(T key) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(key.ToString());
}
