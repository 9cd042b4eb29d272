namespace TdmEdu.Simulation.Judging;

/// <summary>An invariant does not hold. <see cref="Name"/> begins with its number in the reference.</summary>
internal sealed class ViolationException(string name, string detail) : Exception($"{name}: {detail}")
{
    public string Name => name;
}
