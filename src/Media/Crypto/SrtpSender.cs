using System.Runtime.CompilerServices;

namespace Comms.Media.Crypto;

/// <summary>
/// Protects what we send to one peer. RFC 3711 §3.3. Owned by the session's loop; allocates only on the first RTP and the first RTCP packet.
/// A packet sent again with its old sequence number must be the same bytes, or the AEAD nonce is used twice for two texts.
/// </summary>
/// <param name="master">Needed here only: the caller may erase it afterwards.</param>
/// <param name="sendsRtp">False when RTP is protected elsewhere with the same master key: this one is for RTCP then.</param>
public sealed class SrtpSender(SrtpMasterKey master, bool sendsRtp = true) : IDisposable
{
    /// <summary>SSRCs one session sends with: audio slots, video and its retransmissions.</summary>
    public const int MaxSources = 16;

    /// <summary>The 31-bit SRTCP index ends the key's life. RFC 3711 §9.2.</summary>
    private const uint MaxRtcpIndex = 0x7FFF_FFFF;

    private readonly SrtpCipher? _rtp = sendsRtp ? SrtpCipher.CreateRtp(master, encrypt: true) : null;
    private readonly SrtpCipher _rtcp = SrtpCipher.CreateRtcp(master, encrypt: true);
    private Sources _sources;
    private int _sourceCount;
    private uint _rtcpIndex;

    public SrtpProfile Profile { get; } = master.Profile;

    /// <summary>
    /// Protects the RTP packet in the first <paramref name="length"/> bytes in place. False: not RTP, a sixteenth-plus-one SSRC,
    /// a sequence number before the stream's first cycle, or no room for the tag.
    /// </summary>
    public bool TryProtect(Span<byte> buffer, int length, out int protectedLength)
    {
        protectedLength = length + Profile.TagBytes;
        if (_rtp is null || protectedLength > buffer.Length || !SrtpHeader.TryReadRtp(buffer[..length], out var header)) return false;
        int at = FindOrAdd(header.Ssrc, header.SequenceNumber);
        if (at < 0) return false;
        long index = RtpPacketIndex.Estimate(_sources[at].Highest, header.SequenceNumber);
        if (index < 0) return false;
        _rtp.ProtectRtp(buffer[..protectedLength], header, (ulong)index);
        if ((ulong)index > _sources[at].Highest) _sources[at].Highest = (ulong)index;
        return true;
    }

    /// <summary>Protects a compound RTCP packet in place. False: not RTCP, no room, or the key's RTCP indices are used up.</summary>
    public bool TryProtectRtcp(Span<byte> buffer, int length, out int protectedLength)
    {
        protectedLength = length;
        if (!SrtpHeader.TryReadRtcp(buffer[..length], out var header) || _rtcpIndex == MaxRtcpIndex) return false;
        protectedLength = length + _rtcp.TagBytes + 4;
        if (protectedLength > buffer.Length) return false;
        _rtcp.ProtectRtcp(buffer[..protectedLength], header.Ssrc, ++_rtcpIndex);
        return true;
    }

    public void Dispose()
    {
        _rtp?.Dispose();
        _rtcp.Dispose();
    }

    private int FindOrAdd(uint ssrc, ushort sequenceNumber)
    {
        for (int i = 0; i < _sourceCount; i++)
            if (_sources[i].Ssrc == ssrc) return i;
        if (_sourceCount == MaxSources) return -1;
        _sources[_sourceCount] = new Source { Ssrc = ssrc, Highest = sequenceNumber };
        return _sourceCount++;
    }

    private struct Source
    {
        public uint Ssrc;
        public ulong Highest;
    }

    [InlineArray(MaxSources)]
    private struct Sources
    {
        private Source _first;
    }
}
