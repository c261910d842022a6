using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Comms.Signaling.Bridges;

/// <summary>Registers the bridges. They need an IMediaNode, and start after the silo: call it after AddCommsSilo.</summary>
public static class BridgeServices
{
    public static IServiceCollection AddBridges(this IServiceCollection services)
    {
        services.AddSingleton<LocalNode>();
        services.AddSingleton<BridgeInstruments>();
        services.AddSingleton<ChannelInterests>();
        services.AddSingleton<FloorBridge>();
        services.AddSingleton<IFloorBridge>(provider => provider.GetRequiredService<FloorBridge>());
        services.AddSingleton<CameraBridge>();
        services.AddSingleton<ICameraBridge>(provider => provider.GetRequiredService<CameraBridge>());
        services.TryAddSingleton(new CameraOptions());
        services.AddSingleton<NodeBudget>();
        services.AddSingleton<CameraProber>();
        services.AddSingleton<RightsRecheck>();
        services.AddSingleton<NodePresence>();
        services.AddSingleton<MediaNodeBridge>();
        services.AddSingleton<IMediaEvents>(provider => provider.GetRequiredService<MediaNodeBridge>());
        services.AddHostedService(provider => provider.GetRequiredService<RightsRecheck>());
        services.AddHostedService(provider => provider.GetRequiredService<MediaNodeBridge>());
        services.AddHostedService(provider => provider.GetRequiredService<NodePresence>());
        services.AddHostedService(provider => provider.GetRequiredService<CameraProber>());
        services.AddHostedService<CameraKeeper>();
        return services;
    }
}
