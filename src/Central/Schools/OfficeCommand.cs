using System.Text;
using TdmEdu.Central.Auditing;
using TdmEdu.Central.Exporting;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Central.Schools;

/// <summary>
/// What the department does at the command line, beside a running Central or before its first start:
/// <c>join-code SCHOOL-CODE</c> makes a code by which one box may ask to join, <c>approve WORDS</c> takes in the box that shows these four
/// words, <c>replace WORDS</c> takes it in in place of the school's box,
/// <c>revoke NODE</c> shuts out a box that was lost, <c>allow-renewal NODE</c> takes one back that was off for very long,
/// <c>admit NODE</c> lets the machine in that calls next under a name which two machines had, <c>restored</c> is told once after
/// Central's database was put back from a backup, <c>backup FILE</c> copies the database, encrypted, and <c>backed-up COPY</c> reads a copy that was
/// made elsewhere: from then on the boxes know what is in a backup, <c>backup-key FILE</c> makes the key that opens backups, <c>seal-backup FILE</c>
/// encrypts what comes in as input, <c>full-export FILE</c> and <c>full-export-opened FILE</c> write all records of the city, encrypted as well,
/// <c>open-backup FILE KEY-FILE TARGET</c> gives it back, <c>rotate-ca</c> and <c>retire-ca</c> begin and end a change of the
/// department's CA,
/// <c>verify-audit [HEAD]</c> looks for what was changed in the audit, <c>agree COMMAND USER-NAME</c> is one of two people's agreement to a command
/// that one alone must not give,
/// <c>first-account USER-NAME FULL-NAME</c> makes the first sign-in (<see cref="FirstAccount"/>).
/// </summary>
internal static class OfficeCommand
{
    private const string Usage = """
        Lệnh của Central / Commands of Central:
          join-code MÃ-TRƯỜNG                                 mã để một máy xin ghi danh / a code by which one box may ask to join
          approve "BỐN TỪ"                                    nhận máy đang hiện bốn từ này / take in the box that shows these words
          replace "BỐN TỪ"                                    nhận máy đó thay máy cũ của trường / take it in instead of the school's box
          revoke MÃ-MÁY                                       thu hồi máy đã mất / shut out a box that was lost
          allow-renewal MÃ-MÁY                                cho máy đã tắt quá lâu gia hạn / take back a box that was off for very long
          admit MÃ-MÁY                                        cho một trong hai máy trùng tên kết nối / let one of two machines in
          restored                                            sau khi chép lại dữ liệu từ bản sao lưu / after a restore from a backup
          backup-key TỆP-KHÓA                                 tạo khóa để mở bản sao lưu / make the key that opens backups
          backup TỆP                                          sao lưu SQLite, mã hóa, rồi đọc thử / copy the SQLite database, encrypted, and read the copy
          seal-backup TỆP                                     mã hóa những gì đưa vào, ví dụ từ pg_dump / encrypt the input, of pg_dump for instance
          open-backup TỆP TỆP-KHÓA ĐÍCH                       mở bản sao lưu / decrypt a backup
          full-export TỆP                                     xuất toàn bộ dữ liệu, che thông tin riêng, mã hóa / all records, private ones masked, encrypted
          full-export-opened TỆP                              như trên, mở cả thông tin riêng / the same with what is private
          backed-up BẢN-SAO                                   đọc thử bản sao: tệp, hoặc chuỗi kết nối PostgreSQL / read a copy made elsewhere
          verify-audit ["SỐ MÃ-BĂM"]                          tìm chỗ nhật ký bị sửa / find where the audit was changed
          agree LỆNH TÊN-ĐĂNG-NHẬP                            đồng ý một lệnh cần hai người / agree to a command that needs two people
          rotate-ca                                           bắt đầu thay khóa của CA / begin to replace the CA's key
          retire-ca                                           kết thúc thay khóa của CA / end that
          first-account TÊN-ĐĂNG-NHẬP "HỌ TÊN"                 tài khoản đầu tiên / the first sign-in
        Không có lệnh nào thì Central chạy / without a command Central serves.
        """;

    private const string OpenBackup = "open-backup";

    /// <summary>False, with the list of commands for the person, when the arguments are neither settings nor a whole command.</summary>
    public static bool Understands(string[] args)
    {
        var understood = !IsCommand(args)
            || args is ["join-code" or "approve" or "replace" or "revoke" or "admit" or "allow-renewal" or "backup" or "backup-key" or "seal-backup" or "backed-up", _]
                or [FullExport.Masked or FullExport.Opened, _]
                or ["restored" or "rotate-ca" or "retire-ca" or "verify-audit"] or ["verify-audit", _] or ["first-account" or "agree", _, _]
                or [OpenBackup, _, _, _];
        if (!understood)
        {
            Console.Error.WriteLine(Usage);
        }
        return understood;
    }

