using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Auditing;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    private const string NoTriggers = "audit_keep, audit_stay, box_audit_keep, box_audit_stay";

    private AuditVerifier Verifier => new(central.Get<IDbContextFactory<CentralDb>>(), central.Get<IAuditLog>());

    [Fact]
    public async Task Threat_T21_The_audit_is_one_chain_that_only_grows_whoever_writes_at_once()
    {
        var audit = central.Get<IAuditLog>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => audit.Write(new("sign_in", A, $"10.0.0.{i}", i % 2 == 0 ? "" : "wrong_password"), Cancel))));
        var whole = await Verifier.Run(null, Cancel);
        Assert.StartsWith("audit: 8 rows", whole.Value, StringComparison.Ordinal);
        var head = whole.Value[(whole.Value.IndexOf("head ", StringComparison.Ordinal) + 5)..];
        await audit.Write(new("sign_in", A, "10.0.0.9", ""), Cancel);
        Assert.True((await Verifier.Run(head, Cancel)).Ok);
        Assert.Contains("noted head", (await Verifier.Run("8 AB", Cancel)).Error.Message.Vietnamese, StringComparison.Ordinal);
        foreach (var change in new[] { "UPDATE audit SET reason = '' WHERE pos = 2", "DELETE FROM audit WHERE pos = 2", "DELETE FROM audit" })
        {
            await Assert.ThrowsAnyAsync<DbException>(() => Sql(change));
        }
        Assert.True((await Verifier.Run(null, Cancel)).Ok);
    }

    [Fact]
    public async Task A_withdrawn_box_that_is_left_on_is_noted_ever_more_seldom_and_at_once_when_it_was_quiet()
    {
        var refusals = central.Get<RefusalAudit>();
        await Knocks(TimeSpan.FromDays(1));
        Assert.Equal(11, await Rows());
        await Knocks(TimeSpan.FromDays(4));
        Assert.InRange(await Rows(), 14, 15);
        var before = await Rows();
        central.Clock.Advance(TimeSpan.FromDays(3));
        await Knocks(TimeSpan.FromMinutes(3));
        Assert.Equal(before + 2, await Rows());

        async Task Knocks(TimeSpan span)
        {
            for (var left = span; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(30))
            {
                await refusals.Note(A, "Open", "node_revoked");
                central.Clock.Advance(TimeSpan.FromSeconds(30));
            }
        }

        async Task<int> Rows()
        {
            await using var db = central.Db();
            return await db.Audit.CountAsync(Cancel);
        }
    }

    [Theory]
    [InlineData("UPDATE audit SET reason = '' WHERE pos = 3", "audit 3 changed")]
    [InlineData("UPDATE audit SET at_ms = at_ms + 1 WHERE pos = 1", "audit 1 changed")]
    [InlineData("DELETE FROM audit WHERE pos = 3", "audit 3..3 removed")]
    [InlineData("DELETE FROM audit WHERE pos >= 4", "audit after 3 removed")]
    [InlineData("UPDATE audit SET pos = 99 WHERE pos = 2; UPDATE audit SET pos = 2 WHERE pos = 3; UPDATE audit SET pos = 3 WHERE pos = 99", "audit 2 changed")]
    public async Task Threat_T21_What_somebody_does_to_the_audit_who_got_past_the_triggers_is_found_with_its_place(string sql, string place)
    {
        for (var i = 1; i <= 5; i++)
        {
            await central.Get<IAuditLog>().Write(new("sign_in", A, $"10.0.0.{i}", "wrong_password"), Cancel);
        }
        await DropTriggers();
        foreach (var one in sql.Split(';'))
        {
            await Sql(one);
        }
        Assert.Contains(place, (await Verifier.Run(null, Cancel)).Error.Message.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat_T25_The_boxs_audit_comes_up_with_both_clocks_and_a_change_at_either_end_is_found()
    {
        await using var own = await CentralBox.Start(await NewDatabaseBeside());
        await using var box = await EdgeBox.Start(own.Clock);
        var line = new EdgeLine(own, box);
        await line.Enrol();
        for (var i = 1; i <= 4; i++)
        {
            await box.Owner.Write(new("sign_in", EdgeBox.Teacher.Id, $"10.0.0.{i}", i == 2 ? "wrong_password" : ""), Cancel);
        }
        own.Clock.Advance(TimeSpan.FromHours(3));
        Assert.Empty(await line.Sync());
        await using var db = own.Db();
        var kept = await db.Ops.Where(o => o.Entity == AuditEntry.Key).OrderBy(o => o.Seq).ToListAsync(Cancel);
        Assert.Equal([1, 2, 3, 4], kept.Select(o => o.Seq));
        Assert.All(kept, o => Assert.Equal((EdgeBox.Teacher.Id, 3 * 3_600_000L), (o.Actor, o.ReceivedAtMs - new Hlc(o.Hlc).Milliseconds)));
        var verifier = new AuditVerifier(own.Get<IDbContextFactory<CentralDb>>(), own.Get<IAuditLog>());
        Assert.Contains("4 of the boxes", (await verifier.Run(null, Cancel)).Value, StringComparison.Ordinal);

        await box.Stop();
        Spoil(box, "UPDATE entries SET data = CAST(replace(CAST(data AS TEXT), 'wrong_password', '') AS BLOB) WHERE entity = 'sync.audit' AND seq = 2");
        Assert.StartsWith("lane 4 seq 2 ", Assert.Single(JournalDamage.OfAudit(box.Folder, EdgeBox.Node)), StringComparison.Ordinal);
        await box.StartAgain();
        Assert.Equal(OpenAction.Regression, await Open(own, box));
        Assert.Contains(await db.Audit.AsNoTracking().ToListAsync(Cancel), a => (a.Event, a.Actor, a.Reason) == ("sync_refused", EdgeBox.Node, nameof(OpenAction.Regression)));

        await Assert.ThrowsAnyAsync<DbException>(() => db.Ops.Where(o => o.Entity == AuditEntry.Key).ExecuteDeleteAsync(Cancel));
        await DropTriggers(db);
        await db.Ops.Where(o => o.Entity == AuditEntry.Key && o.Seq == 3).ExecuteDeleteAsync(Cancel);
        Assert.Contains($"box {EdgeBox.Node} 3..3 removed", (await verifier.Run(null, Cancel)).Error.Message.Vietnamese, StringComparison.Ordinal);
    }

    /// <summary>Whoever has the database can make the lane fit itself again; what an earlier run has written into Central's own chain stays.</summary>
    [Theory]
    [InlineData("UPDATE ops SET received_at_ms = received_at_ms - 60000 WHERE entity = 'sync.audit' AND seq = 2", "up to 3 is not what an earlier run read")]
    [InlineData("DELETE FROM ops WHERE entity = 'sync.audit' AND seq > 2", "after 2 removed")]
    public async Task Threat_T25_What_is_done_at_Central_to_a_boxs_audit_after_a_run_is_found_though_the_lane_was_made_to_fit(string sql, string place)
    {
        await using var own = await CentralBox.Start(await NewDatabaseBeside());
        await using var box = await EdgeBox.Start(own.Clock);
        var line = new EdgeLine(own, box);
        await line.Enrol();
        for (var i = 1; i <= 3; i++)
        {
            await box.Owner.Write(new("sign_in", EdgeBox.Teacher.Id, $"10.0.0.{i}", ""), Cancel);
        }
        Assert.Empty(await line.Sync());
        var verifier = new AuditVerifier(own.Get<IDbContextFactory<CentralDb>>(), own.Get<IAuditLog>());
        var head = (await verifier.Run(null, Cancel)).Value;
        head = head[(head.IndexOf("head ", StringComparison.Ordinal) + 5)..];
        await box.Owner.Write(new("sign_in", EdgeBox.Teacher.Id, "10.0.0.4", ""), Cancel);
        Assert.Empty(await line.Sync());
        Assert.True((await verifier.Run(head, Cancel)).Ok);

        await using var db = own.Db();
        await DropTriggers(db);
        await db.Database.ExecuteSqlRawAsync(sql, Cancel);
        var end = await db.Ops.Where(o => o.Entity == AuditEntry.Key).OrderBy(o => o.Seq).LastAsync(Cancel);
        await db.NodeLanes.Where(l => l.Lane == Lane.Telemetry)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.LastSeq, end.Seq).SetProperty(l => l.LastHash, end.Hash), Cancel);
        Assert.Contains(place, (await verifier.Run(head, Cancel)).Error.Message.Vietnamese, StringComparison.Ordinal);
    }

    /// <summary>An end of the chain that fits in itself is another one than Central holds.</summary>
    [Fact]
    public async Task Threat_T25_Entries_cut_off_the_end_of_the_boxs_audit_are_noticed_at_the_next_call()
    {
        await using var own = await CentralBox.Start(await NewDatabaseBeside());
        await using var box = await EdgeBox.Start(own.Clock);
        var line = new EdgeLine(own, box);
        await line.Enrol();
        await box.Owner.Write(new("sign_in", EdgeBox.Teacher.Id, "10.0.0.1", ""), Cancel);
        await box.Owner.Write(new("refused", EdgeBox.Teacher.Id, "GET /hoc-sinh", "role_denied"), Cancel);
        Assert.Empty(await line.Sync());
        Assert.Empty(JournalDamage.OfAudit(box.Folder, EdgeBox.Node));
        await box.Stop();
        Spoil(box, "DELETE FROM entries WHERE entity = 'sync.audit' AND seq = 2");
        Assert.Equal(["lane 4 cut off before seq 2"], JournalDamage.OfAudit(box.Folder, EdgeBox.Node));
        await box.StartAgain();
        Assert.Equal(OpenAction.Regression, await Open(own, box));
    }

    private static async Task<OpenAction> Open(CentralBox central, EdgeBox box)
    {
        var state = box.Owner.Status.State;
        var lanes = state.Heads.Select(h => new HelloLane(h, state.Acked[(int)h.Lane])).ToList();
        var hello = new Hello(state.Epoch, Hello.ProtocolNow, state.Session, state.Forked, state.FeedEpoch, lanes);
        return (await central.Get<Exchange>().Open(new(EdgeBox.Node, EdgeBox.School), hello, Cancel)).Value.Action;
    }

    private static void Spoil(EdgeBox box, string sql)
    {
        using var connection = JournalSchema.OpenForWriting(Path.Combine(box.Folder, "journal.db"));
        JournalSchema.Execute(connection, $"DROP TRIGGER entries_keep; DROP TRIGGER entries_stay; {sql}");
    }

    /// <summary>One more database, for a Central with the product's own catalogue.</summary>
    protected abstract Task<string> NewDatabaseBeside();

    private async Task DropTriggers()
    {
        await using var db = central.Db();
        await DropTriggers(db);
    }

    private static async Task DropTriggers(DbContext db)
    {
        foreach (var trigger in NoTriggers.Split(", "))
        {
            var on = trigger.StartsWith("box", StringComparison.Ordinal) ? "ops" : "audit";
            await db.Database.ExecuteSqlRawAsync(db.Database.IsSqlite() ? $"DROP TRIGGER {trigger}" : $"DROP TRIGGER IF EXISTS {trigger} ON {on}", Cancel);
        }
    }

    private async Task Sql(string sql)
    {
        await using var db = central.Db();
        await db.Database.ExecuteSqlRawAsync(sql, Cancel);
    }
}
