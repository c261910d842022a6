using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Media.Session;

namespace Comms.Media.Fanout;

/// <summary>A browser session that hears Opus. Called on its own loop.</summary>
public interface IVoiceListener
{
    SessionId Session { get; }

    /// <summary>Its socket takes nothing more for the moment; the fan-out waits.</summary>
    bool IsOutputBlocked { get; }

    /// <summary>
    /// Sends one packet in one of the session's slots, under the slot's own SSRC, payload type and timeline. The packet's sequence
    /// and timestamp are the channel's. False: it could not be sent, which the session has counted.
    /// </summary>
    bool SendVoice(int slot, in VoicePacket packet, Instant now);

    /// <summary>A shorter way of <see cref="SendVoice"/> that touches no object of the listener; none by default.</summary>
    VoiceTarget Target(int slot) => default;

    /// <summary>The slot's next packet belongs to another stream, or packets were left out for this listener.</summary>
    void RebaseSlot(int slot);
}

/// <summary>A plain-RTP leg that hears G.711. Called on its own loop.</summary>
public interface ISpeechListener
{
    SessionId Session { get; }

    G711Law Law { get; }

    /// <summary>Sends 20 ms; see <c>RtpLeg.Send</c>.</summary>
    void SendSpeech(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now);

    /// <summary>Somebody else has the floor: a gateway keys its transmitter before the first word is here.</summary>
    void BeginTalk(bool isUrgent, Instant now);

    /// <summary>The floor is given back; what was said may still be on its way.</summary>
    void EndTalk(Instant now);
}

/// <summary>What a channel asks of the loop that its part lives on.</summary>
public interface IVoiceLoop
{
    /// <summary>Towards the channel's parts on other loops.</summary>
    IFrameCarrier Carrier { get; }

    VoiceFramePool Frames { get; }

    DropCounters Drops { get; }

    /// <summary>Share of its wall time that the node's busiest loop works, in thousandths.</summary>
    int BusyPermille { get; }

    /// <summary>Calls <see cref="VoiceChannel.RunSlice"/> in each further turn until it says that nothing is left.</summary>
    void RunSoon(VoiceChannel channel);

    /// <summary>Calls <see cref="VoiceChannel.HandleTimeout"/> at that moment; a later call replaces an earlier one.</summary>
    void RunAt(VoiceChannel channel, Instant due);
}

/// <summary>A copy of what was said, behind the gate: for recording and replay. Called on the talker's loop, or the home loop for a SIP talker.</summary>
public interface IMediaTap
{
    /// <summary>Copies the Opus packet into a bounded queue. False: the queue is full; the drop is counted, the listeners are served.</summary>
    bool TryTap(string channelId, in FrameHeader header, ReadOnlySpan<byte> payload);
}
