using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Comms.Signaling.Tests.Store;

/// <summary>A real redis-server on a free loopback port, with nothing on disk.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly Process _process;

    private RedisProcess(Process process, int port)
    {
        _process = process;
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port},password=pw");
    }

    public string ConnectionString { get; }

    public static async Task<RedisProcess> StartAsync()
    {
        int port = FreePort();
        var start = new ProcessStartInfo("redis-server")
        {
            ArgumentList =
            {
                "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--requirepass", "pw",
            },
            RedirectStandardOutput = true,
        };
        var redis = new RedisProcess(Process.Start(start)!, port);
        redis._process.OutputDataReceived += (_, _) => { };
        redis._process.BeginOutputReadLine();
        ConfigurationOptions options = ConfigurationOptions.Parse(redis.ConnectionString);
        options.ConnectRetry = 30;
        await using ConnectionMultiplexer probe = await ConnectionMultiplexer.ConnectAsync(options);
        await probe.GetDatabase().PingAsync();
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
