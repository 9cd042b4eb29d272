namespace TdmEdu.Sync.Exchange;

/// <summary>Why a call to Central gave no answer.</summary>
public enum Failure
{
    /// <summary>No line, no time, or Central's store is down.</summary>
    Unavailable = 1,

    /// <summary>A newer session took this one's place.</summary>
    Stale,

    /// <summary>Central has no room and said when to come back.</summary>
    Busy,

    /// <summary>The lane's chain is not the one that Central holds.</summary>
    Broken,

    /// <summary>This box is withdrawn or not known.</summary>
    Denied,

    /// <summary>Connected, something to send, and nothing moved.</summary>
    Stuck,
}
