using System.Buffers.Binary;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>struct sockaddr_in and sockaddr_in6 of Linux, to and from <see cref="TransportAddress"/>.</summary>
internal static unsafe class SocketAddressCodec
{
    /// <summary>sockaddr_in6, rounded up so that an array of them stays aligned.</summary>
    public const int MaxBytes = 32;

    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;
    private const uint IPv4Bytes = 16;
    private const uint IPv6Bytes = 28;

    /// <summary>False: a family that is not IP.</summary>
    public static bool TryRead(byte* address, uint bytes, out TransportAddress result)
    {
        result = default;
        if (bytes < IPv4Bytes) return false;
        ushort port = BinaryPrimitives.ReverseEndianness(*(ushort*)(address + 2));
        ushort family = *(ushort*)address;
        if (family == FamilyIPv4)
        {
            result = TransportAddress.FromIPv4(BinaryPrimitives.ReverseEndianness(*(uint*)(address + 4)), port);
            return true;
        }

        if (family != FamilyIPv6 || bytes < IPv6Bytes) return false;
        result = TransportAddress.FromBytes(new ReadOnlySpan<byte>(address + 8, 16), port, *(uint*)(address + 24));
        return true;
    }

    /// <summary>Writes the form that a socket of the family takes; returns its size.</summary>
    public static uint Write(byte* address, in TransportAddress value)
    {
        *(ushort*)(address + 2) = BinaryPrimitives.ReverseEndianness(value.Port);
        if (value.IsIPv4)
        {
            *(ushort*)address = FamilyIPv4;
            *(uint*)(address + 4) = BinaryPrimitives.ReverseEndianness((uint)value.Low);
            *(ulong*)(address + 8) = 0;
            return IPv4Bytes;
        }

        *(ushort*)address = FamilyIPv6;
        *(uint*)(address + 4) = 0;
        *(ulong*)(address + 8) = BinaryPrimitives.ReverseEndianness(value.High);
        *(ulong*)(address + 16) = BinaryPrimitives.ReverseEndianness(value.Low);
        *(uint*)(address + 24) = value.ScopeId;
        return IPv6Bytes;
    }
}
