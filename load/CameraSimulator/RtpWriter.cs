using System.Buffers.Binary;

namespace Comms.CameraSimulator;

/// <summary>Writes one player's interleaved RTP: its own SSRC, numbers and timestamps, and a sender report every five seconds.</summary>
internal sealed class RtpWriter(uint ssrc, byte rtpChannel, byte rtcpChannel, int framesPerSecond)
{
    private const int PayloadType = 96;
    private const int ReportSeconds = 5;
    private const int FrameHeaderBytes = 4;
    private const int RtpHeaderBytes = 12;
    private const int ReportBytes = 28;
    private const long UnixToNtpSeconds = 2_208_988_800;

    private ushort _sequence = (ushort)ssrc;
    private uint _packets;
    private uint _octets;
    private int _sinceReport = ReportSeconds * framesPerSecond;

    /// <summary>All packets of one frame behind each other in the buffer; returns that part of it. RFC 2326 §10.12, RFC 3550 §5.1.</summary>
    public ReadOnlySpan<byte> Write(ClipFrame frame, long number, int framesPerClip, Span<byte> buffer)
    {
        var loop = number / framesPerClip;
        var timestamp = (uint)((loop * framesPerClip + frame.OutputIndex) * (90_000 / framesPerSecond));
        var reports = ++_sinceReport > ReportSeconds * framesPerSecond;
        var rest = buffer;
        if (reports)
        {
            _sinceReport = 0;
            WriteReport(rest, timestamp);
            rest = rest[(FrameHeaderBytes + ReportBytes)..];
        }

        for (var i = 0; i < frame.Payloads.Count; i++)
        {
            var payload = frame.Payloads[i];
            WriteFrameHeader(rest, rtpChannel, RtpHeaderBytes + payload.Length);
            rest[4] = 0x80;
            rest[5] = (byte)(PayloadType | (i == frame.Payloads.Count - 1 ? 0x80 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(rest[6..], _sequence++);
            BinaryPrimitives.WriteUInt32BigEndian(rest[8..], timestamp);
            BinaryPrimitives.WriteUInt32BigEndian(rest[12..], ssrc);
            payload.CopyTo(rest[(FrameHeaderBytes + RtpHeaderBytes)..]);
            rest = rest[(FrameHeaderBytes + RtpHeaderBytes + payload.Length)..];
            _packets++;
            _octets += (uint)payload.Length;
        }

        return buffer[..^rest.Length];
    }

    /// <summary>A sender report without blocks, RFC 3550 §6.4.1.</summary>
    private void WriteReport(Span<byte> buffer, uint timestamp)
    {
        WriteFrameHeader(buffer, rtcpChannel, ReportBytes);
        var report = buffer[FrameHeaderBytes..];
        var now = DateTimeOffset.UtcNow;
        report[0] = 0x80;
        report[1] = 200;
        BinaryPrimitives.WriteUInt16BigEndian(report[2..], ReportBytes / 4 - 1);
        BinaryPrimitives.WriteUInt32BigEndian(report[4..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(report[8..], (uint)(now.ToUnixTimeSeconds() + UnixToNtpSeconds));
        BinaryPrimitives.WriteUInt32BigEndian(report[12..], (uint)((ulong)now.Millisecond * uint.MaxValue / 1000));
        BinaryPrimitives.WriteUInt32BigEndian(report[16..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(report[20..], _packets);
        BinaryPrimitives.WriteUInt32BigEndian(report[24..], _octets);
    }

    private static void WriteFrameHeader(Span<byte> buffer, byte channel, int length)
    {
        buffer[0] = (byte)'$';
        buffer[1] = channel;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)length);
    }
}
