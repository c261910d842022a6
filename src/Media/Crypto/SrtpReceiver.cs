using System.Runtime.CompilerServices;

namespace Comms.Media.Crypto;

/// <summary>
/// Unprotects what one peer sends. RFC 3711 §3.3: index estimate, replay check, authentication, and only then any change of state.
/// Owned by the session's loop; allocates only on the first RTP and the first RTCP packet.
/// </summary>
public sealed class SrtpReceiver(SrtpMasterKey master) : IDisposable
{
    /// <summary>SSRCs one peer may send with; an authenticated packet of a further one is refused.</summary>
    public const int MaxSources = 4;

    private const uint IndexMask = 0x7FFF_FFFF;
    private readonly SrtpCipher _rtp = SrtpCipher.CreateRtp(master, encrypt: false);
    private readonly SrtpCipher _rtcp = SrtpCipher.CreateRtcp(master, encrypt: false);
    private SourceTable _rtcpSources;
    private SourceTable _sources;

    public SrtpProfile Profile { get; } = master.Profile;

    /// <summary>
    /// Unprotects an RTP packet in place; on success its first <paramref name="length"/> bytes are plain RTP. On failure the
    /// packet's bytes are worthless and nothing is remembered of it.
    /// </summary>
    public SrtpError Unprotect(Span<byte> packet, out int length)
    {
        length = packet.Length - _rtp.TagBytes;
        if (!SrtpHeader.TryReadRtp(packet, out var header) || length < header.HeaderBytes) return SrtpError.Malformed;
        int at = _sources.Find(header.Ssrc);
        long index = at < 0 ? header.SequenceNumber : RtpPacketIndex.Estimate(_sources.Window(at).Highest, header.SequenceNumber);
        if (index < 0 || (at >= 0 && !_sources.Window(at).Check((ulong)index))) return SrtpError.Replayed;
        if (!_rtp.UnprotectRtp(packet, header, (ulong)index)) return SrtpError.AuthenticationFailed;
        return _sources.TryCommit(at, header.Ssrc, (ulong)index) ? SrtpError.None : SrtpError.TooManySources;
    }

    /// <summary>Unprotects a compound RTCP packet in place; see <see cref="Unprotect"/>.</summary>
    public SrtpError UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        if (!SrtpHeader.TryReadRtcp(packet, out var header)) return SrtpError.Malformed;
        length = packet.Length - _rtcp.TagBytes - 4;
        if (length < SrtpHeader.RtcpHeaderBytes) return SrtpError.Malformed;
        uint word = _rtcp.ReadRtcpIndexWord(packet);
        uint index = word & IndexMask;
        int at = _rtcpSources.Find(header.Ssrc);
        if (at >= 0 && !_rtcpSources.Window(at).Check(index)) return SrtpError.Replayed;
        if (!_rtcp.UnprotectRtcp(packet, header.Ssrc, word)) return SrtpError.AuthenticationFailed;
        return _rtcpSources.TryCommit(at, header.Ssrc, index) ? SrtpError.None : SrtpError.TooManySources;
    }

    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    private struct SourceTable
    {
        private Sources _entries;
        private int _count;

        public readonly int Find(uint ssrc)
        {
            for (int i = 0; i < _count; i++)
                if (_entries[i].Ssrc == ssrc) return i;
            return -1;
        }

        public readonly ReplayWindow Window(int at) => _entries[at].Window;

        public bool TryCommit(int at, uint ssrc, ulong index)
        {
            if (at < 0)
            {
                if (_count == MaxSources) return false;
                at = _count++;
                _entries[at].Ssrc = ssrc;
            }

            _entries[at].Window.Commit(index);
            return true;
        }
    }

    private struct Source
    {
        public uint Ssrc;
        public ReplayWindow Window;
    }

    [InlineArray(MaxSources)]
    private struct Sources
    {
        private Source _first;
    }
}
