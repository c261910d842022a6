using StackExchange.Redis;

namespace Comms.Signaling.Store;

/// <summary>The server's own connection to the store, beside those of the silo; made once the store listens.</summary>
public sealed class StoreConnection(ConfigurationOptions configuration) : IAsyncDisposable
{
    private readonly TaskCompletionSource<IConnectionMultiplexer> _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<IDatabase> GetDatabaseAsync() => (await _connected.Task).GetDatabase();

    /// <summary>Connects and waits until the store answers.</summary>
    public async Task ConnectAsync()
    {
        ConfigurationOptions own = configuration.Clone();
        own.AllowAdmin = true;
        own.AbortOnConnectFail = true;
        ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(own);
        await connection.GetDatabase().PingAsync();
        _connected.TrySetResult(connection);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connected.Task.IsCompletedSuccessfully)
        {
            await (await _connected.Task).DisposeAsync();
        }
    }
}
