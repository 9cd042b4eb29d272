using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell;

/// <summary>What everybody who is signed in must know of the host itself, on every page; null when there is nothing.</summary>
public sealed record HostNotice(Func<Text?> Now);
