using TdmEdu.EdgeNode;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>The machine's clock is set to any time here; the box's must be right, or say that it is not sure.</summary>
public sealed class BoxClockTests : IDisposable
{
    private static readonly DateTimeOffset Truth = new(2026, 11, 23, 1, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("clock-").FullName;
    private readonly SettableClock machine = new() { Now = Truth };

    [Fact]
    public void Case_36_A_clock_at_1970_is_put_right_by_contact_and_says_after_the_next_start_that_it_is_not_sure()
    {
        machine.Now = DateTimeOffset.UnixEpoch;
        var clock = Start();
        Assert.Equal((false, new DateOnly(2026, 8, 1)), (clock.IsSure, clock.Today()));
        clock.Learn(Truth);
        Assert.Equal((true, Truth), (clock.IsSure, clock.GetUtcNow()));
        machine.Now += TimeSpan.FromDays(1);
        Assert.Equal((true, new DateOnly(2026, 11, 24)), (clock.IsSure, clock.Today()));
        clock.Keep();
        machine.Now = DateTimeOffset.UnixEpoch;
        Assert.Equal((false, Truth.AddDays(1)), (Start().IsSure, Start().GetUtcNow()));
    }

    [Fact]
    public async Task Case_36_What_is_saved_while_the_clock_says_1970_is_saved_in_its_order_and_the_day_is_right_after_contact()
    {
        machine.Now = DateTimeOffset.UnixEpoch;
        var clock = Start();
        await using var box = await EdgeBox.Start(clock);
        Assert.False(clock.IsSure);
        Assert.True((await box.Submit(box.NewId())).Ok);
        Assert.True((await box.Submit(box.NewId())).Ok);
        clock.Learn(Truth);
        Assert.Equal((true, new DateOnly(2026, 11, 23)), (clock.IsSure, clock.Today()));
        var after = box.NewId();
        Assert.True((await box.Submit(after, clock.Today(), [])).Ok);

        var stamps = box.Owner.Journal.ReadLane(Lane.Attendance, 1, 10, int.MaxValue).Select(o => o.Op.Hlc).ToList();
        Assert.Equal(stamps.Order().Distinct(), stamps);
        var earliest = clock.Earliest.ToUnixTimeMilliseconds();
        Assert.All(stamps[..2], s => Assert.InRange(s.Milliseconds, earliest, earliest + 60_000));
        Assert.Equal(Truth.ToUnixTimeMilliseconds(), stamps[2].Milliseconds);
        var held = await box.Owner.Read(r => r.Get<Submission>(EdgeBox.School, after), TestContext.Current.CancellationToken);
        Assert.Equal(new DateOnly(2026, 11, 23), held!.Value.Date);
    }

    [Fact]
    public void A_clock_that_is_mended_afterwards_is_believed_again()
    {
        machine.Now = Truth.AddYears(5);
        Start().Learn(Truth);
        Assert.Equal(Truth, Start().GetUtcNow());
        machine.Now = Truth.AddHours(1);
        Assert.Equal(Truth.AddHours(1), Start().GetUtcNow());
        machine.Now = Truth.AddYears(-30);
        Start().Learn(Truth);
        machine.Now = Truth.AddDays(100);
        Assert.Equal((true, Truth.AddDays(100)), (Start().IsSure, Start().GetUtcNow()));
    }

    [Theory]
    [InlineData(-40)]
    [InlineData(73)]
    public void A_year_that_cannot_be_is_not_believed_and_time_goes_on_from_what_was_known(int years)
    {
        Start().Learn(Truth);
        machine.Now = Truth.AddYears(years);
        var clock = Start();
        Assert.Equal((false, Truth), (clock.IsSure, clock.GetUtcNow()));
        Assert.False(clock.TrySet(Truth.AddYears(-40)));
        Assert.True(clock.TrySet(Truth.AddDays(3)));
        Assert.Equal((true, Truth.AddDays(3)), (clock.IsSure, clock.GetUtcNow()));
        Assert.Equal(Truth.AddDays(3), Start().GetUtcNow());
    }

    [Fact]
    public void What_the_box_has_lived_through_is_kept_each_hour_without_contact()
    {
        Start().Learn(Truth);
        var clock = Start();
        machine.Now = Truth.AddDays(30);
        clock.Keep();
        machine.Now = DateTimeOffset.UnixEpoch;
        Assert.Equal(Truth.AddDays(30), Start().GetUtcNow());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => 0;
    }

    private BoxClock Start() => new(folder, new DateTimeOffset(2026, 8, 1, 0, 0, 0, TimeSpan.Zero), machine);
}
