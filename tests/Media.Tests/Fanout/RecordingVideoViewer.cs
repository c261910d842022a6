using Comms.Media.Fanout;
using Comms.Media.Numbers;

namespace Comms.Media.Tests.Fanout;

/// <summary>Numbers packets as a session does and keeps what it was given.</summary>
internal sealed class RecordingVideoViewer(long id) : IVideoViewer
{
    private ushort _next = 65_000;

    public List<(ushort Sequence, uint Timestamp, bool Marker, byte[] Payload, Instant At)> Sent { get; } = [];

    public List<(ushort Sequence, uint Timestamp, bool Marker, byte[] Payload)> Resent { get; } = [];

    public bool IsConnected { get; set; } = true;

    public bool Records { get; set; } = true;

    public SessionId Session => new(id);

    public int Loop => 0;

    public IVideoFeed? Feed { get; set; }

    public IVideoFeed? NextFeed { get; set; }

    public uint? LastVideoTimestamp => Sent.Count == 0 ? null : Sent[^1].Timestamp;

    public int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now)
    {
        if (!IsConnected)
        {
            return -1;
        }

        if (Records)
        {
            Sent.Add((_next, timestamp90k, marker, payload.ToArray(), now));
        }

        return _next++;
    }

    public bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now)
    {
        Resent.Add((sequenceNumber, timestamp90k, marker, payload.ToArray()));
        return true;
    }
}
