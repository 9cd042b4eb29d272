using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace TdmEdu.Modules.Shell;

public static class Running
{
    /// <summary>
    /// Serves until told to stop. Why it cannot start, or that another program holds the address, is the operator's business, and is said in a
    /// sentence instead of by a trace.
    /// </summary>
    /// <param name="prepare">What must be done before the first request.</param>
    public static async Task<int> RunOrSay(this WebApplication app, Func<IServiceProvider, Task>? prepare = null)
    {
        await using var disposed = app;
        try
        {
            if (prepare is not null)
            {
                await prepare(app.Services);
            }
            try
            {
                await app.StartAsync();
            }
            catch
            {
                // What has begun already ends in order, and has nothing to say of its own.
                await app.StopAsync();
                throw;
            }
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (StartRefusedException refused)
        {
            return Say(refused);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            await Console.Error.WriteLineAsync(
                $"Cổng mạng đang được một chương trình khác dùng, hoặc địa chỉ không có trên máy này: {e.Message} Hãy tắt chương trình kia hoặc đổi cổng trong cấu hình, "
                + "rồi khởi động lại. / The address is in use or not on this machine; stop the other program or change the port, then start again.");
            return 1;
        }
    }

    /// <summary>The process's exit code.</summary>
    public static int Say(StartRefusedException refused)
    {
        Console.Error.WriteLine(refused.Message);
        return 1;
    }
}
