using Comms.Media.Wire.Opus;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Opus;

public class OpusPacketViewFuzzTests
{
    [Fact]
    public void Mutated_packets_never_throw_and_frames_stay_inside_the_packet()
    {
        byte[][] corpus =
        [
            [0x08, 1, 2, 3],
            [0x09, 1, 2, 3, 4],
            [0x0A, 1, 9, 8, 7],
            [0x0A, 252, 0, .. new byte[300]],
            [0x0B, 3, 1, 2, 3, 4, 5, 6],
            [0x0B, 0xC3, 4, 1, 2, 9, 8, 7, 6, 0, 0, 0, 0],
            [0x83, 48, .. new byte[96]],
        ];
        Fuzz.Run(corpus, 6716, Split, allocationFree: true);
    }

    private static void Split(ReadOnlySpan<byte> packet)
    {
        if (!OpusPacketView.TryParse(packet, out OpusPacketView view, out _)) return;
        int total = 0;
        for (int index = 0; index < view.FrameCount; index++) total += view.Frame(index).Length;
        if (total >= packet.Length || view.Ticks > OpusToc.MaxPacketTicks) throw new InvalidOperationException("frames exceed the packet");
    }
}
