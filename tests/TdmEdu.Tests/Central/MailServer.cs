using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using TdmEdu.Central.Messages;

namespace TdmEdu.Tests.Central;

/// <summary>A real mail server on this machine that keeps what it was given.</summary>
internal sealed class MailServer : MessageStore, IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private readonly ConcurrentQueue<MimeMessage> received = new();

    public MailServer(X509Certificate2? certificate = null, int? port = null)
    {
        Port = port ?? FreePort();
        var options = new SmtpServerOptionsBuilder().ServerName("localhost")
            .Endpoint(e => (certificate is null ? e : e.Certificate(certificate)).Endpoint(new(IPAddress.Loopback, Port))).Build();
        var services = new ServiceProvider();
        services.Add((IMessageStore)this);
        services.Add(new DelegatingMailboxFilter((_, _) => true, (_, to, _) => Refused.All(r => r != to.AsAddress())));
        running = new SmtpServer.SmtpServer(options, services).StartAsync(stop.Token);
    }

    public int Port { get; }

    public SmtpSettings Settings => new() { Host = "127.0.0.1", Port = Port, From = "diemdanh@giaoduc.example" };

    public IReadOnlyList<MimeMessage> Received => [.. received];

    public HashSet<string> Refused { get; } = [];

    /// <summary>What it says to a letter that it has read; null for nothing at all: it is gone, after having kept the letter.</summary>
    public SmtpResponse? Answer { get; set; } = SmtpResponse.Ok;

    /// <summary>When it has a letter and its sender does not know it yet.</summary>
    public Action? BeforeAnswer { get; set; }

    public override async Task<SmtpResponse> SaveAsync(
        ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        if (Answer is { } answer && answer != SmtpResponse.Ok)
        {
            return answer;
        }
        received.Enqueue(await MimeMessage.LoadAsync(new MemoryStream(buffer.ToArray()), cancellationToken));
        BeforeAnswer?.Invoke();
        if (Answer is null)
        {
            context.Pipe.Dispose();
        }
        return SmtpResponse.Ok;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
