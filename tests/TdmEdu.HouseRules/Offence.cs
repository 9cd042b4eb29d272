namespace TdmEdu.HouseRules.Offence;

/// <summary>What the architecture rules must catch.</summary>
internal sealed class DoesIo
{
    public static bool Exists(string file) => File.Exists(file);
}

#pragma warning disable CA1852 // This is the offence.
internal class OpenClass;
