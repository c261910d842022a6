using Orleans.Storage;

namespace Comms.Grains.Storage;

/// <summary>
/// Puts a format version in front of every stored record: "CG" and one byte. A record of a newer format is refused with
/// a sentence instead of being misread. Fields added within a version are carried by the serializer's own field ids.
/// </summary>
public sealed class VersionedStorageSerializer(IGrainStorageSerializer inner) : IGrainStorageSerializer
{
    /// <summary>Raised when a stored record changes in a way that field ids cannot carry.</summary>
    public const byte FormatVersion = 1;

    private const int HeaderBytes = 3;

    public BinaryData Serialize<T>(T? input)
    {
        ReadOnlySpan<byte> body = inner.Serialize(input).ToMemory().Span;
        var record = new byte[HeaderBytes + body.Length];
        record[0] = (byte)'C';
        record[1] = (byte)'G';
        record[2] = FormatVersion;
        body.CopyTo(record.AsSpan(HeaderBytes));
        return new BinaryData(record);
    }

    public T Deserialize<T>(BinaryData input)
    {
        ReadOnlyMemory<byte> record = input.ToMemory();
        ReadOnlySpan<byte> header = record.Span;
        if (header.Length < HeaderBytes || header[0] != 'C' || header[1] != 'G')
        {
            throw new InvalidDataException($"A stored {typeof(T).Name} is not a record of this server.");
        }

        if (header[2] != FormatVersion)
        {
            throw new InvalidDataException(
                $"A stored {typeof(T).Name} has format {header[2]}; this server reads format {FormatVersion}. Start the version that wrote it.");
        }

        return inner.Deserialize<T>(new BinaryData(record[HeaderBytes..]))!;
    }
}
