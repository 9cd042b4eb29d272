using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>What a hostile or broken peer can send: each is an outcome with a code, is audited, and leaves the next good batch its way.</summary>
public sealed partial class WireTests
{
    [Theory]
    [InlineData("foreign_ids", "scope_denied", "2 Rejected scope_denied")]
    [InlineData("seq_gap", "seq_gap", "gap")]
    [InlineData("wrong_chain", "chain_broken")]
    [InlineData("future_clock", "clock_ahead", "")]
    [InlineData("unknown_entity", "unknown_entity", "2 Parked unknown_entity")]
    [InlineData("wide_field", "bad_content", "2 Rejected bad_content")]
    [InlineData("deep_nesting", "bad_json", "2 Rejected bad_json")]
    [InlineData("ten_million_elements", "ResourceExhausted")]
    [InlineData("cut_group", "malformed")]
    [InlineData("short_last_hash", "malformed")]
    [InlineData("too_many_operations", "batch_too_large")]
    [InlineData("ten_megabytes", "ResourceExhausted")]
    [InlineData("gzip_bomb", "ResourceExhausted")]
    public async Task Threat_of_a_hostile_peer_is_refused_with_a_code_and_audited(string threat, string reason, string? told = null)
    {
        using var channel = Channel(certificate);
        var client = new SyncService.SyncServiceClient(channel);
        var opened = await client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        Assert.Equal(told ?? reason, await Send(client, Hostile(threat, opened.Session)));
        await using var db = Db();
        var audited = await db.Audit.Where(a => a.Event == RefusalAudit.Event).ToListAsync(Cancel);
        Assert.Equal([(reason, node)], audited.Select(a => (a.Reason, a.Actor)).Distinct());
        var after = await db.NodeLanes.AsNoTracking().SingleOrDefaultAsync(l => l.Lane == Lane.Attendance, Cancel);
        var good = Batch(opened.Session, "sau cùng");
        good.FirstSeq = (after?.LastSeq ?? 0) + 1;
        good.PrevHash = after is null ? good.PrevHash : ByteString.CopyFrom(after.LastHash);
        Assert.Empty((await client.PushAsync(good, cancellationToken: Cancel)).Outcomes);
    }

    [Fact]
    public async Task Threat_T13_message_of_nested_groups_or_unknown_fields_leaves_the_next_good_one_its_way()
    {
        using var channel = Channel(certificate);
        var opened = await new SyncService.SyncServiceClient(channel).OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        byte[] nested = [.. Enumerable.Repeat((byte)0x7B, 100_000), .. Enumerable.Repeat((byte)0x7C, 100_000)];
        byte[] unknown = [.. Enumerable.Repeat<byte[]>([0x78, 0x01], 500_000).SelectMany(field => field)];
        foreach (var message in (byte[][])[nested, unknown, [.. nested, .. unknown]])
        {
            var zipped = Zip(message);
            Assert.NotEqual("0", await PostRaw(Frame(zipped, zipped.Length)));
        }
        var good = Zip(Batch(opened.Session, "một").ToByteArray());
        Assert.Equal("0", await PostRaw(Frame(good, good.Length)));
    }

    [Fact]
    public async Task Threat_of_a_batch_changed_on_the_way_is_not_taken_in_and_wanted_again()
    {
        using var channel = Channel(certificate);
        var client = new SyncService.SyncServiceClient(channel);
        var opened = await client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        var sent = Batch(opened.Session, "một", "hai");
        var hash = sent.PrevHash.ToByteArray();
        for (var n = 0; n < sent.Ops.Count; n++)
        {
            hash = HashChain.Next(hash, sent.FirstSeq + n, Wire.FromProto(sent.Ops[n])!, sent.Ops[n].Salt.Span);
        }
        sent.LastHash = ByteString.CopyFrom(hash);
        var changed = sent.Clone();
        changed.Ops[1].Data = ByteString.CopyFromUtf8("{\"text\":\"khác\"}");
        await Refused(StatusCode.Unavailable, "batch_garbled", () => client.PushAsync(changed, cancellationToken: Cancel));
        await using (var db = Db())
        {
            Assert.Equal((node, "batch_garbled"), await db.Audit.Where(a => a.Event == RefusalAudit.Event)
                .Select(a => ValueTuple.Create(a.Actor, a.Reason)).SingleAsync(Cancel));
        }
        var taken = await client.PushAsync(sent, cancellationToken: Cancel);
        Assert.Equal((2, 0), (taken.Durable.Seq, taken.Outcomes.Count));
        Assert.Equal(sent.LastHash, taken.Durable.Hash);
    }

