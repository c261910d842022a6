using System.Net.Sockets;
using System.Security.Cryptography;
using Comms.Signaling.Bridges;
using Comms.Signaling.Hosting;
using Comms.Signaling.Sip.Registration;

namespace Comms.Signaling.Sip.Transport;

/// <summary>Starts the SIP side with the host and ends its calls before the host stops.</summary>
/// <remarks>The bridge, the journal and the metrics are taken here so that they listen before the first packet can arrive.</remarks>
public sealed class SipService(
    SipEndpoint endpoint, SipCallBridge bridge, SipTwoPartyCalls pairs, SipPresence presence, RegistrationKeeper registrations, SipJournal journal,
    SipInstruments instruments)
    : IHostedService
{
    /// <summary>What the SIP side counts; kept alive here.</summary>
    public SipInstruments Instruments => instruments;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        journal.Start();
        presence.Restored(await registrations.RestoreAsync(cancellationToken).ConfigureAwait(false));
        try
        {
            endpoint.Start();
        }
        catch (SocketException fault)
        {
            throw new StartException($"SIP cannot listen: {fault.Message}. Set Sip:Listen (Sip:ListenTcp, Sip:ListenTls) to another address or port.");
        }
        catch (Exception fault) when (fault is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new StartException($"Sip:TrustedAuthorities cannot be read: {fault.Message}");
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await endpoint.StopAsync().ConfigureAwait(false);
        await registrations.StopAsync().ConfigureAwait(false);
        pairs.Dispose();
        presence.Dispose();
        bridge.Dispose();
        journal.Dispose();
    }
}

/// <summary>Registers the SIP side. It needs SipOptions, SipRealm, IMediaNode, IJournal, IDirectoryIndex and the bridges beside it.</summary>
public static class SipServices
{
    public static IServiceCollection AddSip(this IServiceCollection services)
    {
        services.AddSingleton<ISipDirectory, GrainSipDirectory>();
        services.AddSingleton<SipEndpoint>();
        services.AddSingleton<ISipCalls>(provider => provider.GetRequiredService<SipEndpoint>());
        services.AddSingleton<SipCallBridge>();
        services.AddSingleton<SipDialer>();
        services.AddSingleton<SipTwoPartyCalls>();
        services.AddSingleton<SipPresence>();
        services.AddSingleton<IRegistrationStore, GrainRegistrationStore>();
        services.AddSingleton<RegistrationKeeper>();
        services.AddSingleton<SipJournal>();
        services.AddSingleton<SipInstruments>();
        services.AddHostedService<SipService>();
        services.AddSingleton<TrunkKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<TrunkKeeper>());
        return services;
    }
}
