using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>How hard it is to guess what is on a card.</summary>
public sealed class PupilKeyTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Threat T6: a classmate with a laptop, many addresses and all day.</summary>
    [Fact]
    public void Threat_T06_Ten_thousand_PINs_of_a_class_cannot_be_tried_and_a_right_one_pays_for_nobody_s_guesses()
    {
        var (delay, tried) = (new SignInDelay(clock), 0);
        var started = clock.GetUtcNow();
        while (clock.GetUtcNow() - started < TimeSpan.FromHours(24) && tried < 1_000)
        {
            // A new address for each guess, and the own PIN as often as one likes.
            if (delay.Begin("ABCDEF", $"10.0.{tried / 250}.{tried % 250}", isClass: true) is { } wait)
            {
                clock.Advance(wait);
                continue;
            }
            tried++;
            if (delay.Begin("ABCDEF", "10.9.9.9", isClass: true) is null)
            {
                delay.Succeeded("ABCDEF", "10.9.9.9", isClass: true);
            }
        }
        Assert.InRange(tried, 40, 400);
    }

    [Fact]
    public void A_whole_class_comes_in_in_the_same_minute_and_some_of_them_mistype()
    {
        var delay = new SignInDelay(clock);
        for (var pupil = 0; pupil < 42; pupil++)
        {
            Assert.Null(delay.Begin("ABCDEF", "10.0.0.5", isClass: true));
            if (pupil % 10 != 0)
            {
                delay.Succeeded("ABCDEF", "10.0.0.5", isClass: true);
            }
        }
    }

    [Fact]
    public void PINs_are_of_four_digits_and_none_is_the_first_that_one_tries()
    {
        var pins = Enumerable.Range(0, 20_000).Select(_ => PupilKeys.NewPin()).ToHashSet();
        Assert.All(pins, p => Assert.Matches("^[0-9]{4}$", p));
        Assert.InRange(pins.Count, 7_000, 9_400);
        Assert.DoesNotContain(pins, p => p is "0000" or "1111" or "1212" or "1234" or "4321" or "0123" or "9876");
    }

    [Theory]
    [InlineData("https://truong.lan/em#1234567890123456789012345678901234567890", true)]
    [InlineData("1234567890123456789012345678901234567890", true)]
    [InlineData("11234567890123456789012345678901234567890", false)]
    [InlineData("BCHK23", false)]
    public void The_secret_is_found_at_the_end_of_what_a_scanner_typed(string typed, bool found) => Assert.Equal(found, PupilKeys.SecretIn(typed) is not null);
}
