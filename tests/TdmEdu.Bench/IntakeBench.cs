using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using TdmEdu.Central.Storage;
using TdmEdu.Sync.Central;
using TdmEdu.Tests;

namespace TdmEdu.Bench;

/// <summary>
/// Batches into PostgreSQL through the whole of Central's intake, against COPY of the operations and records that the same batches
/// caused into the same tables of an empty database, in transactions of the same size, and against the same intake without row level
/// security. They take turns, round by round. The
/// rows of lanes and counters, one a batch, are left out of the COPY: that makes the goal harder, not easier.
/// </summary>
internal static class IntakeBench
{
    private const int WarmupBatches = 40;
    private const int RoundBatches = 80;
    private const int Rounds = 5;

    public static async Task Run()
    {
        await using var cluster = await PostgresCluster.Start();
        await using var box = await IntakeBox.Start(await cluster.NewDatabase("intake"));
        var target = await cluster.NewDatabase("bare");
        await using var bare = await IntakeBox.Start(target);
        await using var copying = new NpgsqlConnection(target);
        await copying.OpenAsync();
        await using var unguarded = await IntakeBox.Start(await cluster.NewDatabase("unguarded"));
        unguarded.IsGuarded = false;
        var (ratios, guards) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var batches = round == 0 ? WarmupBatches : RoundBatches;
            var taken = await Take(box, batches);
            var free = await Take(unguarded, batches);
            var copied = await Copy(box, copying, batches);
            if (round > 0)
            {
                ratios.Add(taken / copied);
                guards.Add(taken / free);
                Console.WriteLine(
                    $"intake: {taken:0} ops/s through the intake, {free:0} without row level security, {copied:0} by COPY of the same rows, ratio {taken / copied:0.00}");
            }
        }
        NpgsqlConnection.ClearAllPools();
        Console.WriteLine($"intake: row level security, median ratio {guards.Order().ElementAt(Rounds / 2):0.00}");
        Console.WriteLine($"intake: median ratio {ratios.Order().ElementAt(Rounds / 2):0.00} (goal 0.5) of {Rounds} rounds of {RoundBatches} batches");
    }

    private static async Task<double> Take(IntakeBox box, int batches)
    {
        var ops = Enumerable.Range(0, batches).Select(_ => box.NewOps()).ToList();
        var began = Stopwatch.GetTimestamp();
        foreach (var batch in ops)
        {
            await box.Take(batch);
        }
        return batches * IntakeBox.BatchOps / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> Copy(IntakeBox box, NpgsqlConnection connection, int batches)
    {
        await using var db = box.Db();
        var last = await db.Ops.AsNoTracking().OrderByDescending(o => o.FeedSeq).Take(batches * IntakeBox.BatchOps).ToListAsync();
        var ids = last.Select(o => o.Id).ToHashSet();
        var records = await db.Records.AsNoTracking().Where(r => ids.Contains(r.Id)).ToDictionaryAsync(r => r.Id);
        var chunks = last.OrderBy(o => o.FeedSeq).Chunk(IntakeBox.BatchOps)
            .Select(ops => (Ops: ops, Records: ops.Select(o => records[o.Id]).ToList())).ToList();
        var began = Stopwatch.GetTimestamp();
        foreach (var (ops, rows) in chunks)
        {
            using var transaction = connection.BeginTransaction();
            CopyOps(connection, ops);
            CopyRecords(connection, rows);
            transaction.Commit();
        }
        return last.Count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static void CopyOps(NpgsqlConnection connection, StoredOp[] ops)
    {
        using var copy = connection.BeginBinaryImport(
            "COPY ops (scope, feed_seq, node, epoch, lane, seq, entity, id, schema, kind, hlc, applied_hlc, actor, data, salt, hash, "
                + "outcome, reason, received_at_ms, group_left) FROM STDIN (FORMAT BINARY)");
        foreach (var op in ops)
        {
            copy.StartRow();
            copy.Write(op.Scope.Value, NpgsqlDbType.Text);
            copy.Write(op.FeedSeq, NpgsqlDbType.Bigint);
            copy.Write(op.Node, NpgsqlDbType.Uuid);
            copy.Write(op.Epoch, NpgsqlDbType.Uuid);
            copy.Write((short)op.Lane, NpgsqlDbType.Smallint);
            copy.Write(op.Seq, NpgsqlDbType.Bigint);
            copy.Write(op.Entity, NpgsqlDbType.Text);
            copy.Write(op.Id, NpgsqlDbType.Uuid);
            copy.Write(op.Schema, NpgsqlDbType.Integer);
            copy.Write((int)op.Kind, NpgsqlDbType.Integer);
            copy.Write(op.Hlc, NpgsqlDbType.Bigint);
            copy.Write(op.AppliedHlc, NpgsqlDbType.Bigint);
            copy.Write(op.Actor, NpgsqlDbType.Uuid);
            copy.Write(op.Data, NpgsqlDbType.Bytea);
            copy.Write(op.Salt, NpgsqlDbType.Bytea);
            copy.Write(op.Hash, NpgsqlDbType.Bytea);
            copy.Write((int)op.Outcome, NpgsqlDbType.Integer);
            copy.Write(op.Reason, NpgsqlDbType.Text);
            copy.Write(op.ReceivedAtMs, NpgsqlDbType.Bigint);
            copy.Write(op.GroupLeft, NpgsqlDbType.Integer);
        }
        copy.Complete();
    }

    private static void CopyRecords(NpgsqlConnection connection, List<RecordRow> rows)
    {
        using var copy = connection.BeginBinaryImport(
            "COPY records (scope, entity, id, data, versions, deleted, index_key) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            copy.StartRow();
            copy.Write(row.Scope.Value, NpgsqlDbType.Text);
            copy.Write(row.Entity, NpgsqlDbType.Text);
            copy.Write(row.Id, NpgsqlDbType.Uuid);
            copy.Write(row.Data, NpgsqlDbType.Bytea);
            copy.Write(row.Versions, NpgsqlDbType.Text);
            copy.Write(row.Deleted, NpgsqlDbType.Boolean);
            copy.Write(row.IndexKey, NpgsqlDbType.Text);
        }
        copy.Complete();
    }
}
