using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Digest;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>A directory of a few rows.</summary>
internal sealed class TableSipDirectory(string realm) : ISipDirectory
{
    private readonly ConcurrentDictionary<string, SipAccount> _accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, SipChannel> _channels = new();
    private readonly ConcurrentDictionary<(string Channel, string Unit), ChannelRight> _rights = new();
    private TaskCompletionSource? _released;

    /// <summary>While true, questions about rights stay unanswered, so that calls stay unanswered.</summary>
    public bool HoldsRights
    {
        get => _released is not null;
        set
        {
            _released?.TrySetResult();
            _released = value ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        }
    }

    public void AddAccount(string id, string unitId, string password, bool isDisabled = false) =>
        _accounts[id] = new SipAccount(id, unitId, isDisabled, new DigestVerifiers(
            DigestAlgorithm.Md5.Ha1(id, realm, password), DigestAlgorithm.Sha256.Ha1(id, realm, password)));

    public void AddChannel(string id, string number) => _channels[number] = new SipChannel(id, number);

    public void SetRight(string channelId, string unitId, ChannelRight right) => _rights[(channelId, unitId)] = right;

    public ValueTask<SipAccount?> FindAccountAsync(string userName) => ValueTask.FromResult(_accounts.GetValueOrDefault(userName));

    public SipChannel? FindChannel(string number) => _channels.GetValueOrDefault(number);

    public async Task<ChannelRight> GetRightAsync(string channelId, string unitId)
    {
        await (_released?.Task ?? Task.CompletedTask);
        return _rights.GetValueOrDefault((channelId, unitId));
    }
}
