using System.Net;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;

namespace Comms.Signaling.Bridges;

/// <summary>What happens to a bridged call, in order. One closed family.</summary>
internal abstract record SipCallInput
{
    /// <summary>A re-INVITE waits; empty when the peer leaves the offer to us.</summary>
    public sealed record Reoffered(ReadOnlyMemory<byte> Sdp, IPAddress? RemoteAddress) : SipCallInput;

    /// <summary>Our 200 was acknowledged; the body answers an offer of ours.</summary>
    public sealed record Acknowledged(ReadOnlyMemory<byte> Sdp) : SipCallInput;

    /// <summary>The peer answered the call that we placed.</summary>
    public sealed record Answered(ReadOnlyMemory<byte> Sdp, IPAddress RemoteAddress) : SipCallInput;

    /// <summary>A key went down: 0–9, 10 for the star, 11 for the pound sign.</summary>
    public sealed record Digit(byte Code) : SipCallInput;

    /// <summary>The media node ended the leg, for want of RTP for example.</summary>
    public sealed record LegEnded(SessionEndReason Reason) : SipCallInput;

    /// <summary>The unit lost its right in the channel.</summary>
    public sealed record PutOut : SipCallInput;

    /// <summary>The server ended the unit's burst, or wants it to end.</summary>
    public sealed record Revoked(long Burst, FloorRevokeCause Cause) : SipCallInput;

    /// <summary>The unit's waiting request was granted the floor.</summary>
    public sealed record Granted(long Burst) : SipCallInput;

    /// <summary>Nobody talked in the channel for its idle limit.</summary>
    public sealed record Inactive : SipCallInput;
}

/// <summary>Who a bridged call is with: the account and the unit that it speaks for, and where its signaling runs.</summary>
internal sealed record SipCallSubject(string AccountId, string UnitId, string Number, IPAddress LocalAddress, IPAddress? RemoteAddress);

/// <summary>A call to be placed and joined to a channel.</summary>
internal sealed record PlacedCall(SipCallSubject Subject, string ChannelId, OutgoingInvite Invite);

/// <summary>How a bridged call stands.</summary>
public enum SipCallStage
{
    /// <summary>Nobody has answered, and nobody rings yet.</summary>
    Calling,
    Ringing,
    Up,
    Ended,
}

/// <summary>What every bridged call uses.</summary>
internal sealed record SipCallServices(
    ISipCalls Sip,
    ISipDirectory Directory,
    IMediaNode Media,
    IFloorBridge Floor,
    ILogger Log,
    Action<SessionId, SipChannelCall> LegOpened,
    Action<SessionId> LegClosed);
