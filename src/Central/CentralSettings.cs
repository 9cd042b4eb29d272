namespace TdmEdu.Central;

/// <summary>Central's settings, section "Central"; as environment variables Central__DataDir and so on.</summary>
internal sealed record CentralSettings
{
    /// <summary>The certificate authority, cookie keys and, without PostgreSQL, the database.</summary>
    public required string DataDir { get; init; }

    public string Bind { get; init; } = "0.0.0.0";

    /// <summary>Browsers.</summary>
    public int WebPort { get; init; } = 443;

    /// <summary>The schools' boxes: a client certificate is required, so browsers cannot share this port.</summary>
    public int DevicePort { get; init; } = 7444;

    /// <summary>Boxes that have no certificate yet, or none that is still valid.</summary>
    public int EnrolmentPort { get; init; } = 7445;

    /// <summary>Ends of the names that a box's own certificate may bear; they must exist inside the schools only.</summary>
    public string[] LanDomains { get; init; } = ["lan", "local", "home.arpa"];

    /// <summary>Another server that people of the department may sign in with; none unless said so.</summary>
    public OpenId.OpenIdSettings? OpenId { get; init; }

    /// <summary>Where messages to families go out; without it none is sent.</summary>
    public Messages.SmtpSettings? Smtp { get; init; }

    /// <summary>Names and addresses under which browsers reach Central.</summary>
    public string[] WebHosts { get; init; } = ["localhost", "127.0.0.1"];
}
