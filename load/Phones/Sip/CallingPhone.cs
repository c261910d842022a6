using System.Text;
using Comms.Phones.Io;

namespace Comms.Phones.Sip;

/// <summary>States of a simulated phone's call.</summary>
internal enum CallingState
{
    Idle,
    Inviting,
    Up,
    Ending,
}

/// <summary>One simulated phone that calls a number with G.711 A-law: signaling only. Driven by its <see cref="CallLoad"/>.</summary>
internal sealed class CallingPhone(SipIdentity identity, ushort rtpPort, Endpoint server)
{
    private const long RepeatNs = 500_000_000;
    private const long LongestRepeatNs = 4_000_000_000;

    private string _callId = "";
    private string _localTag = "";
    private string _remoteTag = "";
    private string _target = "";
    private uint _sequence;
    private string _last = "";
    private string _branch = "";
    private long _repeatNs;

    public SipIdentity Identity => identity;

    public CallingState State { get; private set; }

    /// <summary>When the first INVITE of this call went out.</summary>
    public long StartedNs { get; private set; }

    /// <summary>When the call was up.</summary>
    public long UpNs { get; private set; }

    /// <summary>Where the server listens for this phone's speech.</summary>
    public Endpoint Rtp { get; private set; }

    /// <summary>When the open request is sent again.</summary>
    public long RepeatAtNs { get; private set; } = long.MaxValue;

    public string Invite(long now)
    {
        (_callId, _localTag, _remoteTag, _sequence) = (SipIdentity.Word(), SipIdentity.Word(), "", 0);
        State = CallingState.Inviting;
        StartedNs = now;
        return SendInvite(now);
    }

    public string Bye(long now)
    {
        State = CallingState.Ending;
        return Keep(Begin("BYE", ++_sequence).Append("Content-Length: 0\r\n\r\n").ToString(), now);
    }

    public string Repeat(long now)
    {
        _repeatNs = Math.Min(_repeatNs * 2, LongestRepeatNs);
        RepeatAtNs = now + _repeatNs;
        return _last;
    }

    /// <summary>Takes an answer in; what must be sent for it goes out by <paramref name="send"/>. A status of refusal, or 0.</summary>
    public int Take(SipReply reply, long now, Action<string> send)
    {
        if (reply.CallId != _callId) return 0;
        if (State == CallingState.Ending)
        {
            if (reply.Status >= 200 && reply.CSeq == $"{_sequence} BYE") Rest();
            else if (reply.Status is >= 200 and < 300) send(Acknowledge(_sequence - 1));
            return 0;
        }

        if (reply.CSeq != $"{_sequence} INVITE" || reply.Status < 200)
        {
            if (reply.Status is > 0 and < 200) RepeatAtNs = long.MaxValue;
            return 0;
        }

        _remoteTag = reply.ToTag;
        if (reply.Status < 300)
        {
            Answered(reply, now);
            send(Acknowledge(_sequence));
            return 0;
        }

        send(Acknowledge(_sequence, reply.ToTag));
        return Refused(reply, now, send);
    }

    /// <summary>Gives the call up.</summary>
    public void Rest()
    {
        State = CallingState.Idle;
        RepeatAtNs = long.MaxValue;
    }

    private string SendInvite(long now)
    {
        string uri = $"sip:{identity.Login.Number}@{identity.Domain}";
        var sdp = new StringBuilder(256).Append("v=0\r\no=- ").Append(rtpPort).Append(" 1 IN IP4 ").Append(identity.Host).Append("\r\ns=-\r\nc=IN IP4 ")
            .Append(identity.Host).Append("\r\nt=0 0\r\nm=audio ").Append(rtpPort)
            .Append(" RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n").ToString();
        var ids = new SipDialogIds(identity.Login.Number, _callId, _localTag, "", ++_sequence);
        var request = identity.Begin("INVITE", uri, ids);
        identity.Prove(request, "INVITE", uri);
        request.Append("Contact: ").Append(identity.Contact).Append("\r\nContent-Type: application/sdp\r\nContent-Length: ").Append(sdp.Length).Append("\r\n\r\n").Append(sdp);
        _branch = ids.Branch;
        return Keep(request.ToString(), now);
    }

    private void Answered(SipReply reply, long now)
    {
        if (State == CallingState.Up) return;
        State = CallingState.Up;
        UpNs = now;
        RepeatAtNs = long.MaxValue;
        _target = reply.Contact;
        Rtp = new Endpoint(AddressOf(reply.AudioAddress), reply.AudioPort);
    }

    private int Refused(SipReply reply, long now, Action<string> send)
    {
        bool isFirst = reply.Status == 401 && _sequence == 1;
        if (isFirst)
        {
            identity.Learn(reply);
            _remoteTag = "";
            send(SendInvite(now));
            return 0;
        }

        Rest();
        return reply.Status;
    }

    private string Acknowledge(uint sequence, string? refusalTag = null)
    {
        string uri = refusalTag is null ? _target : $"sip:{identity.Login.Number}@{identity.Domain}";
        var ids = new SipDialogIds(identity.Login.Number, _callId, _localTag, refusalTag ?? _remoteTag, sequence);
        string text = identity.Begin("ACK", uri, ids).Append("Content-Length: 0\r\n\r\n").ToString();
        // The ACK of a refusal belongs to the INVITE's transaction, that of a 200 does not.
        return refusalTag is null ? text : text.Replace(ids.Branch, _branch, StringComparison.Ordinal);
    }

    private StringBuilder Begin(string method, uint sequence) =>
        identity.Begin(method, _target, new SipDialogIds(identity.Login.Number, _callId, _localTag, _remoteTag, sequence));

    private string Keep(string request, long now)
    {
        _last = request;
        _repeatNs = RepeatNs;
        RepeatAtNs = now + _repeatNs;
        return request;
    }

    private uint AddressOf(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 4 ? parts.Aggregate(0u, (sum, part) => sum << 8 | byte.Parse(part, System.Globalization.CultureInfo.InvariantCulture)) : server.Address;
    }
}
