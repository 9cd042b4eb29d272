using System.Globalization;

namespace TdmEdu.Sync;

/// <summary>The six kinds of refusal. One table in Modules/Shell maps them to HTTP and gRPC statuses.</summary>
public enum ErrorCode
{
    Invalid = 1,
    NotFound,
    Conflict,
    Denied,
    Unavailable,
    Unsupported,
}

/// <summary>
/// A sentence for a person: the Vietnamese template is the text and, as in gettext, the key of its English translation.
/// </summary>
public sealed record Text(string Template, params object[] Args)
{
    public string Vietnamese => Args.Length == 0 ? Template : string.Format(CultureInfo.GetCultureInfo("vi-VN"), Template, Args);

    public override string ToString() => Vietnamese;
}

/// <summary>Why a request was refused and what to do next. <see cref="Reason"/> is the stable code for machines.</summary>
public sealed record Error(ErrorCode Code, string Reason, Text Message)
{
    /// <summary>Set when there was no room: after how many milliseconds to try again.</summary>
    public int? RetryAfterMs { get; init; }

    public static Error Invalid(string reason, string template, params object[] args) => new(ErrorCode.Invalid, reason, new(template, args));

    public static Error NotFound(string reason, string template, params object[] args) => new(ErrorCode.NotFound, reason, new(template, args));

    public static Error Conflict(string reason, string template, params object[] args) => new(ErrorCode.Conflict, reason, new(template, args));

    public static Error Denied(string reason, string template, params object[] args) => new(ErrorCode.Denied, reason, new(template, args));

    public static Error Unavailable(string reason, string template, params object[] args) => new(ErrorCode.Unavailable, reason, new(template, args));

    public static Error Unsupported(string reason, string template, params object[] args) => new(ErrorCode.Unsupported, reason, new(template, args));
}