    /// <summary>Needs nothing of Central but the file and its key: where a backup is opened there may be no Central yet.</summary>
    public static async Task<int?> TryOpenBackup(string[] args) => args is [OpenBackup, _, _, _] ? await Say(BackupFile.Open(args[1], args[2], args[3])) : null;

    /// <summary>The command's exit code; null when the arguments name none and Central is to serve.</summary>
    public static async Task<int?> TryRun(WebApplicationBuilder builder, string[] args)
    {
        if (!IsCommand(args))
        {
            return null;
        }
        await using var app = builder.Build();
        try
        {
            await app.Services.MigrateCentral(CancellationToken.None);
        }
        catch (StartRefusedException refused)
        {
            return Running.Say(refused);
        }
        var (register, enrolment) = (app.Services.GetRequiredService<BoxRegister>(), app.Services.GetRequiredService<BoxEnrolment>());
        var export = app.Services.GetRequiredService<FullExport>();
        var isExport = args[0] is FullExport.Masked or FullExport.Opened;
        var agreed = isExport && export.WhyNot(Path.GetFullPath(args[1])) is { } why ? why
            : await app.Services.GetRequiredService<GuardedActs>().Begin(args[0], CancellationToken.None);
        var done = !agreed.Ok ? agreed.Error : args[0] switch
        {
            "join-code" => await enrolment.MakeCode(args[1], Guid.Empty, CancellationToken.None),
            "approve" or "replace" => await enrolment.Approve(args[1], replaces: args[0] == "replace", CancellationToken.None),
            "revoke" => await register.Revoke(args[1], CancellationToken.None),
            "admit" => await register.Admit(args[1], CancellationToken.None),
            "allow-renewal" => await register.AllowRenewal(args[1], CancellationToken.None),
            "rotate-ca" => app.Services.GetRequiredService<CaRotation>().Begin(),
            "retire-ca" => await app.Services.GetRequiredService<CaRotation>().End(CancellationToken.None),
            "restored" => await app.Services.GetRequiredService<Exchange>().BeginFeed(CancellationToken.None),
            "agree" => await app.Services.GetRequiredService<GuardedActs>().Agree(
                args[1],
                await ConsoleDoor.Admit(
                    app.Services, args[2], ReadHidden("Mật khẩu / Password"), ReadHidden("Mã xác thực, để trống nếu không dùng / Code, if any"), CancellationToken.None),
                CancellationToken.None),
            "verify-audit" => await app.Services.GetRequiredService<AuditVerifier>().Run(args.ElementAtOrDefault(1), CancellationToken.None),
            "backup" => await app.Services.GetRequiredService<Backups>().Make(Path.GetFullPath(args[1]), CancellationToken.None),
            "backup-key" => app.Services.GetRequiredService<Backups>().MakeKey(Path.GetFullPath(args[1])),
            "seal-backup" => app.Services.GetRequiredService<Backups>().Seal(Console.OpenStandardInput(), Path.GetFullPath(args[1])),
            _ when isExport => await export.Make(
                Path.GetFullPath(args[1]), opens: args[0] == FullExport.Opened, AtTheMachine, agreed.Value, CancellationToken.None),
            "backed-up" => await app.Services.GetRequiredService<Backups>().Note(args[1], CancellationToken.None),
            _ => await app.Services.GetRequiredService<FirstAccount>().Make(args[1], args[2], CancellationToken.None),
        };
        await app.Services.GetRequiredService<IAuditLog>().Write(
            new($"command_{args[0].Replace('-', '_')}", Guid.Empty, args.Length > 1 ? $"{AtTheMachine} {Backups.NameOf(args[1])}" : AtTheMachine, done.Ok ? "" : done.Error.Reason),
            CancellationToken.None);
        return await Say(done);
    }

    private static async Task<int> Say(Result<string> done)
    {
        await (done.Ok ? Console.Out : Console.Error).WriteLineAsync(done.Match(text => text, error => error.Message.Vietnamese));
        return done.Ok ? 0 : 1;
    }

    /// <summary>Nobody is signed in there: the machine's own user, and who became that user.</summary>
    private static string AtTheMachine => Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } before
        ? $"os:{Environment.UserName}({before})" : $"os:{Environment.UserName}";

    private static bool IsCommand(string[] args) => args is [not ['-', ..], ..];

    /// <summary>Not shown while it is typed.</summary>
    private static string ReadHidden(string what)
    {
        if (Console.IsInputRedirected)
        {
            return Console.ReadLine() ?? "";
        }
        Console.Error.Write($"{what}: ");
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            _ = key.Key == ConsoleKey.Backspace ? typed.Remove(Math.Max(0, typed.Length - 1), Math.Min(1, typed.Length)) : typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }
}
