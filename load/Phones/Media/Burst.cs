namespace Comms.Phones.Media;

/// <summary>What is said in one press: known in whole before it starts, so that every listener can be compared with it.</summary>
public sealed class Burst(int number, int channel, int talker, Speech speech, int firstFrame, int frameCount)
{
    public int Number { get; } = number;

    public int Channel { get; } = channel;

    /// <summary>The phone that speaks, which does not hear itself; −1 for somebody who is no simulated phone.</summary>
    public int Talker { get; } = talker;

    public int FrameCount { get; } = frameCount;

    public int FirstFrame { get; } = firstFrame;

    /// <summary>When the first sample would have been captured, by the monotonic clock. Set before the first packet is sent.</summary>
    public long StartNs { get; set; }

    /// <summary>When the frame's first sample would have been captured.</summary>
    public long CapturedNs(int frame) => StartNs + frame * (Speech.FrameMs * 1_000_000L);

    /// <summary>The Opus packet of one frame of this burst.</summary>
    public byte[] Packet(int frame) => speech.Packet(FirstFrame + frame);
}
