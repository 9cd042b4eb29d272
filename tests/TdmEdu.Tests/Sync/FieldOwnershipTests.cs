using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync;

public class FieldOwnershipTests
{
    private static readonly EntityType Plain = new("profile", typeof(Profile), 1);

    private static readonly EntityType Owned = Plain with
    {
        FieldsOwnedBy = new Dictionary<string, Side> { ["quota"] = Side.Central, ["phone"] = Side.Edge, ["note"] = Side.Edge | Side.Central, ["$deleted"] = Side.Central },
    };

    [Theory]
    [InlineData("""{"phone":"1","note":"x","name":"A","unknown":1}""", "")]
    [InlineData("""{"phone":"1","quota":9}""", "quota")]
    [InlineData("""{"\u0071uota":null}""", "quota")]
    [InlineData("""{"quota":9,"$deleted":false}""", "$deleted quota")]
    [InlineData("""[1]""", "")]
    public void An_edge_is_told_the_fields_it_does_not_own(string json, string foreign) =>
        Assert.Equal(foreign, string.Join(' ', FieldOwnership.NotOwnedBy(Side.Edge, Owned, Put(1, json).Op)));

    [Fact]
    public void The_department_is_told_as_well() =>
        Assert.Equal(["phone"], FieldOwnership.NotOwnedBy(Side.Central, Owned, Put(1, """{"phone":"1","quota":9,"note":""}""").Op));

    [Fact]
    public void A_delete_belongs_to_whoever_owns_deletion()
    {
        Assert.Equal(["$deleted"], FieldOwnership.NotOwnedBy(Side.Edge, Owned, Delete(1).Op));
        Assert.Empty(FieldOwnership.NotOwnedBy(Side.Central, Owned, Delete(1).Op));
        Assert.Empty(FieldOwnership.NotOwnedBy(Side.Edge, Plain, Delete(1).Op));
    }

    [Fact]
    public void The_catalogue_names_owners_only_where_they_are_declared()
    {
        Assert.DoesNotContain("phone owned-by", new Catalogue([Plain], []).Describe(), StringComparison.Ordinal);
        Assert.Contains(
            "  $deleted owned-by=Central\n  note owned-by=Edge, Central\n  phone owned-by=Edge\n  quota owned-by=Central\n",
            new Catalogue([Owned], []).Describe(), StringComparison.Ordinal);
    }

    private sealed record Profile(string Name, string Phone, string Note, int Quota);
}
