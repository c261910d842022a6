using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip.Digest;

namespace Comms.Signaling.Sip;

/// <summary>
/// The directory of this server: look-ups from the node's index, verifiers and rights from the grains. Verifiers are kept
/// until the account changes, because a phone registers again and again. Thread-safe.
/// </summary>
public sealed class GrainSipDirectory : ISipDirectory, IDisposable
{
    /// <summary>Some 300 bytes each; over it all are forgotten and read again when they are needed.</summary>
    private const int MaxKept = 100_000;

    private readonly ConcurrentDictionary<string, (AccountDefinition Definition, SipAccount Account)> _kept = new();
    private readonly IDirectoryIndex _index;
    private readonly IGrainFactory _grains;

    public GrainSipDirectory(IDirectoryIndex index, IGrainFactory grains)
    {
        (_index, _grains) = (index, grains);
        index.Changed += OnChanged;
    }

    public ValueTask<SipAccount?> FindAccountAsync(string userName)
    {
        if (_index.FindAccount(userName) is not { } definition)
        {
            return ValueTask.FromResult<SipAccount?>(null);
        }

        return _kept.TryGetValue(definition.Id, out var kept) && ReferenceEquals(kept.Definition, definition)
            ? ValueTask.FromResult<SipAccount?>(kept.Account) : ReadAsync(definition);
    }

    public SipChannel? FindChannel(string number)
    {
        var entry = _index.DialPlan.Find(number);
        var channel = entry is { Kind: DialKind.Channel } ? _index.FindChannel(entry.TargetId) : _index.FindChannelByNumber(number);
        return channel is null ? null : new SipChannel(channel.Id, channel.Number);
    }

    public Task<ChannelRight> GetRightAsync(string channelId, string unitId) => _grains.GetGrain<IChannelGrain>(channelId).GetRight(unitId);

    public void Dispose() => _index.Changed -= OnChanged;

    private async ValueTask<SipAccount?> ReadAsync(AccountDefinition definition)
    {
        if (await _grains.GetGrain<IAccountGrain>(definition.Id).GetSecret().ConfigureAwait(false) is not { } secret)
        {
            return null;
        }

        var account = new SipAccount(definition.Id, definition.UnitId, definition.Disabled, new DigestVerifiers(secret.Ha1Md5, secret.Ha1Sha256));
        if (_kept.Count >= MaxKept)
        {
            _kept.Clear();
        }

        // A change between the reading and now has another definition, under which this one is not found.
        _kept[definition.Id] = (definition, account);
        return account;
    }

    private void OnChanged(CatalogChange change)
    {
        if (change.Kind == CatalogKind.Account)
        {
            _kept.TryRemove(change.Id, out _);
        }
    }
}
