using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Exporting;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

/// <summary>
/// The rule of two: what would harm every school when one person does it, by mistake or on purpose, is carried out only after two different
/// people of the department's IT have agreed, whose accounts are not in one hand (<see cref="AccountHands"/>). Each agreement serves once.
/// </summary>
internal sealed class GuardedActs(IDbContextFactory<CentralDb> databases, IAuditLog audit, TimeProvider clock)
{
    private static readonly TimeSpan WaitsMax = TimeSpan.FromHours(72);

    /// <summary>The commands that need two, as people call them.</summary>
    public static IReadOnlyDictionary<string, string> Names { get; } = new Dictionary<string, string>
    {
        ["rotate-ca"] = "Thay khóa CA của Phòng",
        ["retire-ca"] = "Bỏ khóa CA cũ",
        ["restored"] = "Khôi phục dữ liệu từ bản sao lưu",
        [FullExport.Masked] = "Xuất toàn bộ dữ liệu, che thông tin riêng",
        [FullExport.Opened] = "Xuất toàn bộ dữ liệu, mở cả thông tin riêng",
    };

    /// <summary>These take everything away, and children of units without a box are in it before there is any.</summary>
    private static readonly string[] NeverExempt = [FullExport.Masked, FullExport.Opened];

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Who agreed, when the act may be done now, once; otherwise it waits for people, and the error says for whom.</summary>
    public async Task<Result<Guid[]>> Begin(string act, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        // Without a box there is nothing that one person could harm, and perhaps no second one yet.
        if (!Names.ContainsKey(act) || (!NeverExempt.Contains(act) && !await db.Nodes.AnyAsync(cancel)))
        {
            return Array.Empty<Guid>();
        }
        var open = await Open(db).FirstOrDefaultAsync(a => a.Act == act, cancel);
        if (open is { FirstBy: { } first, SecondBy: { } second } && await End(Open(db).Where(a => a.ActId == open.ActId), cancel) == 1)
        {
            return new[] { first, second };
        }
        if (open is null)
        {
            db.GuardedActs.Add(new() { ActId = RecordId.New(clock), Act = act, AskedAtMs = NowMs });
            await db.SaveChangesAsync(cancel);
        }
        return Error.Conflict(
            "two_persons",
            "Việc này cần hai người: đang chờ {0} quản trị viên của Phòng đồng ý, ở trang Việc cần hai người hoặc bằng lệnh agree {1} TÊN-ĐĂNG-NHẬP. Rồi hãy chạy lại lệnh này.",
            open?.FirstBy is null ? 2 : 1, act);
    }

    /// <summary>Asks for the act, or is the first or the second who agrees.</summary>
    public async Task<Result<string>> Agree(string act, Guid person, CancellationToken cancel)
    {
        var agreed = Names.ContainsKey(act) ? await Note(act, person, cancel) : Error.NotFound("unknown_act", "Không có việc này. Hãy tải lại trang.");
        await audit.Write(new("guarded_agree", person, act, agreed.Ok ? "" : agreed.Error.Reason), CancellationToken.None);
        return agreed;
    }

    /// <summary>At the command line.</summary>
    public async Task<Result<string>> Agree(string act, Result<Actor> person, CancellationToken cancel) =>
        !person.Ok ? person.Error
        : person.Value.Is(Roles.DepartmentIt) ? await Agree(act, person.Value.Id, cancel)
        : Error.Denied("not_it", "Chỉ quản trị viên của Phòng mới đồng ý được. Hãy nhờ một quản trị viên.");

    /// <summary>Whoever does not agree ends it; it can be asked for anew.</summary>
    public async Task Refuse(string act, Guid person, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        await End(Open(db).Where(a => a.Act == act), cancel);
        await audit.Write(new("guarded_refuse", person, act, ""), CancellationToken.None);
    }

    public async Task<List<GuardedActRow>> Waiting(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await Open(db).ToListAsync(cancel);
    }

    private Task<int> End(IQueryable<GuardedActRow> acts, CancellationToken cancel) =>
        acts.ExecuteUpdateAsync(set => set.SetProperty(a => a.DoneAtMs, NowMs), cancel);

    private IQueryable<GuardedActRow> Open(CentralDb db)
    {
        var since = NowMs - (long)WaitsMax.TotalMilliseconds;
        return db.GuardedActs.AsNoTracking().Where(a => a.DoneAtMs == null && a.AskedAtMs >= since).OrderBy(a => a.AskedAtMs);
    }

    private async Task<Result<string>> Note(string act, Guid person, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var open = await Open(db).FirstOrDefaultAsync(a => a.Act == act, cancel);
        if (open?.FirstBy == person)
        {
            return Error.Conflict("same_person", "Bạn đã đồng ý rồi. Hãy nhờ một quản trị viên khác của Phòng đồng ý.");
        }
        if (await AccountHands.WhyNot(db, open?.FirstBy, person, NowMs, cancel) is { } refused)
        {
            return refused;
        }
        if (open is null)
        {
            db.GuardedActs.Add(new() { ActId = RecordId.New(clock), Act = act, AskedAtMs = NowMs, FirstBy = person });
            await db.SaveChangesAsync(cancel);
            return $"{act}: 1/2";
        }
        // Of two who agree at the same moment each counts, once.
        var mine = Open(db).Where(a => a.ActId == open.ActId);
        var noted = open.FirstBy is null
            ? await mine.Where(a => a.FirstBy == null).ExecuteUpdateAsync(set => set.SetProperty(a => a.FirstBy, person), cancel)
            : await mine.Where(a => a.SecondBy == null).ExecuteUpdateAsync(set => set.SetProperty(a => a.SecondBy, person), cancel);
        return noted == 0 ? await Note(act, person, cancel) : $"{act}: {(open.FirstBy is null ? 1 : 2)}/2";
    }
}
