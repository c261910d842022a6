using System.Globalization;
using System.Security.Cryptography;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// A provisional answer that is repeated until its PRACK comes. RFC 3262 §3. One at a time; it never carries SDP. Sans-IO.
/// </summary>
internal sealed class ReliableProvisional
{
    private readonly InviteServerTransaction _invite;
    private readonly TransactionLayer _layer;
    private readonly uint _number;
    private byte[]? _octets;
    private int _repeatMs;

    public ReliableProvisional(InviteServerTransaction invite, SipResponse response, TransactionLayer layer, SipTimers timers, Instant now)
    {
        (_invite, _layer) = (invite, layer);
        _number = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);
        response.Headers.Add(SipHeaderNames.Require, SipCapabilities.ReliableProvisionals);
        response.Headers.Add(SipHeaderNames.RSeq, _number.ToString(CultureInfo.InvariantCulture));
        layer.Respond(invite, response, now);
        _octets = SipMessageWriter.Write(response);
        _repeatMs = timers.T1Ms;
        RepeatAt = now.AddMs(_repeatMs);
        GiveUpAt = now.AddMs(timers.TransactionMs);
    }

    public Instant RepeatAt { get; private set; }

    /// <summary>Without its PRACK the INVITE is refused with 504 then.</summary>
    public Instant GiveUpAt { get; private set; }

    /// <summary>True exactly for the PRACK of this response.</summary>
    public bool TryAcknowledge(SipRequest prack)
    {
        var words = prack.Headers.First(SipHeaderNames.RAck)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var isThis = words.Length == 3 && words[0] == _number.ToString(CultureInfo.InvariantCulture)
            && words[1] == _invite.Request.CSeq.Number.ToString(CultureInfo.InvariantCulture) && words[2] == SipMethods.Invite;
        if (!isThis || _octets is null)
        {
            return false;
        }

        Stop();
        return true;
    }

    public void Stop()
    {
        _octets = null;
        RepeatAt = Instant.Never;
        GiveUpAt = Instant.Never;
    }

    public void Repeat(Instant now)
    {
        if (_octets is not null)
        {
            _layer.Outputs.Send(_invite.Flow, _octets);
            _repeatMs *= 2;
            RepeatAt = now.AddMs(_repeatMs);
        }
    }
}
