using System.Buffers.Binary;
using System.Security.Cryptography;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.Stun;

/// <summary>
/// A read-only view of one STUN message; aliases the datagram, copies nothing. RFC 8489 §5. Attributes behind
/// MESSAGE-INTEGRITY are not seen (§14.5), apart from FINGERPRINT, which is checked while parsing.
/// </summary>
public readonly ref struct StunMessage
{
    public const int HeaderBytes = 20;
    public const int TransactionIdBytes = 12;
    public const uint MagicCookie = 0x2112A442;

    /// <summary>Longer messages are refused: an ICE check fits one unfragmented datagram, and the bound keeps stack copies small.</summary>
    public const int MaxBytes = 1500;

    /// <summary>Unknown comprehension-required attributes kept for the 420 answer; further ones are left out of it.</summary>
    public const int MaxUnknownReported = 4;

    private const int IntegrityBytes = 20;
    private readonly ReadOnlySpan<byte> _message;
    private readonly StunAttributeIndex _index;

    private StunMessage(ReadOnlySpan<byte> message, StunAttributeIndex index)
    {
        _message = message;
        _index = index;
    }

    public StunMessageType Type => (StunMessageType)BinaryPrimitives.ReadUInt16BigEndian(_message);

    public ReadOnlySpan<byte> TransactionId => _message.Slice(8, TransactionIdBytes);

    public bool HasUsername => _index.Username != 0;

    public bool HasIntegrity => _index.Integrity != 0;

    public bool HasFingerprint => _index.HasFingerprint;

    public bool HasUseCandidate => _index.UseCandidate != 0;

    /// <summary>UTF-8 as sent: in ICE "local-ufrag:remote-ufrag" from the receiver's point of view. RFC 8445 §7.2.2.</summary>
    public ReadOnlySpan<byte> Username => Value(_index.Username);

    /// <summary>Comprehension-required attributes that nobody here knows.</summary>
    public int UnknownCount => _index.UnknownCount;

    public ushort Unknown(int position) => _index.Unknown[position];

    /// <summary>
    /// Reads one message. False: not STUN (RFC 7983 first byte, magic cookie), a length that is not the datagram's, an attribute
    /// beyond the end or of the wrong size, an attribute behind FINGERPRINT, or a FINGERPRINT that does not match.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (datagram.Length is < HeaderBytes or > MaxBytes || datagram[0] > 3) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length % 4 != 0 || length != datagram.Length - HeaderBytes) return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != MagicCookie) return false;
        if (!StunAttributeIndex.TryBuild(datagram, out var index)) return false;
        message = new StunMessage(datagram, index);
        return true;
    }

    /// <summary>Checks MESSAGE-INTEGRITY with a short-term key (the password's bytes), in constant time. False when there is none.</summary>
    public bool VerifyIntegrity(ReadOnlySpan<byte> key)
    {
        if (_index.Integrity == 0) return false;
        Span<byte> covered = stackalloc byte[_index.Integrity - 4];
        CopyCovered(covered);
        Span<byte> expected = stackalloc byte[IntegrityBytes];
        HMACSHA1.HashData(key, covered, expected);
        return IsIntegrity(expected);
    }

    /// <inheritdoc cref="VerifyIntegrity(ReadOnlySpan{byte})"/>
    public bool VerifyIntegrity<TKey>(in TKey key)
        where TKey : struct, IMessageIntegrity
    {
        if (_index.Integrity == 0) return false;
        Span<byte> covered = stackalloc byte[_index.Integrity - 4];
        CopyCovered(covered);
        Span<byte> expected = stackalloc byte[IntegrityBytes];
        key.Compute(covered, expected);
        return IsIntegrity(expected);
    }

    public bool TryReadPriority(out uint priority)
    {
        priority = _index.Priority == 0 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(Value(_index.Priority));
        return _index.Priority != 0;
    }

    /// <summary>The tie-breaker of an agent that believes to be controlling. RFC 8445 §7.1.3.</summary>
    public bool TryReadControlling(out ulong tieBreaker) => TryReadUInt64(_index.Controlling, out tieBreaker);

    /// <summary>The tie-breaker of an agent that believes to be controlled.</summary>
    public bool TryReadControlled(out ulong tieBreaker) => TryReadUInt64(_index.Controlled, out tieBreaker);

    /// <summary>The error number (300 to 699) of an error response; false when there is none or it is malformed. RFC 8489 §14.8.</summary>
    public bool TryReadErrorCode(out int code)
    {
        code = 0;
        if (_index.ErrorCode == 0) return false;
        var value = Value(_index.ErrorCode);
        int hundreds = value[2] & 7;
        code = hundreds * 100 + value[3];
        return hundreds is >= 3 and <= 6 && value[3] < 100;
    }

    /// <summary>Reads XOR-MAPPED-ADDRESS. RFC 8489 §14.2. False: absent, or family and length disagree.</summary>
    public bool TryReadMappedAddress(out TransportAddress mapped)
    {
        mapped = default;
        if (_index.MappedAddress == 0) return false;
        var value = Value(_index.MappedAddress);
        if (!(value[1] == 1 && value.Length == 8) && !(value[1] == 2 && value.Length == 20)) return false;
        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (MagicCookie >> 16));
        Span<byte> address = stackalloc byte[value.Length - 4];
        for (int i = 0; i < address.Length; i++) address[i] = (byte)(value[4 + i] ^ _message[4 + i]);
        mapped = TransportAddress.FromBytes(address, port);
        return true;
    }

    // The length in the header counts up to the end of the attribute, whatever follows it.
    private void CopyCovered(Span<byte> covered)
    {
        _message[..covered.Length].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(covered.Length + 4 + IntegrityBytes - HeaderBytes));
    }

    private bool IsIntegrity(ReadOnlySpan<byte> expected) =>
        CryptographicOperations.FixedTimeEquals(expected, _message.Slice(_index.Integrity, IntegrityBytes));

    private bool TryReadUInt64(int at, out ulong value)
    {
        value = at == 0 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(Value(at));
        return at != 0;
    }

    private ReadOnlySpan<byte> Value(int at) =>
        at == 0 ? default : _message.Slice(at, BinaryPrimitives.ReadUInt16BigEndian(_message[(at - 2)..]));
}
