using Comms.Media.Wire.Rtcp;

namespace Comms.Phones.Media;

/// <summary>The receiver report of a listening page: one block once it has heard something, and its name.</summary>
internal static class Reports
{
    public const int BytesMax = 128;

    /// <summary>Writes and protects one compound; returns its bytes.</summary>
    public static int Write(Span<byte> buffer, ReadOnlySpan<byte> key, uint ownSsrc, ref Listener listener)
    {
        var writer = new CompoundWriter(buffer);
        if (listener.HasHeard)
        {
            writer.AddReceiverReport(ownSsrc,
            [
                new ReportBlock
                {
                    Ssrc = listener.Ssrc,
                    CumulativeLost = listener.Lost,
                    HighestSequence = listener.Rollover << 16 | (ushort)(listener.NextSequence - 1),
                },
            ]);
        }
        else writer.AddReceiverReport(ownSsrc, []);
        writer.AddSourceDescription(ownSsrc, "phone"u8);
        return SrtpOnce.SealRtcp(key, buffer, writer.Length, ++listener.RtcpIndex);
    }
}
