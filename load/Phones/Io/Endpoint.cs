using System.Buffers.Binary;
using System.Net;

namespace Comms.Phones.Io;

/// <summary>An IPv4 address and port, in host byte order.</summary>
public readonly record struct Endpoint(uint Address, ushort Port)
{
    public static Endpoint Of(IPEndPoint point) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(point.Address.MapToIPv4().GetAddressBytes()), (ushort)point.Port);

    public override string ToString() => $"{Address >> 24}.{Address >> 16 & 255}.{Address >> 8 & 255}.{Address & 255}:{Port}";

    internal LibC.SocketAddress ToNative() => new()
    {
        Family = LibC.Inet,
        Port = BinaryPrimitives.ReverseEndianness(Port),
        Address = BinaryPrimitives.ReverseEndianness(Address),
    };
}
