namespace TdmEdu.Modules.Shell.Joining;

/// <summary>What the certificates between the hosts say.</summary>
public static class TlsNames
{
    /// <summary>Under it are the names by which the hosts know each other.</summary>
    public const string Internal = "tdmedu.internal";

    /// <summary>The name that Central's certificate bears towards the boxes, whatever address leads there.</summary>
    public const string Central = $"central.{Internal}";

    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";
}
