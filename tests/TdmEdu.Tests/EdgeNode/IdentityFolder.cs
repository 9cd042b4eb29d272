using Google.Protobuf;
using TdmEdu.Central.Schools;
using TdmEdu.EdgeNode;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Modules.Shell.Sealing;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>What a box holds after it was enrolled, without the enrolment.</summary>
internal static class IdentityFolder
{
    public static void Make(string directory, DepartmentCa authority)
    {
        var keys = BoxIdentity.Keys(directory);
        using var node = authority.SignNode(BoxKey.Of(keys.Node.ToByteArray())!, EdgeBox.Node);
        using var lan = authority.SignLan(BoxKey.Of(keys.Lan.ToByteArray())!, ["localhost"]);
        BoxIdentity.Save(directory, EdgeBox.Node, EdgeBox.School.Owner, new()
        {
            Node = ByteString.CopyFrom(node.RawData), Lan = ByteString.CopyFrom(lan.RawData), Roots = { ByteString.CopyFrom(authority.Certificate.RawData) },
        });
        _ = new Seals(directory, makes: true).Export(EdgeBox.School);
    }
}
