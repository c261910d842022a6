using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Phones.Figures;
using Comms.Phones.Io;

namespace Comms.Phones.Media;

/// <summary>
/// What the phones of one loop hear. Each packet costs a look at its header and one row; one listener in a hundred is compared frame
/// by frame. Owned by the loop; the figures are read when nobody talks.
/// </summary>
internal sealed unsafe class ListenerTable : IDisposable
{
    private const int HeaderBytes = 12;
    private const int TagBytes = 16;
    private const int KeptBytes = 1_280;
    private readonly int _count;
    private readonly Burst?[] _bursts;
    private readonly FrameComparison?[] _compared;
    private readonly byte* _keys;
    private readonly byte* _last;
    private bool _keepsLast;
    private int _sampled = -1;

    public ListenerTable(int count, int channels)
    {
        _count = count;
        Rows = new Listener[count];
        for (int i = 0; i < count; i++) Rows[i].Channel = -1;
        _bursts = new Burst?[channels];
        _compared = new FrameComparison?[count];
        Arrivals = [.. Enumerable.Range(0, channels).Select(_ => new Histogram())];
        Late = new long[channels];
        FrameMs = new int[channels];
        _keys = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(1, count) * SrtpOnce.KeyBytes);
        _last = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(1, count) * KeptBytes);
    }

    public Listener[] Rows { get; }

    /// <summary>Capture of a packet's first sample to its arrival, by channel.</summary>
    public Histogram[] Arrivals { get; }

    /// <summary>Packets that came more than one frame duration after their schedule, by channel.</summary>
    public long[] Late { get; }

    /// <summary>The longest packet that a compared listener got in the current burst, by channel; 0 before the first.</summary>
    public int[] FrameMs { get; }

    /// <summary>Phones that have decrypted a packet.</summary>
    public int HeardCount { get; private set; }

    /// <summary>When the last of them did, monotonic.</summary>
    public long LastHeardNs { get; private set; }

    /// <summary>Bytes of the packets that one listener got in the last burst: what the plain reference sends again.</summary>
    public List<int> SampleSizes { get; } = [];

    /// <summary>Packets that no rule could place: no key, foreign SSRC, nobody talking.</summary>
    public long Strays { get; private set; }

    public void Connect(int row, DtlsSrtpKeys keys, bool isCompared)
    {
        SrtpOnce.DeriveRtp(keys.Remote, Key(row));
        if (isCompared) _compared[row] = new FrameComparison(keys.Remote);
        if (isCompared && _sampled < 0) _sampled = row;
        Rows[row].IsConnected = true;
    }

    public bool IsCompared(int row) => _compared[row] is not null;

    /// <summary>Packets of this channel belong to the burst from now on.</summary>
    public void BeginBurst(Burst burst, bool keepsLast)
    {
        _keepsLast |= keepsLast;
        _bursts[burst.Channel] = burst;
    }

    /// <summary>An SRTP datagram for a phone; its bytes may be changed.</summary>
    public void Take(int row, Span<byte> datagram, long arrivalNs)
    {
        ref Listener listener = ref Rows[row];
        if (datagram.Length < HeaderBytes + TagBytes || !listener.IsConnected || listener.Channel < 0
            || BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]) != listener.Ssrc || _bursts[listener.Channel] is not { } burst)
        {
            Strays++;
            return;
        }

        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (!listener.HasHeard && !Hear(row, ref listener, datagram, sequence)) return;
        int ahead = (short)(sequence - listener.NextSequence);
        if (ahead < 0)
        {
            listener.Wrong++;
            return;
        }

        listener.Lost += ahead;
        if (sequence < listener.NextSequence - 1) listener.Rollover++;
        listener.NextSequence = (ushort)(sequence + 1);
        listener.Packets++;
        uint timestamp = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]);
        if (listener.Burst != burst.Number) Enter(row, ref listener, burst, timestamp);
        listener.BurstPackets++;
        Measure(listener, burst, timestamp, arrivalNs);
        if (_keepsLast) Keep(row, ref listener, datagram);
        if (_compared[row] is not null) Compare(row, ref listener, datagram, burst);
    }

    /// <summary>Counts the packets of a burst, listener by listener; see <see cref="BurstCount"/>.</summary>
    public BurstCount Count(Burst burst, Func<int, int> phoneOf)
    {
        var count = new BurstCount();
        for (int row = 0; row < _count; row++)
        {
            ref readonly Listener listener = ref Rows[row];
            if (listener.Channel != burst.Channel || phoneOf(row) == burst.Talker) continue;
            int packets = listener.Burst == burst.Number ? listener.BurstPackets : 0;
            count.Packets[packets] = count.Packets.GetValueOrDefault(packets) + 1;
            if (_compared[row] is not { } comparison) continue;
            count.Compared++;
            if (listener.Burst == burst.Number && comparison.FramesHeard == burst.FrameCount) count.Complete.Add(packets);
            else count.Incomplete++;
        }

        return count;
    }

    /// <summary>Authenticates every listener's last packet with its own key and compares its last frame; returns the phones where that fails.</summary>
    public List<int> FindUnheard(Burst last, Func<int, int> phoneOf)
    {
        var unheard = new List<int>();
        for (int row = 0; row < _count; row++)
        {
            ref readonly Listener listener = ref Rows[row];
            if (listener.Channel != last.Channel || phoneOf(row) == last.Talker) continue;
            if (listener.Burst != last.Number || !EndsWithLastFrame(row, listener, last)) unheard.Add(phoneOf(row));
        }

        return unheard;
    }

    public void ClearFigures()
    {
        foreach (Histogram arrivals in Arrivals) arrivals.Clear();
        Array.Clear(Late);
    }

    public void Dispose()
    {
        foreach (FrameComparison? comparison in _compared) comparison?.Dispose();
        NativeMemory.Free(_keys);
        NativeMemory.Free(_last);
    }

    private Span<byte> Key(int row) => new(_keys + row * SrtpOnce.KeyBytes, SrtpOnce.KeyBytes);

    // The first packet is decrypted by every phone: a key that is not the server's shows before anything is measured.
    private bool Hear(int row, ref Listener listener, Span<byte> datagram, ushort sequence)
    {
        Span<byte> copy = stackalloc byte[datagram.Length];
        datagram.CopyTo(copy);
        if (SrtpOnce.OpenRtp(Key(row), copy, 0) < 0)
        {
            listener.Wrong++;
            return false;
        }

        listener.HasHeard = true;
        listener.NextSequence = sequence;
        HeardCount++;
        LastHeardNs = Clocks.MonotonicNs;
        return true;
    }

    private void Enter(int row, ref Listener listener, Burst burst, uint timestamp)
    {
        listener.Burst = burst.Number;
        listener.FirstTimestamp = timestamp;
        listener.BurstPackets = 0;
        if (_compared[row] is not { } comparison) return;
        comparison.Begin();
        if (row == _sampled) SampleSizes.Clear();
    }

    private void Measure(in Listener listener, Burst burst, uint timestamp, long arrivalNs)
    {
        long capturedNs = burst.StartNs + (long)(timestamp - listener.FirstTimestamp) * 1_000_000 / 48;
        long delayNs = arrivalNs - capturedNs;
        Arrivals[burst.Channel].AddNs(delayNs);
        int frameMs = Math.Max(Speech.FrameMs, FrameMs[burst.Channel]);
        if (delayNs > 2_000_000L * frameMs) Late[burst.Channel]++;
    }

    private void Keep(int row, ref Listener listener, ReadOnlySpan<byte> datagram)
    {
        listener.LastBytes = (ushort)Math.Min(KeptBytes, datagram.Length);
        datagram[..listener.LastBytes].CopyTo(new Span<byte>(_last + row * KeptBytes, KeptBytes));
    }

    private void Compare(int row, ref Listener listener, Span<byte> datagram, Burst burst)
    {
        FrameComparison comparison = _compared[row]!;
        if (row == _sampled) SampleSizes.Add(datagram.Length);
        if (!comparison.Take(datagram, burst, listener.FirstTimestamp)) listener.Wrong++;
        else FrameMs[burst.Channel] = Math.Max(listener.BurstPackets == 1 ? 0 : FrameMs[burst.Channel], comparison.PacketFrames * Speech.FrameMs);
    }

    private bool EndsWithLastFrame(int row, in Listener listener, Burst burst)
    {
        if (listener.LastBytes == 0) return false;
        Span<byte> packet = stackalloc byte[listener.LastBytes];
        new ReadOnlySpan<byte>(_last + row * KeptBytes, listener.LastBytes).CopyTo(packet);
        uint timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        int payload = SrtpOnce.OpenRtp(Key(row), packet, listener.Rollover);
        int first = (int)((timestamp - listener.FirstTimestamp) / Speech.FrameTicks);
        return payload > 0
            && FrameComparison.IsSaid(packet.Slice(HeaderBytes, payload), burst, first, out int frames)
            && first + frames == burst.FrameCount;
    }
}
