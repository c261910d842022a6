using Comms.Media.Wire.Ed137;

namespace Comms.Media.Node;

/// <summary>How a gateway and this server tell each other that somebody talks.</summary>
public enum LegKeying
{
    /// <summary>RFC 4733 digits: the star keys, the pound sign unkeys. Telephones too.</summary>
    Digits,

    /// <summary>The same digits in SIP INFO.</summary>
    Info,

    /// <summary>Speech itself keys, both ways.</summary>
    Vox,

    /// <summary>RTP is there while somebody talks, and not otherwise.</summary>
    Carrier,

    /// <summary>Hears everything and never talks.</summary>
    Listener,

    /// <summary>ED-137 header bits: squelch keys us, push-to-talk keys the radio.</summary>
    Ed137,
}

/// <summary>What makes a plain-RTP leg a radio gateway: how it is keyed, and what its radio needs of level and delay.</summary>
public sealed record RtpLegGateway
{
    public LegKeying Keying { get; init; } = LegKeying.Digits;

    /// <summary>Added to what the gateway says, in decibels; with <see cref="UsesAgc"/> where the automatic gain starts.</summary>
    public int GainDb { get; init; }

    /// <summary>The gain follows the speech towards one level.</summary>
    public bool UsesAgc { get; init; }

    /// <summary>A pause shorter than this ends no talk, in either direction.</summary>
    public int HangMs { get; init; } = 300;

    /// <summary>
    /// Speech towards the radio waits this long for its transmitter: until the radio confirms (ED-137), or always (the others, which
    /// cannot say). Nothing of it is lost.
    /// </summary>
    public int PreRollMs { get; init; }

    /// <summary>So much is cut off the end of what the radio says: the noise between the carrier's end and the squelch's closing.</summary>
    public int TailTrimMs { get; init; }

    /// <summary>The radio is unkeyed after this long without a pause, below its own time-out timer; 0 never.</summary>
    public int TalkLimitMs { get; init; }

    /// <summary>What the gateway says within this time after anything went out on the channel's gateways is taken for an echo; 0 off.</summary>
    public int EchoGuardMs { get; init; } = 300;

    /// <summary>Speech is this much louder than the background (VOX).</summary>
    public int VoxThresholdDb { get; init; } = 12;

    /// <summary>What the session description of an ED-137 radio agreed on.</summary>
    public RadioDescription Radio { get; init; } = new();
}
