using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit.Security;
using SmtpServer.Protocol;
using TdmEdu.Central.Messages;

namespace TdmEdu.Tests.Central;

/// <summary>The real channel against a real server, and what it says of every way in which that goes wrong.</summary>
public class EmailChannelTests
{
    private static readonly Letter Letter = new(new(7, 0, 0, new byte[8]), "me@vidu.example", "Tin vắng học", "Kính gửi gia đình em Nguyễn Thị Ánh,");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_letter_arrives_whole_under_an_id_that_is_the_messages_own()
    {
        await using var server = new MailServer();
        Assert.Equal(Delivery.Sent, await Send(server));
        var mail = Assert.Single(server.Received);
        Assert.Equal(
            ("00000007000000000000000000000000@giaoduc.example", "me@vidu.example", "diemdanh@giaoduc.example", Letter.Subject, Letter.Text, "auto-generated"),
            (mail.MessageId, $"{mail.To}", $"{mail.From}", mail.Subject, mail.TextBody!.TrimEnd(), mail.Headers["Auto-Submitted"]));
    }

    [Theory]
    [InlineData(SmtpReplyCode.TransactionFailed, Delivery.Refused)]
    [InlineData(SmtpReplyCode.InsufficientStorage, Delivery.Later)]
    public async Task A_servers_no_is_for_good_or_for_now(SmtpReplyCode code, Delivery expected)
    {
        await using var server = new MailServer { Answer = new(code, "không") };
        Assert.Equal(expected, await Send(server));
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task An_address_that_the_server_does_not_know_is_refused()
    {
        await using var server = new MailServer { Refused = { Letter.To } };
        Assert.Equal(Delivery.Refused, await Send(server));
        Assert.Equal(Delivery.Refused, await new EmailChannel(server.Settings).Send(Letter with { To = "không phải, địa chỉ" }, Cancel));
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task A_server_that_goes_away_with_the_letter_leaves_it_unknown_and_one_that_is_not_there_does_not()
    {
        await using var server = new MailServer { Answer = null };
        Assert.Equal(Delivery.Unknown, await Send(server));
        Assert.Single(server.Received);
        Assert.Equal(Delivery.Unreachable, await new EmailChannel(server.Settings with { Port = MailServer.FreePort() }).Send(Letter, Cancel));
    }

    [Fact]
    public async Task Nothing_is_handed_to_a_server_whose_certificate_nobody_vouches_for_nor_without_the_sign_in_that_was_set()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var own = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await using var forged = new MailServer(own);
        Assert.Equal(Delivery.Unreachable, await Send(forged));
        await using var plain = new MailServer();
        Assert.Equal(Delivery.Unreachable, await new EmailChannel(plain.Settings with { User = "gui", Password = "mật khẩu" }).Send(Letter, Cancel));
        Assert.Empty(forged.Received.Concat(plain.Received));
    }

    [Theory]
    [InlineData("mail.tinh.example", 587, SecureSocketOptions.StartTls)]
    [InlineData("mail.tinh.example", 25, SecureSocketOptions.StartTls)]
    [InlineData("10.0.0.9", 25, SecureSocketOptions.StartTls)]
    [InlineData("localhost.tinh.example", 25, SecureSocketOptions.StartTls)]
    [InlineData("127.0.0.1", 465, SecureSocketOptions.SslOnConnect)]
    [InlineData("127.0.0.1", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    [InlineData("::1", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    [InlineData("localhost", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    public void Only_inside_this_machine_a_letter_may_go_in_the_clear(string host, int port, SecureSocketOptions expected)
    {
        var settings = new SmtpSettings { Host = host, Port = port, From = "a@b.example", Password = "bí mật" };
        Assert.Equal(expected, settings.Security);
        Assert.DoesNotContain("bí mật", $"{settings}", StringComparison.Ordinal);
    }

    private static Task<Delivery> Send(MailServer server) => new EmailChannel(server.Settings).Send(Letter, Cancel);
}
