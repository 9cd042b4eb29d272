using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Central.Messages;

/// <summary>The department's mail server, section "Central:Smtp".</summary>
internal sealed record SmtpSettings
{
    private const int ImplicitTlsPort = 465;

    public required string Host { get; init; }

    public int Port { get; init; } = 587;

    /// <summary>The sender's address.</summary>
    public required string From { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Never in the clear, but inside this machine.</summary>
    public SecureSocketOptions Security => Port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect
        : Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address)) ? SecureSocketOptions.StartTlsWhenAvailable
        : SecureSocketOptions.StartTls;

    /// <summary>A log of the settings must not tell the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>Messages by e-mail. What goes wrong before the letter is handed over is known not to be delivered; afterwards nobody knows.</summary>
internal sealed class EmailChannel(SmtpSettings settings) : IMessageChannel
{
    private const int AnswerWithinMs = 30_000;
    private const int RefusedFrom = 500;

    public string? AddressOf(PupilSecrets family) => Guardians.EmailOf(family);

    public async Task<Delivery> Send(Letter letter, CancellationToken cancel)
    {
        if (!MailboxAddress.TryParse(letter.To, out var to))
        {
            return Delivery.Refused;
        }
        using var client = new SmtpClient { Timeout = AnswerWithinMs };
        try
        {
            await client.ConnectAsync(settings.Host, settings.Port, settings.Security, cancel);
            if (settings.User is { } user)
            {
                await client.AuthenticateAsync(user, settings.Password ?? "", cancel);
            }
        }
        catch (Exception e) when (IsFault(e) || e is CommandException or SslHandshakeException or AuthenticationException or NotSupportedException)
        {
            return Delivery.Unreachable;
        }
        return await HandOver(client, Compose(letter, to), cancel);
    }

    private static async Task<Delivery> HandOver(SmtpClient client, MimeMessage message, CancellationToken cancel)
    {
        try
        {
            await client.SendAsync(message, cancel);
        }
        catch (SmtpCommandException refused)
        {
            return (int)refused.StatusCode >= RefusedFrom ? Delivery.Refused : Delivery.Later;
        }
        catch (Exception e) when (IsFault(e))
        {
            return Delivery.Unknown;
        }
        try
        {
            await client.DisconnectAsync(quit: true, cancel);
        }
        catch (Exception e) when (IsFault(e) || e is OperationCanceledException)
        {
            // The letter is the server's already.
        }
        return Delivery.Sent;
    }

    private static bool IsFault(Exception e) => e is IOException or SocketException or ProtocolException or TimeoutException;

    private MimeMessage Compose(Letter letter, MailboxAddress to)
    {
        var from = MailboxAddress.Parse(settings.From);
        var message = new MimeMessage([from], [to], letter.Subject, new TextPart("plain") { Text = letter.Text }) { MessageId = $"{letter.Id:n}@{from.Domain}" };
        // So that no holiday answer comes back.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
