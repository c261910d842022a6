using System.Buffers.Binary;

namespace Comms.Media.Relay;

/// <summary>Takes one packet of a queue, in order.</summary>
internal delegate void OrderedPacket<in TState>(TState state, ReadOnlySpan<byte> packet, Numbers.Instant now);

/// <summary>
/// Puts RTP packets that came by UDP into their order: a packet ahead of its turn waits for those before it, until so many wait
/// that these are lost. Memory is held for waiting packets only.
/// </summary>
internal sealed class RtpReorderQueue
{
    private const int Slots = 32;
    private const int MaxWaiting = 12;

    private readonly byte[]?[] _waiting = new byte[]?[Slots];
    private ushort _next;
    private int _count;
    private bool _hasStarted;

    /// <summary>The packet is at least as long as an RTP header.</summary>
    public void Handle<TState>(ReadOnlySpan<byte> packet, TState state, OrderedPacket<TState> deliver, Numbers.Instant now)
    {
        var sequence = SequenceOf(packet);
        var ahead = (short)(sequence - _next);
        if (!_hasStarted || ahead is >= Slots or < -Slots)
        {
            Flush(state, deliver, now);
            _hasStarted = true;
            _next = sequence;
            ahead = 0;
        }

        if (ahead == 0)
        {
            _next++;
            deliver(state, packet, now);
        }
        else if (ahead > 0 && _waiting[sequence % Slots] is null)
        {
            _waiting[sequence % Slots] = packet.ToArray();
            _count++;
        }

        if (_count > MaxWaiting)
        {
            SkipMissing();
        }

        DeliverReady(state, deliver, now);
    }

    private void DeliverReady<TState>(TState state, OrderedPacket<TState> deliver, Numbers.Instant now)
    {
        while (_waiting[_next % Slots] is { } packet)
        {
            _waiting[_next % Slots] = null;
            _count--;
            _next++;
            deliver(state, packet, now);
        }
    }

    private void Flush<TState>(TState state, OrderedPacket<TState> deliver, Numbers.Instant now)
    {
        while (_count > 0)
        {
            SkipMissing();
            DeliverReady(state, deliver, now);
        }
    }

    private void SkipMissing()
    {
        while (_waiting[_next % Slots] is null)
        {
            _next++;
        }
    }

    private static ushort SequenceOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
}
