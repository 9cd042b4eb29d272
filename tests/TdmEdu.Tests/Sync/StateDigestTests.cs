using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync;

public class StateDigestTests
{
    private static readonly RecordState One = new(Scope.City, "x", Number(1), """{"a":1,"b":"ă"}"""u8.ToArray(), new FieldVersion(new(7), Number(1)).ToString(), Deleted: false);

    [Fact]
    public void Order_of_fields_and_of_records_does_not_matter()
    {
        var turned = One with { Data = """{ "b": "ă", "\u0061":1 }"""u8.ToArray() };
        var two = One with { Id = Number(2) };
        Assert.Equal(default(StateDigest).Add(One).Add(two), default(StateDigest).Add(two).Add(turned));
    }

    [Fact]
    public void What_is_removed_leaves_no_trace()
    {
        var two = One with { Id = Number(2) };
        Assert.Equal(default(StateDigest).Add(two), default(StateDigest).Add(One).Add(two).Remove(One));
        Assert.Equal(default, default(StateDigest).Add(One).Remove(One));
    }

    [Fact]
    public void Every_difference_shows()
    {
        RecordState[] others =
        [
            One,
            One with { Scope = Scope.Department },
            One with { Entity = "y" },
            One with { Id = Number(2) },
            One with { Deleted = true },
            One with { Versions = new FieldVersion(new(8), Number(1)).ToString() },
            One with { Versions = new FieldVersion(new(7), Number(2)).ToString() },
            One with { Data = """{"a":1,"b":"a"}"""u8.ToArray() },
            One with { Data = """{"a":1,"c":"ă"}"""u8.ToArray() },
            One with { Data = """{"a":1}"""u8.ToArray() },
            One with { Data = """{"b":1,"a":"ă"}"""u8.ToArray() },
        ];
        Assert.Equal(others.Length, others.Select(o => default(StateDigest).Add(o)).Distinct().Count());
        Assert.NotEqual(default(StateDigest).Add(One).Add(One), default(StateDigest).Add(One));
    }

    /// <summary>Replicas of different builds compare digests: what the bytes are is part of the protocol.</summary>
    [Fact]
    public void The_digest_of_a_known_record_never_changes()
    {
        Assert.Equal("0:00000000000000000000000000000000", default(StateDigest).ToString());
        Assert.Equal("1:5311a5d86835d2c8a3b797e5791d3b16", default(StateDigest).Add(One).ToString());
    }
}
