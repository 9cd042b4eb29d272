using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpServer.Protocol;
using TdmEdu.Central.Messages;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    private const string MaisMother = "me.cua.mai@vidu.example";
    private static readonly DateOnly Monday = new(2026, 9, 7);

    [Fact]
    public async Task A_family_is_told_once_that_its_child_is_missing_and_once_that_it_is_not()
    {
        await using var server = new MailServer();
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await OneFamilyWithAddress(box);
        await Submit(box, Monday, new Mark(Lan, MarkCode.Unexcused), new Mark(Mai, MarkCode.Unexcused));
        await line.Sync();
        await Messenger(server);
        Assert.Equal((MessageState.Waiting, MessageWait.Grace), await Told(Mai));
        Assert.Empty(server.Received);

        await Later(MessageRules.Grace, server);
        await Later(TimeSpan.FromMinutes(1), server);
        var mail = Assert.Single(server.Received);
        Assert.Equal(MaisMother, $"{mail.To}");
        Assert.Equal($"{ParentMessage.IdOf(Old, new(Mai, Monday, Slot.Morning), 1):n}@giaoduc.example", mail.MessageId);
        Assert.Contains("gia đình em Mai,", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("em vừa vắng buổi sáng ngày 07/09/2026", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("Lan", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal((MessageState.Sent, null), await Told(Mai));
        Assert.Equal((MessageState.Waiting, MessageWait.NoAddress), await Told(Lan));

        // The school hears on its own box what became of it, and puts right what was wrong.
        await line.Sync();
        Assert.Equal(2, (await box.Owner.Read(r => r.All<ParentMessage>(Old), Cancel)).Count(m => m.Value.State is MessageState.Sent or MessageState.Waiting));
        await Submit(box, Monday, new Mark(Mai, MarkCode.Present));
        await line.Sync();
        await Later(MessageRules.Grace, server);
        await Later(TimeSpan.FromHours(1), server);
        Assert.Equal(2, server.Received.Count);
        Assert.Contains("em có đến lớp", server.Received[1].TextBody, StringComparison.Ordinal);

        central.Clock.Advance(TimeSpan.FromDays(1));
        await Messenger(server);
        Assert.Equal((2, (MessageState.Expired, MessageWait.NoAddress)), (server.Received.Count, await Told(Lan)));
    }

    /// <summary>What is in doubt is not sent again: a family that is told twice calls the school twice.</summary>
    [Fact]
    public async Task Killed_between_the_sending_and_its_note_a_message_is_not_sent_again_and_is_shown_as_unknown()
    {
        await using var server = new MailServer();
        await using var box = await EdgeBox.Start(central.Clock);
        await OneFamilyIsDue(box);
        using var dying = ChildProcess.Start($"{ChildProcess.SendMessages} {server.Port} {central.NowMs} {connection}", central.Folder);
        server.BeforeAnswer = dying.Kill;
        await dying.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, dying.ExitCode);
        Assert.Single(server.Received);
        Assert.Equal(MessageState.Sending, (await Told(Mai))?.State);

        // Started again, at once and after a while.
        await Messenger(server);
        await Later(MessageRules.LostAfter, server);
        await Later(TimeSpan.FromHours(1), server);
        Assert.Single(server.Received);
        Assert.Equal((MessageState.Unknown, null), await Told(Mai));
    }

    [Fact]
    public async Task Two_Centrals_that_look_at_once_send_a_message_once()
    {
        await using var server = new MailServer();
        await using var box = await EdgeBox.Start(central.Clock);
        await OneFamilyIsDue(box);
        await using var second = await CentralBox.Start(connection, Samples.Catalogue(), central.Clock);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Task.Run(() => Messenger([new EmailChannel(server.Settings)], n % 2 == 0 ? central : second))));
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task A_box_that_was_offline_for_five_days_tells_no_family_twice_nor_of_days_that_are_over()
    {
        await using var server = new MailServer();
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await OneFamilyWithAddress(box);
        for (var day = 0; day < 5; day++)
        {
            await Submit(box, Monday.AddDays(day), new Mark(Mai, MarkCode.Unexcused));
            central.Clock.Advance(day < 4 ? TimeSpan.FromDays(1) : TimeSpan.FromHours(3));
        }
        await line.Sync();
        await Messenger(server);
        await line.Sync();
        await Messenger(server);
        var mail = Assert.Single(server.Received);
        Assert.Contains("em đã vắng buổi sáng ngày 11/09/2026", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal(
            [MessageState.Expired, MessageState.Expired, MessageState.Expired, MessageState.Expired, MessageState.Sent],
            await central.Records.Read(r => r.All<ParentMessage>(Old).OrderBy(m => m.Value.Date).Select(m => m.Value.State).ToList(), Cancel));
    }

    [Fact]
    public async Task What_cannot_be_sent_waits_and_says_what_for_and_is_never_called_sent()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await OneFamilyWithAddress(box);
        var lan = (await central.Records.Read(r => r.Get<Pupil>(Old, Lan), Cancel))!;
        await Write([central.Catalogue.Change(Old, lan, (LansSecrets with { Email = "cha@vidu.example" }).SealInto(lan.Value, central.Seals, Old, Lan))!]);
        await Submit(box, Monday, new Mark(Mai, MarkCode.Unexcused), new Mark(Lan, MarkCode.Unexcused));
        await line.Sync();
        central.Clock.Advance(MessageRules.Grace);
        await Messenger([]);
        Assert.Equal((MessageState.Waiting, MessageWait.NoChannel), await Told(Mai));
        var port = MailServer.FreePort();
        await Messenger(new EmailChannel(new() { Host = "127.0.0.1", Port = port, From = "a@b.example" }));
        Assert.Equal((MessageState.Waiting, MessageWait.Channel), await Told(Mai));
        Assert.Equal((MessageState.Waiting, MessageWait.Channel), await Told(Lan));

        await using var server = new MailServer(port: port) { Answer = new(SmtpReplyCode.InsufficientStorage, "đầy") };
        await Messenger(server);
        Assert.Equal((MessageState.Waiting, MessageWait.Channel), await Told(Mai));
        server.Answer = SmtpResponse.TransactionFailed;
        await Messenger(server);
        Assert.Equal((MessageState.Failed, null), await Told(Mai));
        server.Answer = SmtpResponse.Ok;
        await Messenger(server);
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task A_family_that_has_asked_hears_nothing_before_the_school_has_answered()
    {
        await using var server = new MailServer();
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await OneFamilyWithAddress(box);
        var asked = box.NewId();
        await Parent(new AbsenceNotice(Mai, Monday, Monday, [Slot.Morning], null, Mai, Sender.Parent, central.NowMs), asked);
        await Submit(box, Monday, new Mark(Mai, MarkCode.Unexcused));
        await line.Sync();
        await Later(TimeSpan.FromHours(1), server);
        Assert.Equal((MessageState.Waiting, MessageWait.Notice), await Told(Mai));
        var approved = await box.Owner.Decide(
            EdgeBox.Office, r => DecideNotice.Decide(EdgeBox.Catalogue, central.Seals, r, EdgeBox.Office, asked, NoticeState.Approved, "", central.Clock), Cancel);
        Assert.True(approved.Ok);
        await line.Sync();
        await Messenger(server);
        Assert.Equal((0, (MessageState.NotNeeded, null)), (server.Received.Count, await Told(Mai)));

        async Task Parent(AbsenceNotice notice, Guid id) => Assert.True((await box.Owner.Decide<int>(
            new(Mai, Old, Roles.Parent), _ => new(0, [EdgeBox.Catalogue.Create(Old, id, notice)]), Cancel)).Ok);
    }

    private async Task OneFamilyIsDue(EdgeBox box)
    {
        var line = await OneFamilyWithAddress(box);
        await Submit(box, Monday, new Mark(Mai, MarkCode.Unexcused));
        await line.Sync();
        central.Clock.Advance(MessageRules.Grace);
    }

    /// <summary>Mai's family has an address, Lan's has none.</summary>
    private async Task<EdgeLine> OneFamilyWithAddress(EdgeBox box)
    {
        var line = await TwoSchools(box);
        var mai = (await central.Records.Read(r => r.Get<Pupil>(Old, Mai), Cancel))!;
        await Write([central.Catalogue.Change(Old, mai, new PupilSecrets(Email: MaisMother).SealInto(mai.Value, central.Seals, Old, Mai))!]);
        await line.Sync();
        return line;
    }

    private async Task Later(TimeSpan time, MailServer server)
    {
        central.Clock.Advance(time);
        await Messenger(server);
    }

    private Task Messenger(MailServer server) => Messenger(new EmailChannel(server.Settings));

    private Task Messenger(IMessageChannel channel) => Messenger([channel]);

    private Task Messenger(IMessageChannel[] channels) => Messenger(channels, central);

    private static async Task Messenger(IMessageChannel[] channels, CentralBox at)
    {
        using var messenger = new ParentMessenger(at.Records, at.Catalogue, at.Seals, channels, at.Clock, NullLogger<ParentMessenger>.Instance);
        await messenger.Run(back: true, CancellationToken.None);
    }

    /// <summary>How the newest message about a pupil stands.</summary>
    private Task<(MessageState State, MessageWait? Why)?> Told(Guid pupil) => central.Records.Read(
        r => r.All<ParentMessage>(Old).Select(m => m.Value).Where(m => m.Pupil == pupil).MaxBy(m => m.Number) is { } m ? (m.State, m.Why) : ((MessageState, MessageWait?)?)null,
        Cancel);

    /// <summary>In a process of its own.</summary>
    internal static async Task SendUntilKilled(string seals, string[] role)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(role[2], CultureInfo.InvariantCulture));
        await using var box = await CentralBox.Start(role[3], Samples.Catalogue(), new(at), seals);
        await Messenger([new EmailChannel(new() { Host = "127.0.0.1", Port = int.Parse(role[1], CultureInfo.InvariantCulture), From = "a@b.example" })], box);
    }
}
