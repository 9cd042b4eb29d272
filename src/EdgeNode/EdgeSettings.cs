namespace TdmEdu.EdgeNode;

/// <summary>The settings of a box, section "Edge"; as environment variables Edge__DataDir and so on.</summary>
internal sealed record EdgeSettings
{
    /// <summary>Journal, cache and keys.</summary>
    public required string DataDir { get; init; }

    /// <summary>The box's keys and certificates; the box fills it when it joins.</summary>
    public required string IdentityDir { get; init; }

    /// <summary>Where Central's boxes' port answers, such as https://central.example:7444.</summary>
    public required Uri Central { get; init; }

    /// <summary>Where Central takes newcomers and renewals; beside the boxes' port unless said otherwise.</summary>
    public Uri? Enrolment { get; init; }

    public Uri EnrolmentAddress => Enrolment ?? new UriBuilder(Central) { Port = Central.Port + 1 }.Uri;

    /// <summary>Where parents reach Central's pages, such as https://central.example; links for parents lead to this box unless said.</summary>
    public Uri? CentralPages { get; init; }

    /// <summary>The address that the school's browsers reach; all of them unless said otherwise.</summary>
    public string Bind { get; init; } = "0.0.0.0";

    public int LanPort { get; init; } = 443;
}
