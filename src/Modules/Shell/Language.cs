using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;

namespace TdmEdu.Modules.Shell;

/// <summary>Vietnamese unless the person chose English; the choice is a cookie, never the browser's header.</summary>
public static class Language
{
    private const string CookieName = "__Host-tdmedu-lang";
    private const string Vietnamese = "vi-VN";
    private const string English = "en-GB";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public static string Current => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;

    internal static void Configure(RequestLocalizationOptions options)
    {
        options.DefaultRequestCulture = new(Vietnamese);
        options.SupportedCultures = options.SupportedUICultures = [new(Vietnamese), new(English)];
        options.RequestCultureProviders =
        [
            new CustomRequestCultureProvider(http => Task.FromResult<ProviderCultureResult?>(
                new(http.Request.Cookies[CookieName] == "en" ? English : Vietnamese))),
        ];
    }

    internal static IResult Choose(HttpContext http)
    {
        var chosen = http.Request.Form["lang"] == "en" ? "en" : "vi";
        http.Response.Cookies.Append(CookieName, chosen, new()
        {
            HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, MaxAge = Kept, IsEssential = true,
        });
        return Results.LocalRedirect(LocalPath.Of(http.Request.Form["tiep"]));
    }
}

/// <summary>A path on this site; anything else, such as another site's address, becomes the home page.</summary>
public static class LocalPath
{
    public static string Of(string? path) =>
        path is ['/', ..] && path is not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) ? path : "/";
}
