using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>What somebody who is signed in must know of the host itself, on every page; null when there is nothing.</summary>
public sealed record HostNotice(Func<Actor, Text?> Now);
