using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>The department's root for the school's computers and phones, and how it is installed there. Open to everybody: it is no secret.</summary>
internal static class RootPages
{
    public const string Path = "/cai-chung-chi";
    private const string FilePath = "/chung-chi-goc.crt";

    public static void MapRoot(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (BoxIdentity box) => new RazorComponentResult<RootPage>(new { Root = box.Roots[0], FilePath })).AllowAnonymous();
        routes.MapGet(FilePath, (BoxIdentity box) => Results.File(box.Roots[0].RawData, "application/x-x509-ca-cert", "tdmedu-root.crt")).AllowAnonymous();
        // Where the browser of whoever has just enrolled the box looks again.
        routes.MapGet(JoinHost.Path, () => Results.LocalRedirect(Path)).AllowAnonymous();
    }

    /// <summary>As Windows and Android show it, in groups that are read aloud.</summary>
    public static string Fingerprint(System.Security.Cryptography.X509Certificates.X509Certificate2 root) =>
        string.Join(' ', root.GetCertHashString(HashAlgorithmName.SHA256).Chunk(4).Select(group => new string(group)));
}
