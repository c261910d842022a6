using Comms.Media.Crypto;
using Comms.Media.Wire.Rtp;

namespace Comms.Phones.Media;

/// <summary>A phone that holds the floor: its frames in time, open-loop. Sequence and timestamp go on from burst to burst.</summary>
internal sealed class Talker(int phone, SrtpMasterKey key, uint ssrc) : IDisposable
{
    private const byte OpusPayloadType = 111;
    private const int OverheadBytes = 16;
    private readonly SrtpSender _sender = new(key);
    private ushort _sequence = 1_000;
    private int _sent;

    public int Phone { get; } = phone;

    public Burst? Current { get; private set; }

    /// <summary>Ends when the last frame has been sent.</summary>
    public TaskCompletionSource Done { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A frame can be sent when its last sample is captured; long.MaxValue between bursts.</summary>
    public long NextNs => Current is { } burst ? burst.CapturedNs(_sent + 1) : long.MaxValue;

    public Task Begin(Burst burst)
    {
        Current = burst;
        _sent = 0;
        Done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Done.Task;
    }

    /// <summary>Writes the next packet of the burst; returns its bytes.</summary>
    public int Write(Span<byte> buffer)
    {
        Burst burst = Current!;
        byte[] payload = burst.Packet(_sent);
        uint timestamp = (uint)(burst.StartNs / 1_000_000 * 48) + (uint)_sent * Speech.FrameTicks;
        new RtpHeader(OpusPayloadType, _sent == 0, _sequence++, timestamp, ssrc).Write(buffer);
        payload.CopyTo(buffer[RtpHeader.Bytes..]);
        int plain = RtpHeader.Bytes + payload.Length;
        if (!_sender.TryProtect(buffer[..(plain + OverheadBytes)], plain, out int bytes)) throw new InvalidOperationException("The talker's packet was not protected.");
        if (++_sent == burst.FrameCount)
        {
            Current = null;
            Done.TrySetResult();
        }

        return bytes;
    }

    public void Dispose() => _sender.Dispose();
}
