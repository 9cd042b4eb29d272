namespace TdmEdu.EdgeNode;

/// <summary>The settings of a box, section "Edge"; as environment variables Edge__DataDir and so on.</summary>
internal sealed record EdgeSettings
{
    /// <summary>Journal, cache and keys.</summary>
    public required string DataDir { get; init; }

    /// <summary>The folder that "TdmEdu.Central provision" made for this box.</summary>
    public required string IdentityDir { get; init; }

    /// <summary>Where Central's boxes' port answers, such as https://central.example:7444.</summary>
    public required Uri Central { get; init; }

    /// <summary>The address that the school's browsers reach; all of them unless said otherwise.</summary>
    public string Bind { get; init; } = "0.0.0.0";

    public int LanPort { get; init; } = 443;
}
