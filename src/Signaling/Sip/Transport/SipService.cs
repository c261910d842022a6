using System.Net.Sockets;
using Comms.Signaling.Bridges;
using Comms.Signaling.Hosting;

namespace Comms.Signaling.Sip.Transport;

/// <summary>Starts the SIP side with the host and ends its calls before the host stops.</summary>
public sealed class SipService(SipEndpoint endpoint, IServiceProvider services) : IHostedService
{
    private SipCallBridge? _bridge;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The bridge listens before the first packet can arrive.
        _bridge = services.GetRequiredService<SipCallBridge>();
        try
        {
            endpoint.Start();
        }
        catch (SocketException fault)
        {
            throw new StartException($"SIP cannot listen: {fault.Message}. Set Sip:Listen to another address or port.");
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await endpoint.StopAsync().ConfigureAwait(false);
        _bridge?.Dispose();
    }
}

/// <summary>Registers the SIP side. It needs IMediaNode, IMediaEvents, IFloorBridge, IDirectoryIndex and SipOptions beside it.</summary>
public static class SipServices
{
    public static IServiceCollection AddSip(this IServiceCollection services)
    {
        services.AddSingleton<ISipDirectory, GrainSipDirectory>();
        services.AddSingleton<SipEndpoint>();
        services.AddSingleton<ISipCalls>(provider => provider.GetRequiredService<SipEndpoint>());
        services.AddSingleton<SipCallBridge>();
        services.AddHostedService<SipService>();
        return services;
    }
}
