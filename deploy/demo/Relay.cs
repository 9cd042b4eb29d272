using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TdmEdu.Demo;

/// <summary>The line between the boxes and Central: passes bytes both ways until it is cut. What is cut breaks in the middle of a byte stream.</summary>
public sealed class Relay : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int target;
    private readonly ConcurrentDictionary<TcpClient, byte> open = new();
    private readonly CancellationTokenSource stop = new();
    private volatile bool cut;
    private long bytesUp;
    private long bytesDown;

    public Relay(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = Accept();
    }

    public int Port { get; }

    public bool IsCut => cut;

    /// <summary>What the boxes have sent, TLS included.</summary>
    public long BytesUp => Interlocked.Read(ref bytesUp);

    public long BytesDown => Interlocked.Read(ref bytesDown);

    public void Cut()
    {
        cut = true;
        foreach (var client in open.Keys)
        {
            client.Close();
        }
    }

    public void Mend() => cut = false;

    public void Dispose()
    {
        stop.Cancel();
        Cut();
        listener.Stop();
    }

    private async Task Copy(TcpClient from, TcpClient to, Action<int> passed)
    {
        var buffer = new byte[BufferBytes];
        int count;
        while ((count = await from.GetStream().ReadAsync(buffer, stop.Token)) > 0)
        {
            await to.GetStream().WriteAsync(buffer.AsMemory(0, count), stop.Token);
            passed(count);
        }
    }

    private async Task Accept()
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                _ = Pass(await listener.AcceptTcpClientAsync(stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task Pass(TcpClient near)
    {
        using var far = new TcpClient();
        try
        {
            open.TryAdd(near, 0);
            open.TryAdd(far, 0);
            if (cut)
            {
                return;
            }
            await far.ConnectAsync(IPAddress.Loopback, target, stop.Token);
            near.NoDelay = far.NoDelay = true;
            await Task.WhenAny(Copy(near, far, count => Interlocked.Add(ref bytesUp, count)), Copy(far, near, count => Interlocked.Add(ref bytesDown, count)));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // A cut line looks like this from both ends.
        }
        finally
        {
            open.TryRemove(near, out _);
            open.TryRemove(far, out _);
            near.Close();
        }
    }
}
