using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Comms.Media.Wire.Stun;

/// <summary>Where each attribute's value begins inside one message, 0 for absent. The first of equal attributes counts (RFC 8489 §14).</summary>
internal struct StunAttributeIndex
{
    public ushort Username;
    public ushort Integrity;
    public ushort Priority;
    public ushort UseCandidate;
    public ushort Controlling;
    public ushort Controlled;
    public ushort ErrorCode;
    public ushort MappedAddress;
    public bool HasFingerprint;
    public int UnknownCount;
    public UnknownTypes Unknown;

    /// <summary>Walks the attributes of a message whose header has been checked.</summary>
    public static bool TryBuild(ReadOnlySpan<byte> message, out StunAttributeIndex index)
    {
        index = default;
        int at = StunMessage.HeaderBytes;
        while (at < message.Length)
        {
            if (index.HasFingerprint || message.Length - at < 4) return false;
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            int next = at + 4 + ((length + 3) & ~3);
            if (next > message.Length) return false;
            if (!index.TryAdd(message, type, at + 4, length)) return false;
            at = next;
        }

        return true;
    }

    private bool TryAdd(ReadOnlySpan<byte> message, ushort type, int at, int length)
    {
        if (type == StunAttribute.Fingerprint)
        {
            HasFingerprint = true;
            return length == 4 && BinaryPrimitives.ReadUInt32BigEndian(message[at..]) == StunFingerprint.Compute(message[..(at - 4)]);
        }

        if (Integrity != 0) return true;
        switch (type)
        {
            case StunAttribute.Username: return length <= 513 && Set(ref Username, at);
            case StunAttribute.MessageIntegrity: return length == 20 && Set(ref Integrity, at);
            case StunAttribute.Priority: return length == 4 && Set(ref Priority, at);
            case StunAttribute.UseCandidate: return length == 0 && Set(ref UseCandidate, at);
            case StunAttribute.IceControlling: return length == 8 && Set(ref Controlling, at);
            case StunAttribute.IceControlled: return length == 8 && Set(ref Controlled, at);
            case StunAttribute.ErrorCode: return length >= 4 && Set(ref ErrorCode, at);
            case StunAttribute.XorMappedAddress: return length >= 8 && Set(ref MappedAddress, at);
        }

        if (!StunAttribute.IsComprehensionRequired(type) || StunAttribute.IsKnown(type)) return true;
        if (UnknownCount < StunMessage.MaxUnknownReported) Unknown[UnknownCount++] = type;
        return true;
    }

    private static bool Set(ref ushort field, int at)
    {
        if (field == 0) field = (ushort)at;
        return true;
    }

    /// <summary>The first comprehension-required types that are not understood, to be named in a 420 response.</summary>
    [InlineArray(StunMessage.MaxUnknownReported)]
    internal struct UnknownTypes
    {
        private ushort _first;
    }
}
