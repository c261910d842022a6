using System.Threading.Channels;
using Comms.Signaling.Realtime;
using Comms.Support;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Comms.Signaling.Tests.Realtime;

/// <summary>A hub client as a page is one: says hello, and keeps what it is told.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HubConnection _connection;
    private readonly Channel<HubFloor> _floors = Channel.CreateUnbounded<HubFloor>();
    private readonly TaskCompletionSource<string> _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IReadOnlyList<HubChannel>> _channels = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<HubFloorGranted> _granted = Channel.CreateUnbounded<HubFloorGranted>();
    private readonly Channel<HubFloorQueued> _places = Channel.CreateUnbounded<HubFloorQueued>();
    private readonly Channel<HubFloorQueue> _queues = Channel.CreateUnbounded<HubFloorQueue>();
    private readonly TaskCompletionSource<HubFloorRevoked> _revoked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HubClient(HubConnection connection)
    {
        _connection = connection;
        connection.On<IReadOnlyList<HubFloor>>("Floors", floors =>
        {
            foreach (HubFloor floor in floors) _floors.Writer.TryWrite(floor);
        });
        connection.On<string>("Closing", reason => _closing.TrySetResult(reason));
        connection.On<IReadOnlyList<HubChannel>>("Channels", channels => _channels.TrySetResult(channels));
        connection.On<HubFloorRevoked>("FloorRevoked", revoked => _revoked.TrySetResult(revoked));
        connection.On<HubFloorGranted>("FloorGranted", granted => _granted.Writer.TryWrite(granted));
        connection.On<HubFloorQueued>("FloorQueued", place => _places.Writer.TryWrite(place));
        connection.On<IReadOnlyList<HubFloorQueue>>("FloorQueues", queues =>
        {
            foreach (HubFloorQueue queue in queues) _queues.Writer.TryWrite(queue);
        });
        connection.Closed += _ =>
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        };
    }

    /// <summary>What the server answered to the hello.</summary>
    public ServerHello Hello { get; private set; } = null!;

    /// <summary>The reason of the server's last word.</summary>
    public Task<string> ClosingReason => _closing.Task.WaitAsync(Limit);

    public Task Closed => _closed.Task.WaitAsync(Limit);

    /// <summary>The first channel list after the hello.</summary>
    public Task<IReadOnlyList<HubChannel>> NewChannels => _channels.Task.WaitAsync(Limit);

    public Task<HubFloorRevoked> Revoked => _revoked.Task.WaitAsync(Limit);

    public static async Task<HubClient> ConnectAsync(Uri server, string token)
    {
        HubConnection connection = new HubConnectionBuilder()
            .WithUrl(new Uri(server, "hub"), HttpTransportType.WebSockets, options =>
            {
                options.SkipNegotiation = true;
                options.AccessTokenProvider = () => Task.FromResult<string?>(token);
            })
            .AddMessagePackProtocol()
            .Build();
        var client = new HubClient(connection);
        await connection.StartAsync();
        return client;
    }

    public static async Task<HubClient> OpenAsync(Uri server, string token)
    {
        HubClient client = await ConnectAsync(server, token);
        client.Hello = await client.AskAsync<ServerHello>("Hello", new ClientHello(CommsHub.ProtocolVersion, "test"));
        return client;
    }

    public Task<T> AskAsync<T>(string method, params object?[] arguments) => _connection.InvokeCoreAsync<T>(method, arguments);

    public Task TellAsync(string method, params object?[] arguments) => _connection.InvokeCoreAsync(method, arguments);

    /// <summary>Opens a voice session and joins a channel on its first slot.</summary>
    public async Task<HubJoinReply> StandInAsync(string channelId)
    {
        VoiceAnswer answer = await AskAsync<VoiceAnswer>("OpenVoice", new VoiceOffer(SdpSamples.ChromiumPhone));
        if (answer.Refusal.Length > 0) throw new InvalidOperationException($"No voice: {answer.Refusal} {answer.Detail}");
        return await AskAsync<HubJoinReply>("Join", channelId, 0);
    }

    /// <summary>The next news of a channel's floor that fits.</summary>
    public async Task<HubFloor> FloorAsync(string channelId, Func<HubFloor, bool> fits)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            HubFloor floor = await _floors.Reader.ReadAsync(limit.Token);
            if (floor.ChannelId == channelId && fits(floor)) return floor;
        }
    }

    /// <summary>The next grant out of a queue.</summary>
    public Task<HubFloorGranted> GrantedAsync() => NextAsync(_granted);

    /// <summary>The next change of the own place in a queue.</summary>
    public Task<HubFloorQueued> PlaceAsync() => NextAsync(_places);

    /// <summary>How many changes of the own place came and were not read.</summary>
    public int PlacesTold => _places.Reader.Count;

    /// <summary>The next news of a channel's queue that fits.</summary>
    public async Task<HubFloorQueue> QueueAsync(Func<HubFloorQueue, bool> fits)
    {
        HubFloorQueue queue;
        do queue = await NextAsync(_queues); while (!fits(queue));
        return queue;
    }

    private static async Task<T> NextAsync<T>(Channel<T> channel)
    {
        using var limit = new CancellationTokenSource(Limit);
        return await channel.Reader.ReadAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
