using System.Text;
using System.Threading.Channels;
using Comms.Signaling.Sip;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>The SIP side as the bridge sees it: a test raises calls and waits for what is answered.</summary>
internal sealed class RecordingSipCalls : ISipCalls
{
    private readonly Channel<string> _commands = Channel.CreateUnbounded<string>();

    public event Action<SipServerEvent>? CallEvent;

    public void Answer(SipCallId call, ReadOnlyMemory<byte> sdp) => _commands.Writer.TryWrite($"answer {call} {Encoding.ASCII.GetString(sdp.Span)}");

    public void Reject(SipCallId call, int status, string? warning = null) => _commands.Writer.TryWrite($"reject {call} {status}");

    public void HangUp(SipCallId call) => _commands.Writer.TryWrite($"hangup {call}");

    public void Unregister(string accountId) => _commands.Writer.TryWrite($"unregister {accountId}");

    public void Raise(SipServerEvent happening) => CallEvent?.Invoke(happening);

    /// <summary>The next command, within 30 s.</summary>
    public async Task<string> NextAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _commands.Reader.ReadAsync(timeout.Token);
    }
}
