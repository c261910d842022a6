using System.Buffers.Binary;
using System.Text;

namespace Comms.Phones.Control;

/// <summary>Writes the few MessagePack forms that hub calls need into a caller's buffer.</summary>
internal ref struct MessagePackText(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void Array(int count) => Put((byte)(0x90 | count));

    public void Map(int count) => Put((byte)(0x80 | count));

    public void Nil() => Put(0xC0);

    /// <summary>0 to 65,535.</summary>
    public void Number(int value)
    {
        if (value < 128)
        {
            Put((byte)value);
            return;
        }

        Put(0xCD);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)value);
        Length += 2;
    }

    public void Text(ReadOnlySpan<char> value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes < 32) Put((byte)(0xA0 | bytes));
        else
        {
            Put(0xDA);
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)bytes);
            Length += 2;
        }

        Encoding.UTF8.GetBytes(value, _buffer[Length..]);
        Length += bytes;
    }

    private void Put(byte value) => _buffer[Length++] = value;
}
