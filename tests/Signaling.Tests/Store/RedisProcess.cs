using System.Diagnostics;
using System.Globalization;
using Comms.Support;
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
        int port = FreePorts.Tcp();
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
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (int i = 0; i < 600; i++)
        {
            if (await AnswersAsync(redis.ConnectionString))
            {
                return redis;
            }

            await timer.WaitForNextTickAsync();
        }

        throw new InvalidOperationException("redis-server did not answer within 30 s.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(string connectionString)
    {
        try
        {
            await using ConnectionMultiplexer probe = await ConnectionMultiplexer.ConnectAsync(connectionString);
            await probe.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisConnectionException)
        {
            return false;
        }
    }
}
