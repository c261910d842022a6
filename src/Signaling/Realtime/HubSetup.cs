using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.SignalR;

namespace Comms.Signaling.Realtime;

/// <summary>Adds and maps the hub: MessagePack over WebSockets.</summary>
public static class HubSetup
{
    /// <summary>An offer of eight slots is some 12 kB.</summary>
    private const int MessageBytesMax = 64 * 1024;

    /// <summary>A connection that does not read holds at most this much in the server besides its outbox.</summary>
    private const int BufferBytes = 64 * 1024;

    public static void AddHub(this IServiceCollection services)
    {
        services.AddSignalR(options =>
            {
                options.MaximumReceiveMessageSize = MessageBytesMax;
                options.EnableDetailedErrors = false;
                options.KeepAliveInterval = TimeSpan.FromSeconds(10);
                options.ClientTimeoutInterval = TimeSpan.FromSeconds(30);
                options.HandshakeTimeout = TimeSpan.FromSeconds(10);
                options.AddFilter<HubGate>();
            })
            .AddMessagePackProtocol(options => options.SerializerOptions = MessagePackSerializerOptions.Standard
                .WithResolver(StandardResolver.Instance)
                .WithSecurity(MessagePackSecurity.UntrustedData));
        services.AddSingleton<HubLifetimeManager<CommsHub>, HubLinks>();
        services.AddSingleton<HubGate>();
        services.AddSingleton<HubSessions>();
        services.AddSingleton<HubSender>();
        services.AddSingleton<ChannelLists>();
        services.AddSingleton<VoiceSessions>();
        services.AddSingleton<FloorFanout>();
        services.AddSingleton<QueueNews>();
        services.AddSingleton<HubParts>();
        services.AddSingleton<HubNewsParts>();
        services.AddHostedService<HubNews>();
        services.AddHostedService<HubFarewell>();
    }

    public static void MapHub(this IEndpointRouteBuilder routes) => routes.MapHub<CommsHub>(HubPath.Value, options =>
    {
        options.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
        options.ApplicationMaxBufferSize = BufferBytes;
        options.TransportMaxBufferSize = BufferBytes;
        // The connection's own clock closes it, after asking for a fresh token; see IHubServer.Renew.
        options.CloseOnAuthenticationExpiration = false;
    });
}
