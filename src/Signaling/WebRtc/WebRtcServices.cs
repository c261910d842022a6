namespace Comms.Signaling.WebRtc;

/// <summary>Registers browser signaling. It needs an IMediaNode and the bridges.</summary>
public static class WebRtcServices
{
    public static IServiceCollection AddWebRtc(this IServiceCollection services)
    {
        services.AddSingleton<PeerConnector>();
        services.AddSingleton<WhepSessions>();
        services.AddSingleton<IceServerLinks>();
        services.AddSingleton<WhepParts>();
        services.AddSingleton<WhepEndpoint>();
        return services;
    }
}
