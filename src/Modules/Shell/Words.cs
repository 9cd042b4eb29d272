using System.Globalization;
using System.Resources;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell;

/// <summary>
/// The page's texts. The Vietnamese sentence is the key, as in gettext; Words.en.resx holds the English one. The language of
/// the request is <see cref="CultureInfo.CurrentUICulture"/>. A sentence without a translation is shown in Vietnamese; a test lists such.
/// </summary>
public sealed class Words
{
    /// <summary>The set alone: a manager would look for a neutral one next, which there is not, and throw.</summary>
    private static readonly Lazy<ResourceSet?> English = new(() =>
        new ResourceManager("TdmEdu.Modules.Shell.Words", typeof(Words).Assembly).GetResourceSet(CultureInfo.GetCultureInfo("en"), createIfNotExists: true, tryParents: false));

    public string this[string vietnamese, params object[] args]
    {
        get
        {
            var culture = CultureInfo.CurrentUICulture;
            var template = culture.TwoLetterISOLanguageName == "en" ? English.Value?.GetString(vietnamese) ?? vietnamese : vietnamese;
            return args.Length == 0 ? template : string.Format(culture, template, args);
        }
    }

    public string this[Text text] => this[text.Template, text.Args];
}
