using Comms.Media.Wire.Rtcp;

namespace Comms.Phones.Media;

/// <summary>
/// The receiver reports of a listening page, as Chromium sends them: one for each slot in turn, alone (RFC 5506), with a block for
/// the first slot once that has heard something.
/// </summary>
internal static class Reports
{
    private const uint Slots = 4;

    /// <summary>Writes and protects the next report; returns its bytes.</summary>
    public static int Write(Span<byte> buffer, ReadOnlySpan<byte> key, uint ownSsrc, ref Listener listener)
    {
        var writer = new CompoundWriter(buffer);
        if (listener.HasHeard && listener.RtcpIndex % Slots == 0)
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
        return SrtpOnce.SealRtcp(key, buffer, writer.Length, ++listener.RtcpIndex);
    }
}
