using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// One SSRC that a session sends with: its place in the session's numbering, and what a sender report says of it. Lies in a
/// <see cref="SendTable"/>, on two cache lines of its own.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct SendStream(uint ssrc, byte payloadType, int ticksPerSecond, byte redPayloadType = 0)
{
    public const int Bytes = 128;

    public readonly uint Ssrc = ssrc;
    public readonly byte PayloadType = payloadType;

    /// <summary>Of packets that carry the one before as well; 0 when that was not negotiated.</summary>
    public readonly byte RedPayloadType = redPayloadType;

    public RedundancySwitch Redundancy;

    /// <summary>
    /// Begins at random (RFC 3550 §5.1), in the lower half of the numbers: a first packet that is lost shortly before the wrap would
    /// leave the receiver with the wrong SRTP rollover counter (RFC 3711 §3.3.1).
    /// </summary>
    public SequenceRewriter Rewriter = new(
        (ushort)RandomNumberGenerator.GetInt32(1, 0x8000), (uint)RandomNumberGenerator.GetInt32(int.MaxValue), ticksPerSecond);

    /// <summary>The highest SRTP packet index that was used; 0 before the first packet. RFC 3711 §3.3.1.</summary>
    public ulong HighestIndex;

    public uint Packets;
    public uint Octets;
    public uint PacketsAtReport;

    /// <summary>The timestamp of the latest packet, and when it was sent.</summary>
    public uint LastTimestamp;
    public Instant LastAt;

    public readonly int TicksPerSecond => ticksPerSecond;

    public void OnSent(int payloadBytes, uint timestamp, Instant now)
    {
        Packets++;
        Octets += (uint)payloadBytes;
        LastTimestamp = timestamp;
        LastAt = now;
    }
}
