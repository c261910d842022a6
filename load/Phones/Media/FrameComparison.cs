using Comms.Media.Crypto;
using Comms.Media.Wire.Opus;
using Comms.Media.Wire.Rtp;

namespace Comms.Phones.Media;

/// <summary>One listener in a hundred: decrypts every packet and compares every frame in it with what was said, merged or not.</summary>
internal sealed class FrameComparison(SrtpMasterKey key) : IDisposable
{
    private readonly SrtpReceiver _receiver = new(key);

    /// <summary>Frames heard of the burst so far.</summary>
    public int FramesHeard { get; private set; }

    /// <summary>Frames in the last packet.</summary>
    public int PacketFrames { get; private set; }

    public void Begin() => FramesHeard = 0;

    /// <summary>Decrypts in place. False: not authentic, not Opus, or not the frames that come next in the burst.</summary>
    public bool Take(Span<byte> datagram, Burst burst, uint firstTimestamp)
    {
        if (_receiver.Unprotect(datagram, out int length) != SrtpError.None) return false;
        if (!RtpPacketView.TryParse(datagram[..length], out var packet)) return false;
        int frame = (int)((packet.Timestamp - firstTimestamp) / Speech.FrameTicks);
        if (frame != FramesHeard || !IsSaid(packet.Payload, burst, frame, out int frames)) return false;
        PacketFrames = frames;
        FramesHeard += frames;
        return true;
    }

    /// <summary>True when the Opus packet holds exactly the frames that the burst has from <paramref name="first"/> on.</summary>
    public static bool IsSaid(ReadOnlySpan<byte> payload, Burst burst, int first, out int frames)
    {
        frames = 0;
        if (!OpusPacketView.TryParse(payload, out var opus, out _) || opus.Toc.FrameTicks != Speech.FrameTicks) return false;
        frames = opus.FrameCount;
        for (int i = 0; i < frames; i++)
        {
            if (first + i >= burst.FrameCount) return false;
            byte[] said = burst.Packet(first + i);
            if (opus.Toc.Configuration != new OpusToc(said[0]).Configuration) return false;
            if (!opus.Frame(i).SequenceEqual(said.AsSpan(1))) return false;
        }

        return true;
    }

    public void Dispose() => _receiver.Dispose();
}
