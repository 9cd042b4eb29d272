using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.Tests.Modules.Shell;

public class JoiningTests
{
    [Fact]
    public void Words_have_eleven_bits_and_are_not_confused_without_tone_marks()
    {
        Assert.Equal((64, 32), (Plain(FourWords.Things), Plain(FourWords.Qualities)));

        static int Plain(IReadOnlyList<string> words) => words.Select(VietnameseText.Fold).Distinct().Count();
    }

    [Fact]
    public void Words_change_with_each_thing_they_are_made_of()
    {
        var parts = Enumerable.Range(0, 5).Select(i => new byte[] { (byte)i, 1 }).ToArray();
        var words = Enumerable.Range(-1, 6).Select(changed => Of([.. parts.Select((p, i) => i == changed ? [9, 9] : p)])).ToList();
        Assert.Equal(6, words.Distinct().Count());
        // Where one part ends counts too.
        Assert.NotEqual(Of([[1, 2], [3], [], [], []]), Of([[1], [2, 3], [], [], []]));

        static string Of(byte[][] p) => FourWords.Of(p[0], p[1], p[2], p[3], p[4]);
    }

    [Fact]
    public void Codes_have_115_random_bits_are_read_as_people_write_them_and_tell_a_slip_of_the_finger()
    {
        var codes = Enumerable.Range(0, 2000).Select(_ => JoinCode.New()).ToList();
        Assert.Equal(codes.Count, codes.Distinct().Count());
        for (var letter = 0; letter < 23; letter++)
        {
            Assert.Equal(32, codes.Select(c => c.Replace("-", "", StringComparison.Ordinal)[letter]).Distinct().Count());
        }
        var code = codes.First(c => c.Contains('0', StringComparison.Ordinal) && c.Contains('1', StringComparison.Ordinal));
        Assert.Equal(JoinCode.Hash(code), JoinCode.Hash(code.ToLowerInvariant().Replace('0', 'o').Replace('1', 'l').Replace('-', ' ')));
        Assert.Null(JoinCode.Hash(code[..^1]));
        var slips = codes.Count(c => JoinCode.Hash((c[0] == 'A' ? 'B' : 'A') + c[1..]) is null);
        Assert.InRange(slips, 1850, 2000);
    }
}
