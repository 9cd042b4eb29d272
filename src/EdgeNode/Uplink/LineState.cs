namespace TdmEdu.EdgeNode.Uplink;

public enum Line
{
    Connecting = 1,
    Online,
    Offline,

    /// <summary>Central holds another history under this box's name; sending stops until a person has decided.</summary>
    Fault,
}

/// <summary>What the school's IT sees of the line. Times are null until the first contact.</summary>
public sealed record LineState(Line Line, DateTimeOffset? LastContact, string? Reason);
