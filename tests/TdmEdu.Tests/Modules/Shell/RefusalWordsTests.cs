using System.Globalization;
using System.Reflection;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Shell;

public class RefusalWordsTests
{
    private static readonly Navigation Menu = new(new(Side.Edge, Scope.City), [new("/hoc-sinh", "Học sinh", Roles.Office, Side.Edge)]);

    [Fact]
    public void Every_code_of_the_kernel_has_its_words_and_no_other_has()
    {
        var codes = typeof(RefusalReason).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(codes.Order(), RefusalWords.Codes.Order());
        Assert.Contains("number_negative", RefusalWords.Of("number_negative").Why.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_sentence_and_every_name_has_its_English()
    {
        var names = AllModules.Catalogue().Entities.Select(e => e.Name).ToList();
        var texts = RefusalWords.Sentences.Select(s => s.Template).Concat(AuditWords.Events.Values).Concat(AuditWords.Results.Values).Concat(AuditWords.Objects.Values);
        Assert.DoesNotContain(names, n => n.Contains('.', StringComparison.Ordinal));
        var (words, before) = (new Words(), CultureInfo.CurrentUICulture);
        CultureInfo.CurrentUICulture = new("en");
        try
        {
            Assert.All(names.Concat(texts), text => Assert.NotEqual(text, words[text]));
            Assert.Equal("mã mà chưa ai dịch", words["mã mà chưa ai dịch"]);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Theory]
    [InlineData(Roles.Office, "registry.pupil", "{}", "/hoc-sinh")]
    [InlineData(Roles.SchoolIt, "attendance.submission", null, null)]
    [InlineData(Roles.Office, "kitchen.meal", null, null)]
    public void Content_and_page_are_for_those_who_may_read_and_open_them(Roles role, string entity, string? content, string? page)
    {
        var reader = new Actor(Guid.Empty, Scope.City, role);
        var line = RefusedLine.Of(AllModules.Catalogue(), Menu, reader, entity, "{}"u8, RefusalReason.BadContent, default, null);
        Assert.Equal((content, page), (line.Content, line.Page));
    }
}
