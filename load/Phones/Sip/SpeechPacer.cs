using System.Buffers.Binary;
using Comms.Phones.Io;

namespace Comms.Phones.Sip;

/// <summary>Keys of RFC 4733 that press and release.</summary>
internal static class TelephoneKeys
{
    public const byte Star = 10;
    public const byte Pound = 11;
}

/// <summary>Sends speech for the phones of a loop: a 20 ms frame each when it is due, and keys as RFC 4733 events.</summary>
internal sealed class SpeechPacer(SendBatch output)
{
    private const long FrameNs = 20_000_000;
    private const int HeaderBytes = 12;
    private const byte Speech = 8;
    private const byte Event = 101;
    private const int KeyFrames = 5;
    private readonly Dictionary<int, Stream> _streams = [];

    public long Sent { get; private set; }

    /// <summary>Begins to send quiet speech, as a phone does that nobody speaks into.</summary>
    public void Start(int phone, long now) => _streams[phone] = new Stream((uint)(phone + 1) * 2_654_435_761, now);

    public void Stop(int phone) => _streams.Remove(phone);

    /// <summary>From now on the phone's speech has marks that began at that moment.</summary>
    public void Mark(int phone, long beganNs)
    {
        _streams[phone].MarksBeganNs = beganNs;
        _streams[phone].NextNs = beganNs + FrameNs;
        _streams[phone].Number = 0;
    }

    /// <summary>Presses a key for 100 ms: an event in every frame, its end three times.</summary>
    public void Key(int phone, CallingPhone to, byte code)
    {
        Stream stream = _streams[phone];
        uint timestamp = stream.Timestamp;
        for (int i = 1; i <= KeyFrames + 3; i++)
        {
            bool isEnd = i > KeyFrames;
            int duration = Math.Min(i, KeyFrames) * MarkedSpeech.FrameSamples;
            Span<byte> packet = Header(stream, Event, timestamp, marker: i == 1);
            packet[HeaderBytes] = code;
            packet[HeaderBytes + 1] = (byte)(isEnd ? 0x8A : 0x0A);
            BinaryPrimitives.WriteUInt16BigEndian(packet[(HeaderBytes + 2)..], (ushort)duration);
            output.Commit(HeaderBytes + 4, to.Identity.Address, to.Rtp);
        }

        // The event takes the place of its frames.
        stream.Timestamp += KeyFrames * MarkedSpeech.FrameSamples;
        stream.NextNs += KeyFrames * FrameNs;
        output.Flush();
    }

    public void Send(long now, CallingPhone[] phones, uint firstAddress)
    {
        foreach (var (phone, stream) in _streams)
        {
            while (stream.NextNs <= now)
            {
                bool isMarked = stream.MarksBeganNs > 0;
                Span<byte> packet = Header(stream, Speech, stream.Timestamp, marker: stream.Number == 0);
                MarkedSpeech.Frame(isMarked ? stream.Number : 0).CopyTo(packet[HeaderBytes..]);
                output.Commit(HeaderBytes + MarkedSpeech.FrameSamples, firstAddress + (uint)phone, phones[phone].Rtp);
                stream.Number++;
                stream.Timestamp += MarkedSpeech.FrameSamples;
                stream.NextNs += FrameNs;
                Sent++;
            }
        }
    }

    private Span<byte> Header(Stream stream, byte payloadType, uint timestamp, bool marker)
    {
        Span<byte> packet = output.Reserve();
        packet[0] = 0x80;
        packet[1] = (byte)(payloadType | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], stream.Sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], stream.Ssrc);
        return packet;
    }

    private sealed class Stream(uint ssrc, long now)
    {
        public uint Ssrc => ssrc;

        public ushort Sequence { get; set; }

        public uint Timestamp { get; set; }

        public long Number { get; set; }

        public long MarksBeganNs { get; set; }

        public long NextNs { get; set; } = now + FrameNs;
    }
}
