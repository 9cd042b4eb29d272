using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Sync;

public class RecordStateTests
{
    private static readonly Guid Id = Guid.Parse("01900000-0000-7000-8000-000000000001");

    private static readonly Gen<(Op Op, Guid Node)> AnyOp =
        from hlc in Gen.Long[1, 6]
        from node in Gen.Int[1, 3]
        from fields in Gen.Dictionary(Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("c")), Gen.Int[0, 3])[1, 3]
        from delete in Gen.Int[0, 9]
        select (new Op(Scope.City, "x", Id, 1, delete == 0 ? OpKind.Delete : OpKind.Put, new Hlc(hlc * 100 + node), default,
            Encoding.UTF8.GetBytes(new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))).ToJsonString())), new Guid(node, 0, 0, new byte[8]));

    [Fact]
    public void Any_order_and_repetition_of_puts_gives_the_same_record()
    {
        // One clock value belongs to one operation: a node never stamps twice the same.
        var ops = AnyOp.Array[1, 8].Select(all => all.DistinctBy(o => (o.Op.Hlc, o.Node)).ToArray());
        Gen.Select(ops, Gen.Int[0, int.MaxValue]).Sample((all, seed) =>
        {
            var shuffled = all.Concat(all).ToArray();
            new Random(seed).Shuffle(shuffled);
            return Show(Fold(all)) == Show(Fold(shuffled));
        });
    }

    private static RecordState? Fold(IEnumerable<(Op Op, Guid Node)> ops) =>
        ops.Aggregate((RecordState?)null, (state, o) => RecordState.Apply(state, o.Op, o.Node).State);

    private static string Show(RecordState? state) => string.Join(",", JsonNode.Parse(state!.Data.Span)!.AsObject().OrderBy(f => f.Key, StringComparer.Ordinal)
        .Select(f => $"{f.Key}={f.Value}@{state.FieldVersions()[f.Key]}")) + state.Deleted;
}
