using System.Net;
using System.Net.Sockets;

namespace TdmEdu.Tests.Central;

/// <summary>Passes bytes on to a port of this machine, down at a rural line's pace, however many connections share it.</summary>
internal sealed class ThinLine : IDisposable
{
    private const int PiecesPerSecond = 20;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim line = new(1);
    private readonly int target;
    private readonly int bytesPerSecond;

    public ThinLine(int target, int bytesPerSecond)
    {
        (this.target, this.bytesPerSecond) = (target, bytesPerSecond);
        listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
        stop.Dispose();
    }

    private async Task Accept()
    {
        while (!stop.IsCancellationRequested)
        {
            var (near, far) = (await listener.AcceptTcpClientAsync(stop.Token), new TcpClient());
            await far.ConnectAsync(IPAddress.Loopback, target, stop.Token);
            _ = Pass(near, far, () => near.GetStream().CopyToAsync(far.GetStream(), stop.Token));
            _ = Pass(near, far, () => Slowly(far.GetStream(), near.GetStream()));
        }
    }

    private async Task Slowly(NetworkStream from, NetworkStream to)
    {
        var piece = new byte[bytesPerSecond / PiecesPerSecond];
        int count;
        while ((count = await from.ReadAsync(piece, stop.Token)) > 0)
        {
            await line.WaitAsync(stop.Token);
            await Task.Delay(count * 1000 / bytesPerSecond, stop.Token);
            line.Release();
            await to.WriteAsync(piece.AsMemory(0, count), stop.Token);
        }
    }

    private static async Task Pass(TcpClient near, TcpClient far, Func<Task> copy)
    {
        try
        {
            await copy();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Either end hung up.
        }
        near.Close();
        far.Close();
    }
}
