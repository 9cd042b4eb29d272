using Microsoft.EntityFrameworkCore;
using Npgsql;
using TdmEdu.Central.Storage;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>The second net on PostgreSQL: what is asked in the name of one school's box, but of another school, as if the kernel had forgotten whose call it is.</summary>
public sealed class RowLevelSecurityTests(Postgres postgres) : IAsyncLifetime
{
    private static readonly Guid A = new(1, 0, 0, new byte[8]);
    private CentralBox central = null!;
    private NodeBox mine = null!;
    private NodeBox other = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Scope Theirs => other.Identity.School;

    private RecordKey TheirRecord => new(Theirs, "test.tagged", A);

    public async ValueTask InitializeAsync()
    {
        central = await CentralBox.Start(await postgres.NewDatabase(), Samples.Catalogue());
        (mine, other) = (await central.Enrol(), await central.Enrol());
        await other.Push(other.Op(A, new Tagged("thẻ", "của B")));
        await mine.Push(mine.Op(A, new Tagged("thẻ", "của A")));
        Assert.Equal(Outcome.Rejected, (await other.Push(other.Op(A, new Note("x"), scope: Scope.City))).NotApplied.Single().Outcome);
        await central.Store.Write<bool>(
            bulk =>
            {
                bulk.SetMembership(Theirs, new([Scope.City, Theirs], 1));
                bulk.AddCheckpoint(other.Identity.Node, other.Epoch, other.Head);
                return true;
            },
            Cancel);
    }

    public ValueTask DisposeAsync() => central.DisposeAsync();

    [Fact]
    public async Task Threat_T04_Nothing_of_another_school_is_read_in_the_name_of_a_box()
    {
        (string What, Func<Bulk, object?> Read)[] questions =
        [
            ("records", b => b.FindRecords(Theirs, [TheirRecord]).Count), ("page", b => b.PageRecords(Theirs, "test.tagged", null, null, null, 10).Count),
            ("all", b => b.RecordsOf(Theirs, "test.tagged").Count), ("views", b => b.FindViews(Theirs, [new(Theirs, "test.tags", Tagged.ViewOf("thẻ"))]).Count),
            ("feed", b => b.Feed(Theirs, 0, (Guid.Empty, Guid.Empty), 10, 1000).Ops.Count), ("news", b => b.HasNews(Theirs, 0, (Guid.Empty, Guid.Empty)) ? 1 : 0),
            ("counter", b => (int)b.Counter(Theirs)), ("counters", b => b.Counters().Count(c => c.Key == Theirs)), ("node", b => b.Node(other.Identity.Node) is null ? 0 : 1),
            ("lane", b => b.FindLane(other.Identity.Node, other.Epoch, Lane.Attendance) is null ? 0 : 1),
            ("checkpoint", b => b.Checkpoints(other.Identity.Node, other.Epoch, Lane.Attendance).Count),
            ("member", b => b.FindMembership(Theirs) is null ? 0 : 1), ("refused", b => b.FindRefused(new(10, Theirs)).Count), ("boxes", b => b.BoxesOf(Theirs).Count),
            ("at", b => b.FeedAt(Theirs, 1) is null ? 0 : 1), ("ranges", b => b.RangeViews(Theirs, "test.tags", null, null).Count()),
        ];
        foreach (var (what, read) in questions)
        {
            Assert.NotEqual((what, 0), (what, await central.Store.Read(read, Cancel)));
            Assert.NotEqual((what, 0), (what, await central.Store.Read(read, Cancel, other.Identity)));
            Assert.Equal((what, 0), (what, await central.Store.Read(read, Cancel, mine.Identity)));
        }
        Assert.Equal(1, await central.Store.Read(b => b.RangeViews(null, "test.tags", null, null).Count(), Cancel, mine.Identity));
    }

