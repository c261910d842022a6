using Comms.Grains.Contracts;
using Comms.Signaling.Sip.Digest;

namespace Comms.Signaling.Sip;

/// <summary>The directory of this server: look-ups from the node's index, verifiers and rights from the grains.</summary>
public sealed class GrainSipDirectory(IDirectoryIndex index, IGrainFactory grains) : ISipDirectory
{
    public async Task<SipAccount?> FindAccountAsync(string userName)
    {
        if (index.FindAccount(userName) is not { } account)
        {
            return null;
        }

        var secret = await grains.GetGrain<IAccountGrain>(account.Id).GetSecret().ConfigureAwait(false);
        return secret is null ? null
            : new SipAccount(account.Id, account.UnitId, account.Disabled, new DigestVerifiers(secret.Ha1Md5, secret.Ha1Sha256));
    }

    public SipChannel? FindChannel(string number) =>
        index.FindChannelByNumber(number) is { } channel ? new SipChannel(channel.Id, channel.Number) : null;

    public Task<ChannelRight> GetRightAsync(string channelId, string unitId) => grains.GetGrain<IChannelGrain>(channelId).GetRight(unitId);
}
