using System.Runtime.InteropServices;

namespace TdmEdu.Simulation.Boxes;

/// <summary>The power went at a call of a port. The kernel must not catch it; it lets ExternalException pass everywhere.</summary>
internal sealed class CrashException : ExternalException;