    [Fact]
    public async Task Threat_T04_Nothing_of_another_school_is_written_in_the_name_of_a_box()
    {
        var record = await central.Store.Read(b => b.FindRecords(Theirs, [TheirRecord]).Single(), Cancel);
        (string What, Action<Bulk> Write)[] attempts =
        [
            ("record", b => b.UpsertRecords([new(record with { Deleted = true }, "")])), ("view", b => b.UpsertViews([new(new(Theirs, "test.tags", A), "", new byte[1])])),
            ("unview", b => b.DeleteView(new(Theirs, "test.tags", Tagged.ViewOf("thẻ")))), ("feed", b => b.SetFeed(Theirs, 99)), ("lock", b => b.LockFeed(Theirs)),
            ("city", b => b.LockFeed(Scope.City)), ("lane", b => b.SetLane(other.Identity.Node, other.Epoch, other.Head with { Seq = 99 })),
            ("session", b => b.SetSession(other.Identity.Node, new byte[Greeting.TokenBytes], other.Epoch, [], "")), ("suspect", b => b.SetSuspect(other.Identity.Node, 1)),
            ("seen", b => b.SetSeen(other.Identity.Node, 1)), ("same", b => b.SetSame(other.Identity.Node, 9, 9)), ("member", b => b.SetMembership(Theirs, new([Scope.City], 2))),
            ("check", b => b.AddCheckpoint(other.Identity.Node, other.Epoch, other.Head with { Seq = 98 })),
        ];
        var before = await Everything();
        foreach (var (_, write) in attempts)
        {
            await Write(write, mine);
        }
        // The kernel itself, believing that the call is the other school's.
        var forged = other.Next(other.Op(A, new Tagged("thẻ", "kẻ khác")));
        await Write(b => BatchIntake.Take(b, central.Catalogue, other.Identity, forged, central.NowMs), mine);
        Assert.Equal(before, await Everything());
        foreach (var (what, write) in attempts.Where(a => a.What is not ("city" or "lock")))
        {
            await Write(write, other);
            var after = await Everything();
            Assert.False(before == after, $"{what} does nothing even for the school itself.");
            before = after;
        }
    }

    [Fact]
    public async Task Centrals_own_user_needs_no_more_rights_than_to_be_of_the_role_and_is_told_so()
    {
        var database = new NpgsqlConnectionStringBuilder(await postgres.NewDatabase());
        var user = $"u_{database.Database}";
        await Run($"CREATE ROLE {user} LOGIN PASSWORD '{user}'", $"ALTER DATABASE {database.Database} OWNER TO {user}", $"ALTER SCHEMA public OWNER TO {user}");
        var own = new NpgsqlConnectionStringBuilder(database.ToString()) { Username = user, Password = user }.ToString();
        var told = await Assert.ThrowsAsync<PostgresException>(async () => await CentralBox.Start(own));
        Assert.Contains($"GRANT tdmedu_box TO {user}", told.MessageText, StringComparison.Ordinal);
        await Run($"GRANT tdmedu_box TO {user}");
        await using var small = await CentralBox.Start(own, Samples.Catalogue());
        var box = await small.Enrol();
        Assert.Equal(1, (await box.Push(box.Op(A, new Note("x")))).Durable.Seq);

        async Task Run(params string[] all)
        {
            await using var connection = new NpgsqlConnection(database.ToString());
            await connection.OpenAsync(Cancel);
            foreach (var sql in all)
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync(Cancel);
            }
        }
    }

    /// <summary>What the database refuses loudly is as good as what it does not find.</summary>
    private async Task Write(Action<Bulk> write, NodeBox box)
    {
        try
        {
            await central.Store.Write<bool>(
                bulk =>
                {
                    write(bulk);
                    return true;
                },
                Cancel,
                box.Identity);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege && box == mine)
        {
        }
    }

    private async Task<string> Everything()
    {
        await using var connection = new NpgsqlConnection(central.Db().Database.GetConnectionString());
        await connection.OpenAsync(Cancel);
        var text = new List<string>();
        foreach (var table in new[] { "ops", "refused_ops", "records", "views", "feed_counters", "memberships", "nodes", "node_lanes", "lane_checkpoints", "sessions" })
        {
            await using var command = new NpgsqlCommand($"SELECT t::text FROM {table} t ORDER BY 1", connection);
            await using var rows = await command.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
            {
                text.Add($"{table} {rows.GetString(0)}");
            }
        }
        return string.Join('\n', text);
    }
}
