using System.Text;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>One operation that Central did not take, as a person may see it.</summary>
/// <param name="At">In the school's time.</param>
/// <param name="What">Its entity's Vietnamese name, or the bare key of an entity that this build does not know.</param>
/// <param name="Content">As it was recorded; null when this person may not read such records.</param>
/// <param name="Page">Where it can be entered again, if this person may open that page.</param>
public sealed record RefusedLine(DateTimeOffset At, string? Who, string What, string Reason, string? Content, string? Page)
{
    private const int ContentCharsMax = 4000;

    public static RefusedLine Of(
        Catalogue catalogue, Navigation navigation, Actor reader, string entity, ReadOnlySpan<byte> data, string reason, DateTimeOffset at, string? who)
    {
        var type = catalogue.Find(entity);
        var content = type?.Allows(reader.Roles, Verbs.Read) == true ? Encoding.UTF8.GetString(data) : null;
        var page = reason != RefusalReason.ScopeDenied && navigation.For(reader).Any(e => e.Path == type?.Page) ? type!.Page : null;
        return new(at, who, type?.Name ?? entity, reason, content?.Length > ContentCharsMax ? content[..ContentCharsMax] + "…" : content, page);
    }
}
