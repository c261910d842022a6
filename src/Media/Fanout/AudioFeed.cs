using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// One camera's sound on its own loop, passed on as it comes. Its timestamps are moved onto the node's clock, along which the
/// pictures of every viewer run too, and moved again when the source begins anew or drifts away.
/// </summary>
public sealed class AudioFeed(VideoFanout fanout)
{
    private const int OpusTicksPerSecond = 48_000;
    private const int G711TicksPerSecond = 8_000;
    private const int LargestDriftMs = 200;

    /// <summary>A fifth of a second of G.711; longer payloads are cut, as they would not fit one datagram.</summary>
    private const int LargestG711Bytes = 960;

    private AudioCodec? _codec;
    private uint _offset;
    private bool _isAnchored;

    /// <summary>Null: the source has no sound that can be passed on.</summary>
    public AudioCodec? Codec => _codec;

    /// <summary>A new source begins.</summary>
    public void Restart(AudioCodec? codec)
    {
        _codec = codec;
        _isAnchored = false;
    }

    /// <summary>Takes one RTP payload of the source.</summary>
    /// <param name="also">Whoever sees the camera's conversion hears the same sound.</param>
    public void HandlePayload(ReadOnlySpan<byte> payload, uint timestamp, bool marker, VideoFanout? also, Instant now)
    {
        if (_codec is not { } codec || payload.IsEmpty)
        {
            return;
        }

        var rate = codec == AudioCodec.Opus ? OpusTicksPerSecond : G711TicksPerSecond;
        var clock = (uint)(now.Nanoseconds / 1000 * (rate / 1000) / 1000);
        var drift = (int)(timestamp + _offset - clock);
        if (!_isAnchored || Math.Abs(drift) > LargestDriftMs * (rate / 1000))
        {
            _offset = clock - timestamp;
            _isAnchored = true;
        }

        if (codec == AudioCodec.Opus)
        {
            Send(codec, payload, marker, timestamp + _offset, also, now);
            return;
        }

        for (var at = 0; at < payload.Length; at += LargestG711Bytes)
        {
            var part = payload.Slice(at, Math.Min(LargestG711Bytes, payload.Length - at));
            Send(codec, part, marker && at == 0, timestamp + _offset + (uint)at, also, now);
        }
    }

    private void Send(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, VideoFanout? also, Instant now)
    {
        if (payload.Length > FrameLimits.MaxPayloadBytes)
        {
            fanout.Drops.Count(DropReason.TooLarge);
        }
        else
        {
            fanout.SendAudio(codec, payload, marker, timestamp, now);
            also?.SendAudio(codec, payload, marker, timestamp, now);
        }
    }
}
