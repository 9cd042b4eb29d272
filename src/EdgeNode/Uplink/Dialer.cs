using System.Net.Sockets;
using TdmEdu.Sync.Edge;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>
/// Connections to Central that end when the line under them has, and not because it is slow. TCP alone waits twice as long after each
/// lost packet, up to minutes, and goes on waiting when the line has long been back. So a connection whose packets nobody acknowledges
/// gets a rival every second, and is closed when one of them stands and it is still silent: its calls fail, and are made again on the
/// new one. On a line with seconds of delay the acknowledgement comes before any rival stands.
/// </summary>
internal sealed class Dialer(string host, int port) : IDisposable
{
    private const int LookEveryMs = 250;

    /// <summary>A lost answer is noticed by the probe after it: with the looks that doubt it, within <see cref="EdgeExchange.DoubtMs"/>.</summary>
    private const int ProbeAfterSeconds = 2;
    private const int ProbeEverySeconds = 1;
    private const int SilentLooksMax = 3;

    /// <summary>From Linux's netinet/tcp.h; .NET has no names for these options. Elsewhere nothing is doubted.</summary>
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;
    private const int TcpInfo = 11;
    private const int RetransmitsAt = 2;
    private const int ProbesAt = 3;
    private const int TcpInfoBytes = 8;

    private readonly CancellationTokenSource stop = new();
    private Socket? rival;

    public async ValueTask<Stream> Connect(CancellationToken cancel)
    {
        var socket = Interlocked.Exchange(ref rival, null) ?? await Race(cancel);
        _ = Guard(socket);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        rival?.Dispose();
    }

    /// <summary>A new try each second beside those under way; the first that stands is it, and the first that is refused ends it.</summary>
    private async Task<Socket> Race(CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var tries = new List<Task<Socket>>();
        try
        {
            while (true)
            {
                tries.Add(Try(over.Token));
                var first = await Task.WhenAny([.. tries, Task.Delay(EdgeExchange.RivalEveryMs, over.Token)]);
                cancel.ThrowIfCancellationRequested();
                if (first is Task<Socket> done)
                {
                    var socket = await done;
                    tries.Remove(done);
                    return socket;
                }
            }
        }
        finally
        {
            await over.CancelAsync();
            tries.ForEach(Drop);
        }
    }

    private async Task<Socket> Try(CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeAfterSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeEverySeconds);
            if (OperatingSystem.IsLinux())
            {
                // However large a batch is: its packets are acknowledged one by one.
                socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes(EdgeExchange.SilenceMs));
            }
            await socket.ConnectAsync(host, port, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task Guard(Socket socket)
    {
        try
        {
            for (var silent = 0; ; silent = IsSilent(socket) ? silent + 1 : 0)
            {
                await Task.Delay(LookEveryMs, stop.Token);
                if (silent >= SilentLooksMax && await Outlive(socket) is { } other)
                {
                    Interlocked.Exchange(ref rival, other)?.Dispose();
                    socket.Dispose();
                    return;
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException or OperationCanceledException)
        {
            // The connection has ended by itself, or the box is switched off.
        }
    }

    /// <summary>The rival that stands while this one is still silent; null when this one speaks again, or no rival gets through.</summary>
    private async Task<Socket?> Outlive(Socket socket)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var race = Race(over.Token);
        while (IsSilent(socket) && await Task.WhenAny(race, Task.Delay(LookEveryMs, stop.Token)) != race)
        {
        }
        await over.CancelAsync();
        if (race.IsCompletedSuccessfully && IsSilent(socket))
        {
            return race.Result;
        }
        Drop(race);
        return null;
    }

    /// <summary>Something was sent again, or probed for, since the other side was last heard.</summary>
    private static bool IsSilent(Socket socket)
    {
        Span<byte> info = stackalloc byte[TcpInfoBytes];
        return OperatingSystem.IsLinux() && socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == TcpInfoBytes
            && info[RetransmitsAt] + info[ProbesAt] > 0;
    }

    private static void Drop(Task<Socket> unwanted) => unwanted.ContinueWith(
        t =>
        {
            if (t.IsCompletedSuccessfully)
            {
                t.Result.Dispose();
            }
            _ = t.Exception;
        },
        TaskScheduler.Default);
}
