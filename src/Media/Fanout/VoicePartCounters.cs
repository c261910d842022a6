namespace Comms.Media.Fanout;

/// <summary>What one channel's part on one loop has merged and sent. Written by its loop; any thread may read it.</summary>
public sealed class VoicePartCounters
{
    private readonly long[] _forwarded = new long[FrameClass.All.Count];
    private readonly long[] _packets = new long[(int)VoiceFlush.Overdue + 1];

    /// <summary>Packets handed to listeners, of every class.</summary>
    public long Forwarded
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < _forwarded.Length; i++) sum += Volatile.Read(ref _forwarded[i]);
            return sum;
        }
    }

    /// <summary>Packets of the channel's line that ended before they carried their class's audio, a burst's last apart.</summary>
    public long EarlyFlushes
    {
        get
        {
            long sum = 0;
            for (var flush = VoiceFlush.Change; flush <= VoiceFlush.Overdue; flush++) sum += PacketsOf(flush);
            return sum;
        }
    }

    /// <summary>Packets handed to listeners while the channel had that class, 20 to 120 ms.</summary>
    public long ForwardedOf(int frameMs) => Volatile.Read(ref _forwarded[IndexOf(frameMs)]);

    /// <summary>Packets of the channel's line closed for that reason.</summary>
    public long PacketsOf(VoiceFlush flush) => Volatile.Read(ref _packets[(int)flush]);

    internal void CountForwarded(int frameMs, int packets)
    {
        ref long count = ref _forwarded[IndexOf(frameMs)];
        Volatile.Write(ref count, count + packets);
    }

    internal void CountPacket(VoiceFlush flush)
    {
        ref long count = ref _packets[(int)flush];
        Volatile.Write(ref count, count + 1);
    }

    private static int IndexOf(int frameMs) => FrameClass.Nearest(frameMs) / FrameClass.StepMs - 1;
}
