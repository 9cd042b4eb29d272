using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell;

/// <summary>What makes the site installable on a phone: the manifest, and the service worker, which must come from the root.</summary>
public static class InstallableApp
{
    private const string Worker = "/_content/modules/js/Shell/ServiceWorker.js";

    private static readonly string[] KeptTypes = [".js", ".css", ".svg", ".png", ".html"];
    private static readonly string[] KeptFolders = ["", "/lib/bootstrap", "/js/Attendance", "/js/Shell", "/icons"];

    public static void MapInstallableApp(this IEndpointRouteBuilder routes)
    {
        var files = routes.ServiceProvider.GetRequiredService<IWebHostEnvironment>();
        var worker = new Lazy<byte[]>(() => Compose(files.WebRootFileProvider));
        routes.MapGet("/sw.js", (HttpContext http) => Reply(http, worker.Value, "text/javascript; charset=utf-8")).AllowAnonymous();
        routes.MapGet("/manifest.webmanifest", (HttpContext http, Words words) => Reply(http, Manifest(words), "application/manifest+json"))
            .AllowAnonymous();
    }

    private static IResult Reply(HttpContext http, byte[] body, string type)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(body, type);
    }

    /// <summary>The worker's script under a version that changes with any file it keeps, so a new build replaces them together.</summary>
    private static byte[] Compose(IFileProvider root)
    {
        var paths = KeptFolders.SelectMany(folder => root.GetDirectoryContents($"/_content/modules{folder}")
                .Where(f => !f.IsDirectory && KeptTypes.Contains(Path.GetExtension(f.Name)))
                .Select(f => $"/_content/modules{folder}/{f.Name}"))
            .Where(path => path != Worker).Order(StringComparer.Ordinal).ToArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths.Append(Worker))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path));
            hash.AppendData(Read(root, path));
        }
        var version = Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
        var head = $"const VERSION = \"{version}\";\nconst ASSETS = {JsonSerializer.Serialize(paths)};\n";
        return [.. Encoding.UTF8.GetBytes(head), .. Read(root, Worker)];
    }

    private static byte[] Read(IFileProvider root, string path)
    {
        using var stream = root.GetFileInfo(path).CreateReadStream();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static byte[] Manifest(Words words) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            id = "/diem-danh",
            name = words["Điểm danh trường học"],
            short_name = words["Điểm danh"],
            start_url = "/diem-danh",
            scope = "/",
            display = "standalone",
            lang = Language.Current,
            background_color = "#ffffff",
            theme_color = "#0b4f8a",
            icons = new[]
            {
                new { src = "/_content/modules/icons/app-192.png", sizes = "192x192", type = "image/png", purpose = "any maskable" },
                new { src = "/_content/modules/icons/app-512.png", sizes = "512x512", type = "image/png", purpose = "any maskable" },
            },
        },
        Json.Options);
}
