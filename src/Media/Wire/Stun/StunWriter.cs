using System.Buffers.Binary;
using System.Security.Cryptography;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.Stun;

/// <summary>
/// Writes one STUN message into a caller's buffer (<see cref="StunMessage.MaxBytes"/> always suffices). RFC 8489 §5. Order: attributes,
/// then <see cref="AddIntegrity"/>, then <see cref="AddFingerprint"/>; <see cref="Written"/> is a valid message after each.
/// </summary>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    public StunWriter(Span<byte> buffer, StunMessageType type, ReadOnlySpan<byte> transactionId)
    {
        _buffer = buffer;
        _length = StunMessage.HeaderBytes;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transactionId.CopyTo(buffer.Slice(8, StunMessage.TransactionIdBytes));
    }

    public readonly int Length => _length;

    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    public void AddUsername(ReadOnlySpan<byte> username) => username.CopyTo(Add(StunAttribute.Username, username.Length));

    public void AddPriority(uint priority) => BinaryPrimitives.WriteUInt32BigEndian(Add(StunAttribute.Priority, 4), priority);

    public void AddUseCandidate() => Add(StunAttribute.UseCandidate, 0);

    public void AddControlling(ulong tieBreaker) => BinaryPrimitives.WriteUInt64BigEndian(Add(StunAttribute.IceControlling, 8), tieBreaker);

    public void AddControlled(ulong tieBreaker) => BinaryPrimitives.WriteUInt64BigEndian(Add(StunAttribute.IceControlled, 8), tieBreaker);

    /// <summary>XOR-MAPPED-ADDRESS of the peer as we saw it. RFC 8489 §14.2.</summary>
    public void AddMappedAddress(in TransportAddress mapped)
    {
        var value = Add(StunAttribute.XorMappedAddress, 4 + mapped.AddressBytes);
        value[0] = 0;
        value[1] = (byte)(mapped.IsIPv4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(mapped.Port ^ (StunMessage.MagicCookie >> 16)));
        int bytes = mapped.WriteAddress(value[4..]);
        for (int i = 0; i < bytes; i++) value[4 + i] ^= _buffer[4 + i];
    }

    /// <summary>ERROR-CODE with its reason phrase in ASCII. RFC 8489 §14.8.</summary>
    public void AddErrorCode(int code, ReadOnlySpan<byte> reason)
    {
        var value = Add(StunAttribute.ErrorCode, 4 + reason.Length);
        value[0] = value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
    }

    /// <summary>UNKNOWN-ATTRIBUTES of a 420. RFC 8489 §14.13.</summary>
    public void AddUnknownAttributes(in StunMessage request)
    {
        var value = Add(StunAttribute.UnknownAttributes, 2 * request.UnknownCount);
        for (int i = 0; i < request.UnknownCount; i++) BinaryPrimitives.WriteUInt16BigEndian(value[(2 * i)..], request.Unknown(i));
    }

    /// <summary>MESSAGE-INTEGRITY with a short-term key. RFC 8489 §14.5.</summary>
    public void AddIntegrity(ReadOnlySpan<byte> key)
    {
        int covered = _length;
        var value = Add(StunAttribute.MessageIntegrity, HMACSHA1.HashSizeInBytes);
        HMACSHA1.HashData(key, _buffer[..covered], value);
    }

    /// <inheritdoc cref="AddIntegrity(ReadOnlySpan{byte})"/>
    public void AddIntegrity<TKey>(in TKey key)
        where TKey : struct, IMessageIntegrity
    {
        int covered = _length;
        var value = Add(StunAttribute.MessageIntegrity, HMACSHA1.HashSizeInBytes);
        key.Compute(_buffer[..covered], value);
    }

    /// <summary>FINGERPRINT; nothing may follow it. RFC 8489 §14.7.</summary>
    public void AddFingerprint()
    {
        int covered = _length;
        var value = Add(StunAttribute.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunFingerprint.Compute(_buffer[..covered]));
    }

    private Span<byte> Add(ushort type, int length)
    {
        int padded = (length + 3) & ~3;
        var attribute = _buffer.Slice(_length, 4 + padded);
        attribute[(4 + length)..].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(attribute, type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)length);
        _length += attribute.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderBytes));
        return attribute.Slice(4, length);
    }
}
