using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;
using Comms.Signaling.Tests.Sip;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>The SIP side as the bridge sees it: a test raises calls and waits for what is answered.</summary>
internal sealed class RecordingSipCalls : ISipCalls
{
    private readonly Channel<string> _commands = Channel.CreateUnbounded<string>();

    private readonly ConcurrentDictionary<SipCallId, Action<SipServerEvent>> _placers = new();
    private int _placed;

    public event Action<SipServerEvent>? CallEvent;

    /// <summary>Accounts that have a device.</summary>
    public HashSet<string> Registered { get; } = [];

    /// <summary>Something happened to a call that was placed.</summary>
    public void Tell(SipCallId call, SipServerEvent happening) => _placers[call](happening);

    public void Answer(SipCallId call, ReadOnlyMemory<byte> sdp) => _commands.Writer.TryWrite($"answer {call} {Encoding.ASCII.GetString(sdp.Span)}");

    public void Reject(SipCallId call, int status, string? warning = null) => _commands.Writer.TryWrite($"reject {call} {status}");

    public void HangUp(SipCallId call, string? cause = null) => _commands.Writer.TryWrite($"hangup {call}");

    public void Ring(SipCallId call) => _commands.Writer.TryWrite($"ring {call}");

    public void Reoffer(SipCallId call, ReadOnlyMemory<byte> sdp) => _commands.Writer.TryWrite($"reoffer {call}");

    public void NotifyReferred(SipCallId call, int status) => _commands.Writer.TryWrite($"notify {call} {status}");

    public Task<SipRoute?> FindRouteAsync(SipUri target, CancellationToken stopping) => Task.FromResult<SipRoute?>(new SipRoute(SipSamples.Flow, target));

    public Task<IReadOnlyList<SipRoute>> FindContactsAsync(string accountId) =>
        Task.FromResult<IReadOnlyList<SipRoute>>(Registered.Contains(accountId) ? [new SipRoute(SipSamples.Flow, SipUri.Sip(accountId, "192.0.2.77"))] : []);

    public void TrustContact(string user, SipAccount? account) => _commands.Writer.TryWrite($"trust {user} {account?.Id}");

    public Task<OutgoingAnswer> RequestAsync(OutgoingRequest request) => Task.FromResult(new OutgoingAnswer(200, new SipHeaders(), request.CSeq));

    public SipCallId Place(OutgoingInvite invite, Action<SipServerEvent> happened)
    {
        var call = new SipCallId(1_000 + Interlocked.Increment(ref _placed));
        _placers[call] = happened;
        _commands.Writer.TryWrite($"place {call} {invite.Routes[0].Target}");
        return call;
    }

    public void Unregister(string accountId) => _commands.Writer.TryWrite($"unregister {accountId}");

    public void Raise(SipServerEvent happening) => CallEvent?.Invoke(happening);

    /// <summary>The next command, within 30 s.</summary>
    public async Task<string> NextAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _commands.Reader.ReadAsync(timeout.Token);
    }
}