    [Fact]
    public async Task Threat_of_a_flood_of_cancelled_calls_keeps_no_other_box_out()
    {
        using var mate = await Mate();
        var open = new OpenRequest { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow };
        using var flooding = Channel(certificate);
        var flood = new SyncService.SyncServiceClient(flooding);
        using var other = Channel(mate);
        var (resets, mates) = (new List<Task>(), open.Clone());
        for (var wave = 0; wave < 40; wave++)
        {
            // As many as the connection has streams, on their way together and reset together.
            using var reset = new CancellationTokenSource();
            resets.AddRange(Enumerable.Range(0, 100).Select(_ => Ended(flood.OpenAsync(open, cancellationToken: reset.Token))));
            await Task.Delay(5, Cancel);
            await reset.CancelAsync();
            if (wave % 10 == 0)
            {
                var welcome = await new SyncService.SyncServiceClient(other).OpenAsync(mates, deadline: Soon, cancellationToken: Cancel);
                Assert.Equal(Contracts.Sync.V1.OpenAction.Continue, welcome.Action);
                mates.LastSession = welcome.Session;
            }
        }
        await Task.WhenAll(resets);
        var busy = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var n = 0; n <= 2 * Admission.OpensInRowMax; n++)
            {
                await flood.OpenAsync(open, cancellationToken: Cancel);
            }
        });
        Assert.Equal(StatusCode.ResourceExhausted, busy.StatusCode);
        await using (var db = Db())
        {
            var audited = await db.Audit.Where(a => a.Event == RefusalAudit.Event).Select(a => ValueTuple.Create(a.Actor, a.Reason)).ToListAsync(Cancel);
            Assert.All(audited, a => Assert.Equal(node, a.Item1));
            Assert.Single(audited, a => a.Item2 == Exchange.ReasonBusy);
        }
        Assert.InRange(int.Parse(busy.Trailers.GetValue(Wire.RetryAfterTrailer)!, System.Globalization.CultureInfo.InvariantCulture), 1, 60_000);
    }

    [Fact]
    public async Task Threat_of_a_flood_of_watches_is_told_to_come_back_and_leaves_one_alive_and_other_boxes_theirs()
    {
        using var mate = await Mate();
        using var flooding = Channel(certificate);
        var flood = new SyncService.SyncServiceClient(flooding);
        var open = new OpenRequest { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow };
        var session = (await flood.OpenAsync(open, cancellationToken: Cancel)).Session;
        using var reset = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var ends = Enumerable.Range(0, 3 * Admission.OpensInRowMax).Select(_ => Ended(flood.Watch(new() { Session = session }, cancellationToken: reset.Token))).ToList();
        for (var waits = 0; waits < 200 && ends.Count(e => !e.IsCompleted) > 1; waits++)
        {
            await Task.Delay(20, Cancel);
        }
        _ = Assert.Single(ends, e => !e.IsCompleted);
        using var other = Channel(mate);
        var client = new SyncService.SyncServiceClient(other);
        var opened = await client.OpenAsync(open, deadline: Soon, cancellationToken: Cancel);
        using var watch = client.Watch(new() { Session = opened.Session }, deadline: Soon, cancellationToken: Cancel);
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        await reset.CancelAsync();
        var codes = (await Task.WhenAll(ends)).ToLookup(code => code);
        Assert.Equal([StatusCode.Cancelled, StatusCode.ResourceExhausted, StatusCode.Aborted], codes.Select(c => c.Key).OrderBy(c => c));
        Assert.InRange(codes[StatusCode.Aborted].Count(), 1, (2 * Admission.OpensInRowMax) - 1);
        await using var db = Db();
        var audited = await db.Audit.Where(a => a.Event == RefusalAudit.Event).Select(a => ValueTuple.Create(a.Actor, a.Reason)).ToListAsync(Cancel);
        Assert.Equal((node, Exchange.ReasonBusy), Assert.Single(audited));
    }

    [Fact]
    public async Task Threat_of_messages_that_nobody_reads_names_each_box_that_sends_them()
    {
        using var mate = await Mate();
        foreach (var box in (X509Certificate2[])[certificate, mate, certificate, mate])
        {
            using var channel = Channel(box);
            Assert.Equal("ResourceExhausted", await Send(new(channel), Hostile("ten_megabytes", ByteString.Empty)));
        }
        await using var db = Db();
        Assert.Equal([node, Guid.AllBitsSet], await db.Audit.Where(a => a.Event == RefusalAudit.Event).OrderBy(a => a.AtMs).Select(a => a.Actor).ToListAsync(Cancel));
    }

    private async Task<X509Certificate2> Mate()
    {
        var mate = SelfSigned("mate");
        await using var db = Db();
        db.Nodes.Add(new() { NodeId = Guid.AllBitsSet, School = Scope.School(Guid.AllBitsSet), KeyPin = BoxKey.Pin(mate.PublicKey) });
        await db.SaveChangesAsync(Cancel);
        return mate;
    }

    private static DateTime Soon => TimeProvider.System.GetUtcNow().AddSeconds(5).UtcDateTime;

    private static async Task Ended(AsyncUnaryCall<OpenResponse> call)
    {
        try
        {
            await call;
        }
        catch (RpcException)
        {
            // Reset, as wanted, or refused.
        }
    }

    private static async Task<StatusCode> Ended(AsyncServerStreamingCall<WatchResponse> call)
    {
        using (call)
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                while (await call.ResponseStream.MoveNext(Cancel))
                {
                }
            });
            return refusal.StatusCode;
        }
    }

    /// <returns>The code of the refusal, or what is said of single operations.</returns>
    private static async Task<string> Send(SyncService.SyncServiceClient client, PushRequest request)
    {
        try
        {
            var answer = await client.PushAsync(request, Gzip, cancellationToken: Cancel);
            return answer.Gap ? "gap" : string.Join(", ", answer.Outcomes.Select(o => $"{o.Seq} {o.Outcome} {o.Reason}"));
        }
        catch (RpcException refusal)
        {
            return refusal.Trailers.GetValue(Wire.ReasonTrailer) ?? refusal.StatusCode.ToString();
        }
    }

    private PushRequest Hostile(string threat, ByteString session)
    {
        var batch = Batch(session, "một", "hai");
        var op = batch.Ops[1];
        switch (threat)
        {
            case "foreign_ids":
                op.Scope = Scope.School(Guid.AllBitsSet).Value;
                break;
            case "seq_gap":
                batch.FirstSeq = 7;
                break;
            case "wrong_chain":
                batch.PrevHash = ByteString.CopyFrom(new byte[HashChain.HashBytes]);
                break;
            case "future_clock":
                op.Hlc = Hlc.At(TimeProvider.System.GetUtcNow().AddYears(5).ToUnixTimeMilliseconds()).Value;
                break;
            case "unknown_entity":
                op.Entity = "kitchen.meal";
                break;
            case "wide_field":
                op.Data = ByteString.CopyFromUtf8($"{{\"text\":[{string.Join(',', Enumerable.Repeat(0, 100_000))}]}}");
                break;
            case "ten_million_elements":
                op.Data = ByteString.CopyFromUtf8($"{{\"text\":[{string.Join(',', Enumerable.Repeat(0, 10_000_000))}]}}");
                break;
            case "deep_nesting":
                op.Data = ByteString.CopyFromUtf8($"{{\"text\":{new string('[', 100_000)}");
                break;
            case "short_last_hash":
                batch.LastHash = ByteString.CopyFrom(new byte[HashChain.HashBytes - 1]);
                break;
            case "cut_group":
                op.GroupLeft = 1;
                break;
            case "too_many_operations":
                batch.Ops.AddRange(Enumerable.Repeat(op, 500));
                break;
            case "ten_megabytes":
                op.Data = ByteString.CopyFrom(System.Security.Cryptography.RandomNumberGenerator.GetBytes(10 * 1024 * 1024));
                break;
            case "gzip_bomb":
                op.Data = ByteString.CopyFrom(Encoding.ASCII.GetBytes(new string(' ', 64 * 1024 * 1024)));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(threat), threat, "No such threat.");
        }
        return batch;
    }
}
