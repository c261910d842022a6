using Comms.Media.Numbers;
using Comms.Media.Wire.H264;
using Comms.Media.Wire.H265;

namespace Comms.Media.Fanout;

/// <summary>A feed's newest cached key frame as a byte stream (ITU-T H.264 annex B), for a still picture. Control path: it is copied.</summary>
public sealed record KeyFrameCopy(byte[] ByteStream, VideoCodec Codec, Instant Arrived);

/// <summary>Puts the NAL units of one cached picture together again.</summary>
internal sealed class KeyFrameReader : IAccessUnitSink
{
    private byte[]? _byteStream;

    /// <summary>Null: no whole key frame is cached.</summary>
    public static KeyFrameCopy? Read(VideoPacketStore store, VideoCodec codec)
    {
        if (store.KeyNumber < 0) return null;
        var reader = new KeyFrameReader();
        VideoDepacketizer depacketizer = codec == VideoCodec.H265 ? new H265Depacketizer(reader) : new H264Depacketizer(reader);
        ushort sequence = 0;
        for (long number = store.KeyNumber; number < store.End && reader._byteStream is null; number++)
        {
            ref readonly var packet = ref store[number];
            depacketizer.Handle(packet.Payload, sequence++, 0, packet.IsLast);
        }

        return reader._byteStream is { } bytes ? new KeyFrameCopy(bytes, codec, store[store.KeyNumber].Arrived) : null;
    }

    public void HandleAccessUnit(in AccessUnit unit)
    {
        using var stream = new MemoryStream();
        for (int i = 0; i < unit.Count; i++)
        {
            stream.Write([0, 0, 0, 1]);
            stream.Write(unit[i]);
        }

        _byteStream = stream.ToArray();
    }
}
