using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.Contracts.Meeting.V1;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Rights;

public sealed partial class RightsMatrixTests
{
    private static readonly FileDescriptor[] Protos = [SyncReflection.Descriptor, EnrolmentReflection.Descriptor, MeetingReflection.Descriptor];

    /// <summary>Tables without a school in them: what the office notes of the city, and the audit, which only grows.</summary>
    private static readonly string[] Citywide = ["meta", "audit", "guarded_acts"];

    private static readonly string[] OwnerColumns = ["scope", "school", "node", "node_id"];

    /// <summary>Threat T4, over TLS: school A's certificate, and in turn each field of each call with each of school B's ids.</summary>
    [Fact]
    public async Task Threat_T04_No_call_with_the_certificate_of_one_school_reads_or_changes_another()
    {
        var (a, b) = (await Member.Join(city, CentralCode.A, "Canary-A"), await Member.Join(city, CentralCode.B, "Canary-B"));
        var before = await RowsOf(b);
        Assert.True(before.Count(r => r.Contains("registry.pupil", StringComparison.Ordinal)) >= 2, "B has nothing that could be harmed.");
        foreach (var rpc in Protos.SelectMany(p => p.Services).SelectMany(s => s.Methods))
        {
            var attacks = 0;
            if (a.Valid(rpc.FullName) is not { } valid)
            {
                city.Hole($"{rpc.FullName} has no case");
                continue;
            }
            Expect((await a.Call(rpc, await valid())).Status == StatusCode.OK, $"{rpc.FullName} refuses even what is A's");
            foreach (var field in Fields(await valid(), rpc.FullName))
            {
                foreach (var forged in b.Ids(field))
                {
                    var request = await valid();
                    Set(request, field, forged);
                    var (status, reply) = await a.Call(rpc, request);
                    Expect(!b.Secrets.Any(s => reply.AsSpan().IndexOf(s) >= 0), $"{rpc.FullName} tells A of B for {Path(field)}");
                    Expect(status != StatusCode.OK || rpc.FullName != "tdmedu.sync.v1.SyncService.Watch" || Path(field) != "session", "A watches with B's session");
                    attacks++;
                }
            }
            Expect(attacks > 0, $"{rpc.FullName} was not attacked");
            var after = await RowsOf(b);
            Expect(before.SequenceEqual(after), $"{rpc.FullName} changed of B: {string.Join(" | ", before.Except(after).Concat(after.Except(before)).Take(4))}");
            city.Rpcs++;
        }
        await b.Push("own");
        Assert.False(before.SequenceEqual(await RowsOf(b)), "A change of B's would not have been seen.");
        city.AssertNoHoles();
    }

    private void Expect(bool holds, string hole)
    {
        if (!holds)
        {
            city.Hole(hole);
        }
    }

    /// <summary>Every row of every table that names the school or its box as the owner.</summary>
    private async Task<List<string>> RowsOf(Member member)
    {
        await using var db = city.Central.Db();
        await db.Database.OpenConnectionAsync(Cancel);
        var rows = new List<string>();
        foreach (var table in db.Model.GetEntityTypes().Select(t => t.GetTableName()!).Order(StringComparer.Ordinal))
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM {table}";
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            var owners = Enumerable.Range(0, reader.FieldCount).Where(i => OwnerColumns.Contains(reader.GetName(i))).ToList();
            Expect(owners.Count > 0 || Citywide.Contains(table), $"Nobody said whose the rows of {table} are");
            while (await reader.ReadAsync(Cancel))
            {
                var cells = Enumerable.Range(0, reader.FieldCount).Select(i => reader[i] is byte[] bytes ? Convert.ToHexString(bytes) : $"{reader[i]}").ToList();
                if (owners.Exists(i => cells[i] == member.School.Value || cells[i] == Convert.ToHexString(RecordId.ToBytes(member.Node))))
                {
                    rows.Add($"{table}: {string.Join(' ', cells)}");
                }
            }
        }
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>The way to each text and each bytes of a message; a message that the case left empty would hide its own.</summary>
    private IEnumerable<List<FieldDescriptor>> Fields(IMessage message, string rpc)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(f => !f.IsMap))
        {
            if (field.FieldType is FieldType.Bytes or FieldType.String)
            {
                yield return [field];
            }
            else if (field.FieldType == FieldType.Message)
            {
                if (Inner(message, field) is not { } inner)
                {
                    city.Hole($"{rpc}: the case leaves {field.FullName} empty");
                    continue;
                }
                foreach (var rest in Fields(inner, rpc))
                {
                    yield return [field, .. rest];
                }
            }
        }
    }

    private static IMessage? Inner(IMessage message, FieldDescriptor field) => field.Accessor.GetValue(message) switch
    {
        System.Collections.IList { Count: > 0 } list => (IMessage)list[0]!,
        IMessage inner => inner,
        _ => null,
    };

    private static void Set(IMessage message, List<FieldDescriptor> path, object value)
    {
        foreach (var field in path[..^1])
        {
            message = Inner(message, field)!;
        }
        if (path[^1].IsRepeated)
        {
            var list = (System.Collections.IList)path[^1].Accessor.GetValue(message);
            list.Clear();
            list.Add(value);
        }
        else
        {
            path[^1].Accessor.SetValue(message, value);
        }
    }

    private static string Path(List<FieldDescriptor> path) => string.Join('.', path.Select(f => f.Name));
}
