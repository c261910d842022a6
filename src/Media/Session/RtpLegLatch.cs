using System.Net;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// Decides whose packets a plain-RTP leg takes. The address in the peer's SDP is always the one, unless the peer sits
/// behind an address translator: then the first source that sends plausible RTP is latched. Once decided, it stays until
/// the next re-INVITE, so that a third party can neither speak into the leg nor pull its sound away.
/// </summary>
public sealed class RtpLegLatch
{
    private TransportAddress _announced;
    private TransportAddress _announcedRtcp;
    private bool _isBehindTranslator;
    private TransportAddress _latched;

    public RtpLegLatch(RtpLegParameters parameters) => Open(parameters);

    public bool IsLatched { get; private set; }

    /// <summary>Where to send RTP. False: the peer's SDP named no port or address (hold), and no source is latched.</summary>
    public bool TryGetDestination(out TransportAddress destination)
    {
        destination = IsLatched ? _latched : _announced;
        return destination.Port != 0 && !IsUnspecified(destination);
    }

    /// <summary>Where to send RTCP: as announced, or beside a latched source.</summary>
    public TransportAddress ReportDestination =>
        IsLatched && _latched != _announced ? _latched with { Port = (ushort)(_latched.Port + 1) } : _announcedRtcp;

    /// <summary>Forgets the latched source and takes the address of a new offer or answer.</summary>
    public void Open(RtpLegParameters parameters)
    {
        _announced = TransportAddress.From(parameters.Remote);
        _announcedRtcp = parameters.RemoteRtcp is { } rtcp
            ? TransportAddress.From(rtcp)
            : _announced with { Port = (ushort)(_announced.Port + 1) };
        _isBehindTranslator = parameters.SignalingAddress is { } signaling
            && !HasSameHost(TransportAddress.From(new IPEndPoint(signaling, _announced.Port)), _announced);
        IsLatched = false;
    }

    /// <summary>Whether an RTP packet from <paramref name="source"/> may be taken now; nothing is decided yet.</summary>
    public bool MayTake(in TransportAddress source) =>
        IsLatched ? source == _latched : source == _announced || _isBehindTranslator;

    /// <summary>Binds the leg to a source whose packet turned out to be plausible RTP.</summary>
    public void Take(in TransportAddress source)
    {
        _latched = source;
        IsLatched = true;
    }

    /// <summary>Whether RTCP from <paramref name="source"/> may be the peer's. RTCP never latches.</summary>
    public bool MayReport(in TransportAddress source)
    {
        if (source == _announcedRtcp || source == _announced) return true;
        return IsLatched && HasSameHost(source, _latched);
    }

    private static bool HasSameHost(in TransportAddress a, in TransportAddress b) => a.High == b.High && a.Low == b.Low;

    private static bool IsUnspecified(in TransportAddress address) => address.High == 0 && (address.Low & 0xFFFF_FFFF) == 0;
}
