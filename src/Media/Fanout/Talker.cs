using System.Diagnostics.CodeAnalysis;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// One session's voice on its way into a channel: the gate, and the channel's part on the session's loop while the gate is open.
/// Made when the session first asks for the floor. Owned by the session's loop.
/// </summary>
public sealed class Talker(SessionId session, VoiceFrameKind kind, int silenceMs, KeptSpeechPool pool, DropCounters drops)
{
    private readonly FloorGate _gate = new(silenceMs);
    private VoiceChannel? _channel;
    private ushort _lastSequence;

    /// <summary>Opus, or the law of a plain-RTP leg, which a re-INVITE may change.</summary>
    public VoiceFrameKind Kind { get; set; } = kind;

    public FloorGate Gate => _gate;

    public Instant NextDeadline => _gate.NextDeadline;

    /// <summary>
    /// Keeps what is said from now on until the decision. Changes nothing while the gate is open; without memory left in the loop's
    /// pool the burst begins with live speech.
    /// </summary>
    public void BeginRequest(string channelId, Instant now)
    {
        if (_gate.State == GateState.Undecided && _gate.ChannelId != channelId) Close(now);
        if (_gate.State != GateState.Closed || pool.Rent() is not { } memory) return;
        if (!_gate.TryBeginRequest(channelId, memory, now)) pool.Return(memory);
    }

    /// <summary>Opens the gate into <paramref name="channel"/> and sends kept speech first. False: the grant's epoch is stale.</summary>
    public bool Open(TalkGrant grant, VoiceChannel channel, Instant now)
    {
        if (_channel is not null && _gate.State == GateState.Open && _gate.Burst != grant.Burst) _channel.EndTalk(Header(default, 0, now), now);
        if (!channel.Hub.TryAdvanceEpoch(grant.Epoch) || !_gate.TryOpen(grant, now)) return false;
        _channel = channel;
        channel.BeginTalk(Header(default, 0, now), now);
        SendKept(now);
        return true;
    }

    public bool Renew(BurstId burst, int leaseMs, Instant now) => _gate.TryRenew(burst, leaseMs, now);

    public void Close(Instant now)
    {
        if (_gate.State == GateState.Open) _channel?.EndTalk(Header(default, 0, now), now);
        _gate.Close();
        Forget();
    }

    /// <summary>Takes one packet that the session's peer said.</summary>
    public void Say(in FrameHeader packet, ReadOnlySpan<byte> payload, Instant now)
    {
        _lastSequence = packet.Sequence;
        switch (_gate.Admit(payload, packet.Timestamp, now))
        {
            case GateVerdict.Forward:
                _channel!.Talk(Identify(packet), payload, now);
                break;
            case GateVerdict.Drop:
                drops.Count(_gate.State == GateState.Undecided ? DropReason.TooLarge : DropReason.GateClosed);
                break;
        }
    }

    /// <summary>True: an open gate shut by itself.</summary>
    public bool TryExpire(Instant now, [NotNullWhen(true)] out GateClosed? closed)
    {
        closed = null;
        if (now < _gate.NextDeadline) return false;
        var (channel, burst, end) = (_gate.ChannelId ?? "", _gate.Burst, Header(default, 0, now));
        if (_gate.TryExpire(now, out var reason))
        {
            _channel?.EndTalk(end, now);
            closed = new GateClosed(session, channel, burst, reason);
        }

        Forget();
        return closed is not null;
    }

    private void SendKept(Instant now)
    {
        int left = (_gate.State == GateState.Open ? _gate.KeptCount : 0) - 1;
        while (_gate.TryTakeKept(out var payload, out uint timestamp, out var arrivedAt))
            _channel!.Talk(Header((ushort)(_lastSequence - left--), timestamp, arrivedAt), payload, now);
        ReturnMemory();
    }

    private FrameHeader Header(ushort sequence, uint timestamp, Instant captured) =>
        Identify(new FrameHeader { Sequence = sequence, Timestamp = timestamp, Captured = captured });

    private FrameHeader Identify(in FrameHeader packet) =>
        packet with { Kind = (int)Kind, Number = _gate.Burst.Value, Epoch = _gate.Epoch, Source = session };

    private void Forget()
    {
        _channel = null;
        ReturnMemory();
    }

    private void ReturnMemory()
    {
        if (_gate.TakeBackMemory() is { } memory) pool.Return(memory);
    }
}

/// <summary>The kept speech of one loop's undecided talkers: bounded, so that 500 presses at once cost a known memory.</summary>
public sealed class KeptSpeechPool(int capacity)
{
    private readonly Stack<KeptSpeech> _free = new();
    private int _made;

    /// <summary>Null when all are out: that talker's speech begins with the grant.</summary>
    public KeptSpeech? Rent()
    {
        if (_free.TryPop(out var kept)) return kept;
        if (_made == capacity) return null;
        _made++;
        return new KeptSpeech();
    }

    public void Return(KeptSpeech kept)
    {
        kept.Clear();
        _free.Push(kept);
    }
}
