using Grpc.Core;
using Microsoft.AspNetCore.Http;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell;

/// <summary>The one table from error codes to HTTP and gRPC statuses.</summary>
public static class ErrorMap
{
    public static int ToHttp(ErrorCode code) => code switch
    {
        ErrorCode.Invalid => StatusCodes.Status400BadRequest,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.Conflict => StatusCodes.Status409Conflict,
        ErrorCode.Denied => StatusCodes.Status403Forbidden,
        ErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status415UnsupportedMediaType,
    };

    public static StatusCode ToGrpc(ErrorCode code) => code switch
    {
        ErrorCode.Invalid => StatusCode.InvalidArgument,
        ErrorCode.NotFound => StatusCode.NotFound,
        ErrorCode.Conflict => StatusCode.FailedPrecondition,
        ErrorCode.Denied => StatusCode.PermissionDenied,
        ErrorCode.Unavailable => StatusCode.Unavailable,
        _ => StatusCode.Unimplemented,
    };

    /// <summary>RFC 9457 problem details with the sentence in the reader's language and the machine code as "reason".</summary>
    public static IResult ToProblem(this Error error, Words words) => Results.Problem(
        detail: words[error.Message],
        statusCode: ToHttp(error.Code),
        extensions: new Dictionary<string, object?> { ["reason"] = error.Reason });
}
