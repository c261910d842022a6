using System.Security.Cryptography;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// Our re-INVITEs of one call, one at a time: acknowledged, tried again after glare (491, RFC 3261 §14.1), and answered or
/// refused. Sans-IO, owned by its <see cref="SipCall"/>.
/// </summary>
internal sealed class OwnOffer(SipDialog dialog, TransactionLayer layer, DialogRequests requests, bool ownsCallId)
{
    private ReadOnlyMemory<byte>? _wanted;
    private uint _answered;
    private (uint Sequence, byte[] Octets) _ack;

    /// <summary>A re-INVITE of ours waits for its answer: the peer's own offers meanwhile are glare.</summary>
    public bool IsPending { get; private set; }

    /// <summary>When the wanted offer may be sent; never when none is wanted.</summary>
    public Instant StartAt { get; private set; } = Instant.Never;

    /// <summary>The peer's answer to the newest offer, or the status of its refusal; 0 when it is gone.</summary>
    public Action<SipResponse?, Instant> Answered { get; set; } = (_, _) => { };

    public void Want(ReadOnlyMemory<byte> sdp, Instant now)
    {
        _wanted = sdp;
        StartAt = now;
    }

    public void Start(IReadOnlyList<SipHeader> headers, Instant now)
    {
        if (_wanted is not { } sdp || IsPending)
        {
            return;
        }

        IsPending = true;
        StartAt = Instant.Never;
        var all = new List<SipHeader>(headers)
        {
            new(SipHeaderNames.Contact, SipCapabilities.ContactOf(dialog.Flow)), new(SipHeaderNames.Allow, SipCapabilities.Allow),
        };
        requests.Send(SipMethods.Invite, DialogBody.Sdp(sdp, all), now, Handle);
    }

    private void Handle(SipRequest request, SipResponse? response, Instant now)
    {
        var sequence = request.CSeq.Number;
        if (response is { IsSuccess: true })
        {
            Acknowledge(sequence);
        }

        if (sequence <= _answered)
        {
            return;
        }

        _answered = sequence;
        IsPending = false;
        if (response?.Status == SipStatus.RequestPending)
        {
            // RFC 3261 §14.1: who made the Call-ID waits longer, so that the two do not meet again.
            StartAt = now.AddMs(ownsCallId ? RandomNumberGenerator.GetInt32(210, 401) * 10 : RandomNumberGenerator.GetInt32(0, 201) * 10);
            return;
        }

        _wanted = null;
        if (response is { IsSuccess: true })
        {
            dialog.RefreshTarget(response);
        }

        Answered(response, now);
    }

    private void Acknowledge(uint sequence)
    {
        if (_ack.Octets is null || _ack.Sequence != sequence)
        {
            _ack = (sequence, SipMessageWriter.Write(dialog.CreateAck(sequence)));
        }

        layer.Outputs.Send(dialog.Flow, _ack.Octets);
    }
}
