using Comms.Grains.Contracts;

namespace Comms.Signaling.Sip;

/// <summary>What the SIP side asks of the server's directory. Thread-safe.</summary>
public interface ISipDirectory
{
    /// <summary>The account of a SIP user name, compared without case; null when there is none.</summary>
    ValueTask<SipAccount?> FindAccountAsync(string userName);

    /// <summary>The channel of a dialled number; null when there is none.</summary>
    SipChannel? FindChannel(string number);

    /// <summary>What a unit may do in a channel.</summary>
    Task<ChannelRight> GetRightAsync(string channelId, string unitId);
}

/// <summary>A channel that can be called.</summary>
public sealed record SipChannel(string Id, string Number);
