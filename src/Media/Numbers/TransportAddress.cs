using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Comms.Media.Numbers;

/// <summary>
/// An IP address and port as one comparable value without references. An IPv4 address is held in its IPv4-mapped form
/// (RFC 4291 §2.5.5.2), so that the same peer is equal however the socket reports it.
/// </summary>
public readonly record struct TransportAddress(ulong High, ulong Low, ushort Port, uint ScopeId = 0)
{
    private const ulong MappedPrefix = 0xFFFF_0000_0000;

    public bool IsIPv4 => High == 0 && Low >> 32 == MappedPrefix >> 32;

    /// <summary>Bytes that <see cref="WriteAddress"/> needs: 4 or 16.</summary>
    public int AddressBytes => IsIPv4 ? 4 : 16;

    /// <summary>From the four bytes of an IPv4 address in host order.</summary>
    public static TransportAddress FromIPv4(uint address, ushort port) => new(0, MappedPrefix | address, port);

    /// <summary>From an address in network order of 4 or 16 bytes.</summary>
    public static TransportAddress FromBytes(ReadOnlySpan<byte> address, ushort port, uint scopeId = 0) =>
        address.Length == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(address), port)
            : new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port, scopeId);

    public static TransportAddress From(IPEndPoint endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.TryWriteBytes(bytes, out int length);
        uint scope = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)endPoint.Address.ScopeId : 0;
        return FromBytes(bytes[..length], (ushort)endPoint.Port, scope);
    }

    /// <summary>Writes the address in network order; returns 4 or 16.</summary>
    public int WriteAddress(Span<byte> destination)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Low);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
        return 16;
    }

    /// <summary>Allocates; for control paths and the debug page.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        int length = WriteAddress(bytes);
        var address = length == 4 ? new IPAddress(bytes[..4]) : new IPAddress(bytes, ScopeId);
        return new IPEndPoint(address, Port);
    }

    public override string ToString() => ToIPEndPoint().ToString();
}
