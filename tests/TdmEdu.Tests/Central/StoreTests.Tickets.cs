using System.Security.Cryptography;
using TdmEdu.Central.Intake;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task Threat_T03_A_copied_key_and_disk_is_noticed_in_the_second_round_and_neither_goes_on_before_a_person_has_looked()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var copied = box.Hello(box.Head);
        Assert.Equal(OpenAction.Continue, (await box.Open(box.Head)).Value.Action);
        var copy = await OpenAs(box, copied);
        Assert.Equal(OpenAction.Continue, copy.Action);

        Assert.Equal(OpenAction.CloneSuspect, (await box.Open(box.Head)).Value.Action);
        Assert.NotNull((await NodeOf(box)).SuspectSinceMs);
        var stolen = copied with { LastSession = copy.Session };
        Assert.Equal("session_stale", (await box.Send(box.Next(box.Op(B, new Note("lén"))) with { Session = copy.Session })).Error.Reason);
        Assert.Equal(OpenAction.CloneSuspect, (await OpenAs(box, stolen)).Action);
        Assert.Equal(OpenAction.CloneSuspect, (await box.Open(box.Head)).Value.Action);

        await central.Get<Exchange>().Admit(box.Identity, Cancel);
        Assert.Equal(OpenAction.Continue, (await box.Open(box.Head)).Value.Action);
        Assert.Equal(2, (await box.Push(box.Op(B, new Note("hai")))).Durable.Seq);
        Assert.Equal(OpenAction.CloneSuspect, (await OpenAs(box, stolen with { Lanes = [new(box.Head, 0)] })).Action);
    }

    [Fact]
    public async Task Threat_T03_A_key_that_was_used_alone_at_night_is_noticed_when_the_box_calls()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        central.Clock.Advance(Greeting.Lease * 2);
        var thief = box.Hello() with { Epoch = RecordId.New(central.Clock), LastSession = [] };
        await OpenAs(box, thief);
        central.Clock.Advance(Greeting.Lease * 2);
        Assert.Equal(OpenAction.CloneSuspect, (await box.Open(box.Head)).Value.Action);
        Assert.Equal(OpenAction.CloneSuspect, (await OpenAs(box, thief)).Action);
    }

    [Fact]
    public async Task Answers_to_several_opens_in_a_row_may_be_lost()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var hello = box.Hello(box.Head);
        for (var lost = 0; lost < 3; lost++)
        {
            Assert.Equal(OpenAction.Continue, (await OpenAs(box, hello)).Action);
        }
        Assert.Equal(OpenAction.Continue, (await box.Open(box.Head)).Value.Action);
        Assert.Equal(OpenAction.Continue, (await box.Open(box.Head)).Value.Action);
    }

    [Fact]
    public async Task A_Central_from_a_backup_asks_once_for_no_ticket_because_it_cannot_know_the_newest()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var newer = box.Hello(box.Head) with { LastSession = RandomNumberGenerator.GetBytes(Greeting.TokenBytes) };
        Assert.Equal(OpenAction.CloneSuspect, (await OpenAs(box, newer)).Action);
        await central.Get<Exchange>().BeginFeed(Cancel);
        Assert.NotEqual(OpenAction.CloneSuspect, (await OpenAs(box, newer)).Action);
        Assert.Equal(OpenAction.CloneSuspect, (await OpenAs(box, newer with { LastSession = new byte[Greeting.TokenBytes] })).Action);
    }

    /// <summary>Another machine under the same name, or an answer that does not arrive.</summary>
    private async Task<Welcome> OpenAs(NodeBox box, Hello hello) => (await central.Get<Exchange>().Open(box.Identity, hello, Cancel)).Value;
}
