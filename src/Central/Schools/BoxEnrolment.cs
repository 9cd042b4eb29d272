using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

/// <summary>
/// How a box comes into the city: a code for one school, the box's own keys, and a person who compares four words on both screens.
/// </summary>
internal sealed class BoxEnrolment(
    IDbContextFactory<CentralDb> databases, IRecordStore store, DepartmentCa authority, Certification certification, JoinDelay delay, CentralSettings settings,
    IAuditLog audit, TimeProvider clock)
{
    public const string ReasonWait = "wait";
    public static readonly TimeSpan CodeLife = TimeSpan.FromHours(72);

    /// <summary>How long a decision is waited for, and how long an approved box may fetch its first certificates.</summary>
    private static readonly TimeSpan WaitsMax = TimeSpan.FromHours(72);
    private const int TicketBytes = 32;

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The code is told once, here; it is kept as a hash.</summary>
    public async Task<Result<string>> MakeCode(string schoolCode, Guid by, CancellationToken cancel)
    {
        var today = clock.Today();
        var school = await store.Read(
            records => records.Page<Unit>(Scope.City, schoolCode, schoolCode + "\u0001").Rows.FirstOrDefault(u => u.Value.Code == schoolCode && IsSchoolOn(u, today)),
            cancel);
        if (school is null)
        {
            return Error.NotFound("unknown_school", "Không có trường nào mang mã {0} hôm nay. Hãy kiểm tra danh sách đơn vị.", schoolCode);
        }
        var code = JoinCode.New();
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.JoinCodes.Add(new()
        {
            CodeHash = JoinCode.Hash(code)!,
            School = Scope.School(school.Id),
            MadeBy = by,
            MadeAtMs = NowMs,
            ExpiresAtMs = NowMs + (long)CodeLife.TotalMilliseconds,
        });
        await db.SaveChangesAsync(cancel);
        await audit.Write(new("join_code_made", by, schoolCode, ""), cancel);
        return code;
    }

    /// <summary>By which a box may still ask.</summary>
    public async Task<List<JoinCodeRow>> OpenCodes(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = NowMs;
        return await db.JoinCodes.AsNoTracking()
            .Where(c => c.UsedAtMs == null && c.CancelledAtMs == null && c.ExpiresAtMs > now).OrderBy(c => c.ExpiresAtMs).ToListAsync(cancel);
    }

    /// <param name="hash">Of the code, as hex.</param>
    /// <param name="by">Who cancels it.</param>
    /// <param name="cancel">Before that.</param>
    public async Task<Result<string>> CancelCode(string hash, Guid by, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if ((await OpenCodes(cancel)).Find(c => Convert.ToHexString(c.CodeHash) == hash) is not { } code
            || await db.JoinCodes.Where(c => c.CodeHash == code.CodeHash && c.UsedAtMs == null)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.CancelledAtMs, NowMs), cancel) == 0)
        {
            return Error.Conflict("join_code_closed", "Mã này vừa được dùng, bị hủy hoặc hết hạn. Hãy tải lại trang; nếu có máy lạ đang xin ghi danh thì đừng nhận.");
        }
        var school = await store.Read(records => records.Get<Unit>(Scope.City, code.School.Owner)?.Value.Code, cancel);
        await audit.Write(new("join_code_cancelled", by, school ?? $"{code.School.Owner}", ""), CancellationToken.None);
        return "";
    }

    public async Task<Result<JoinAnswer>> Join(JoinAsk ask, IPAddress address, CancellationToken cancel)
    {
        var hosts = LanHosts.Check(ask.LanHosts, settings);
        if (!hosts.Ok)
        {
            return hosts.Error;
        }
        if (BoxKey.Of(ask.NodeRequest) is null || BoxKey.Of(ask.LanRequest) is null || ask.Commitment.Length != SHA256.HashSizeInBytes)
        {
            return Malformed;
        }
        if (delay.Begin(address) is { } wait)
        {
            return Wait(wait);
        }
        var (ticket, nonce) = (RandomNumberGenerator.GetBytes(TicketBytes), RandomNumberGenerator.GetBytes(FourWords.NonceBytes));
        var row = await Use(ask.Code, ask.School, school => new EnrolmentRow
        {
            EnrolmentId = RecordId.New(clock),
            TicketHash = SHA256.HashData(ticket),
            School = school,
            NodeRequest = ask.NodeRequest,
            LanRequest = ask.LanRequest,
            LanHosts = string.Join(' ', hosts.Value),
            Commitment = ask.Commitment,
            Nonce = nonce,
            Authority = authority.Certificate.RawData,
            Address = address.ToString(),
            AskedAtMs = NowMs,
        }, cancel);
        await audit.Write(new("join_asked", Guid.Empty, row.Ok ? $"{row.Value.EnrolmentId} {address}" : address.ToString(), row.Ok ? "" : row.Error.Reason), cancel);
        if (!row.Ok)
        {
            return row.Error;
        }
        delay.Succeeded(address);
        return new JoinAnswer(ticket, row.Value.Authority, nonce);
    }

    public async Task<Result<Collected>> Collect(byte[] ticket, byte[] nonce, IPAddress address, CancellationToken cancel)
    {
        if (delay.Begin(address) is { } wait)
        {
            return Wait(wait);
        }
        await using var db = await databases.CreateDbContextAsync(cancel);
        var hash = SHA256.HashData(ticket);
        var row = await db.Enrolments.FirstOrDefaultAsync(e => e.TicketHash == hash, cancel);
        if (row is null || nonce.Length != FourWords.NonceBytes || !SHA256.HashData(nonce).AsSpan().SequenceEqual(row.Commitment))
        {
            await audit.Write(new("join_collect", Guid.Empty, address.ToString(), "enrolment_unknown"), cancel);
            return Error.NotFound("enrolment_unknown", "Phòng Giáo dục không biết lần ghi danh này. Hãy xin mã mới và ghi danh lại.");
        }
        delay.Succeeded(address);
        if (NowMs - row.AskedAtMs > WaitsMax.TotalMilliseconds)
        {
            return new Collected(EnrolmentDecision.Refused, null, null);
        }
        if (row.Words.Length == 0)
        {
            row.Words = FourWords.Of(row.NodeRequest, row.LanRequest, row.Authority, row.Nonce, nonce);
            await db.SaveChangesAsync(cancel);
        }
        if (row.Decision != EnrolmentDecision.Approved)
        {
            return new Collected(row.Decision, null, null);
        }
        var node = await db.Nodes.SingleAsync(n => n.NodeId == row.NodeId, cancel);
        if (node.Revoked)
        {
            return new Collected(EnrolmentDecision.Refused, null, null);
        }
        var certified = certification.Certify(node, BoxKey.Of(row.NodeRequest)!, BoxKey.Of(row.LanRequest)!);
        await db.SaveChangesAsync(cancel);
        return new Collected(row.Decision, node, certified);
    }

    /// <summary>By the words, as somebody types them who has them from the box's screen.</summary>
    public async Task<Result<string>> Approve(string words, bool replaces, CancellationToken cancel)
    {
        var found = (await Waiting(cancel)).Where(e => e.Words.Length > 0 && FourWords.AreSame(e.Words, words)).ToList();
        return found.Count == 1 ? await Decide(found[0].EnrolmentId, approve: true, replaces, Guid.Empty, cancel) : NobodyWaits;
    }

    /// <param name="enrolment">One of <see cref="Waiting"/>.</param>
    /// <param name="approve">Somebody has compared the words on both screens.</param>
    /// <param name="replaces">The new box takes the place of the school's others, which are revoked.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="cancel">Before the decision.</param>
    public async Task<Result<string>> Decide(Guid enrolment, bool approve, bool replaces, Guid by, CancellationToken cancel)
    {
        var decided = await Decide(enrolment, approve, replaces, cancel);
        await audit.Write(
            new(approve ? "join_approved" : "join_refused", by, decided.Ok ? $"{enrolment} {decided.Value}" : $"{enrolment}", decided.Ok ? "" : decided.Error.Reason),
            CancellationToken.None);
        return decided;
    }

    public async Task<List<EnrolmentRow>> Waiting(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var since = NowMs - (long)WaitsMax.TotalMilliseconds;
        return await db.Enrolments.AsNoTracking()
            .Where(e => e.Decision == EnrolmentDecision.Waiting && e.AskedAtMs >= since).OrderBy(e => e.AskedAtMs).ToListAsync(cancel);
    }

    public static bool IsSchoolOn(Row<Unit> unit, DateOnly day) => unit.Value.Kind == UnitKind.School && unit.Value.IsValidOn(day);

    internal static Error Malformed => Error.Invalid("malformed", "Yêu cầu ghi danh không đúng dạng. Hãy cập nhật phần mềm của máy chủ trường.");

    internal static Error Wait(TimeSpan wait) => new(
        ErrorCode.Unavailable, ReasonWait, new("Đã thử quá nhiều lần. Hãy thử lại sau {0} phút.", (int)Math.Ceiling(wait.TotalMinutes)))
    { RetryAfterMs = (int)wait.TotalMilliseconds };

    private static Error NobodyWaits => Error.NotFound(
        "nobody_waits", "Không có máy nào đang chờ với bốn từ này. Hãy đọc lại bốn từ trên màn hình của máy chủ trường.");

    private static Error SchoolWithdrawn => Error.Denied(
        "school_withdrawn", "Trường của mã này không còn trong danh sách đơn vị hôm nay. Hãy gọi bộ phận CNTT của Phòng.");

    private async Task<Result<EnrolmentRow>> Use(string typed, Guid? own, Func<Scope, EnrolmentRow> ask, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var hash = JoinCode.Hash(typed) ?? [];
        var code = await db.JoinCodes.AsNoTracking().FirstOrDefaultAsync(c => c.CodeHash == hash, cancel);
        if (code is null)
        {
            return Error.Denied("join_code_unknown", "Mã ghi danh không đúng. Hãy xem lại từng nhóm chữ, hoặc xin mã mới của Phòng Giáo dục.");
        }
        if (code.ExpiresAtMs <= NowMs)
        {
            return Error.Denied("join_code_expired", "Mã ghi danh đã hết hạn. Hãy xin mã mới của Phòng Giáo dục.");
        }
        if (code.CancelledAtMs is not null)
        {
            return Error.Denied("join_code_cancelled", "Phòng Giáo dục đã hủy mã ghi danh này. Hãy gọi bộ phận CNTT của Phòng để xin mã mới.");
        }
        if (own is { } school && school != code.School.Owner)
        {
            return Error.Denied(
                "join_other_school", "Mã ghi danh này là của trường khác, không dùng được cho máy này. Hãy xin Phòng Giáo dục mã của trường mình.");
        }
        if (!await IsSchoolToday(code.School, cancel))
        {
            return SchoolWithdrawn;
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // Of two that come with the same code at the same moment, one changes the row.
        var open = db.JoinCodes.Where(c => c.CodeHash == hash && c.UsedAtMs == null && c.CancelledAtMs == null);
        if (await open.ExecuteUpdateAsync(set => set.SetProperty(c => c.UsedAtMs, NowMs), cancel) == 0)
        {
            return Error.Conflict("join_code_used", "Mã ghi danh này đã được dùng. Nếu không phải do máy này, hãy báo ngay cho Phòng Giáo dục; rồi xin mã mới.");
        }
        var row = ask(code.School);
        db.Enrolments.Add(row);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return row;
    }

    private async Task<Result<string>> Decide(Guid enrolment, bool approve, bool replaces, CancellationToken cancel)
    {
        var waiting = (await Waiting(cancel)).Find(e => e.EnrolmentId == enrolment && (!approve || e.Words.Length > 0));
        if (waiting is null)
        {
            return NobodyWaits;
        }
        if (approve && !await IsSchoolToday(waiting.School, cancel))
        {
            return SchoolWithdrawn;
        }
        var node = RecordId.New(clock);
        var decision = approve ? EnrolmentDecision.Approved : EnrolmentDecision.Refused;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // One decision at a time: of two for one school the second has to see what the first has made.
        await db.Meta.Where(m => m.Key == MetaKeys.CentralNode).ExecuteUpdateAsync(set => set.SetProperty(m => m.Value, m => m.Value), cancel);
        if (await db.Enrolments.Where(e => e.EnrolmentId == enrolment && e.Decision == EnrolmentDecision.Waiting).ExecuteUpdateAsync(
            set => set.SetProperty(e => e.Decision, decision).SetProperty(e => e.NodeId, approve ? node : null), cancel) == 0)
        {
            return NobodyWaits;
        }
        if (!approve)
        {
            await transaction.CommitAsync(cancel);
            return "";
        }
        var pin = BoxKey.Pin(BoxKey.Of(waiting.NodeRequest)!);
        if (await db.Nodes.AnyAsync(n => n.KeyPin == pin, cancel))
        {
            return Error.Conflict("key_known", "Máy này dùng lại khóa của một máy đã ghi danh. Hãy ghi danh lại từ trang Đường truyền của máy, hoặc bằng lệnh rejoin.");
        }
        if (!replaces && await db.Nodes.AnyAsync(n => n.School == waiting.School && !n.Revoked, cancel))
        {
            return Error.Conflict(
                "school_has_box",
                "Trường này đã có một máy đang được nhận. Nếu máy mới thay máy đó, hãy đánh dấu “Máy này thay máy cũ” (hoặc dùng lệnh replace); nếu không, đừng nhận máy mới.");
        }
        if (replaces)
        {
            await db.Nodes.Where(n => n.School == waiting.School).ExecuteUpdateAsync(set => set.SetProperty(n => n.Revoked, true), cancel);
        }
        var school = await store.Read(records => records.Get<Unit>(Scope.City, waiting.School.Owner), cancel);
        db.Nodes.Add(new() { NodeId = node, School = waiting.School, KeyPin = pin, LanHosts = waiting.LanHosts, Name = school!.Value.Name });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return $"node {node}";
    }

    private async Task<bool> IsSchoolToday(Scope school, CancellationToken cancel)
    {
        var today = clock.Today();
        return await store.Read(records => records.Get<Unit>(Scope.City, school.Owner) is { } unit && IsSchoolOn(unit, today), cancel);
    }
}
