using System.Buffers.Binary;

namespace Comms.Media.Tests.Crypto.Dtls;

/// <summary>Takes DTLS records apart as a link or another stack would send them. RFC 6347 §4.1 and §4.2.2.</summary>
internal static class DtlsRecords
{
    private const int RecordHeader = 13;
    private const int HandshakeHeader = 12;

    /// <summary>Beyond what the client itself uses, or its next record would count as a replay; within the 64-record window.</summary>
    private const byte UnusedRecordNumber = 40;

    /// <summary>Splits a datagram of one handshake message into two datagrams of one fragment each, as Chromium's ClientHello comes.</summary>
    public static byte[][] SplitHandshake(byte[] datagram, int firstFragmentBytes)
    {
        var body = datagram.AsSpan(RecordHeader + HandshakeHeader);
        return
        [
            Fragment(datagram, body[..firstFragmentBytes], offset: 0, recordNumber: 0),
            Fragment(datagram, body[firstFragmentBytes..], firstFragmentBytes, UnusedRecordNumber),
        ];
    }

    private static byte[] Fragment(byte[] original, ReadOnlySpan<byte> body, int offset, byte recordNumber)
    {
        byte[] fragment = new byte[RecordHeader + HandshakeHeader + body.Length];
        original.AsSpan(0, RecordHeader + HandshakeHeader).CopyTo(fragment);
        fragment[10] = recordNumber;
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(11), (ushort)(HandshakeHeader + body.Length));
        WriteUInt24(fragment.AsSpan(RecordHeader + 6), offset);
        WriteUInt24(fragment.AsSpan(RecordHeader + 9), body.Length);
        body.CopyTo(fragment.AsSpan(RecordHeader + HandshakeHeader));
        return fragment;
    }

    private static void WriteUInt24(Span<byte> at, int value)
    {
        at[0] = (byte)(value >> 16);
        at[1] = (byte)(value >> 8);
        at[2] = (byte)value;
    }
}
