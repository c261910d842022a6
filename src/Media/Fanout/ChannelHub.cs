namespace Comms.Media.Fanout;

/// <summary>
/// One channel on this node: its part on each loop. Made once and kept for the node's life; the array never changes. The counters
/// are written by any loop and tell talkers which loops want a copy.
/// </summary>
public sealed class ChannelHub
{
    private readonly VoiceChannel[] _parts;
    private long _newestEpoch = long.MinValue;
    private int _speechListeners;

    /// <param name="frameMs">The frame-duration class, 20 to 120 ms in steps of 20.</param>
    public ChannelHub(string id, IReadOnlyList<IVoiceLoop> loops, IMediaTap? tap, int frameMs = 20)
    {
        Id = id;
        Tap = tap;
        FrameMs = frameMs;
        HomeLoop = (int)(StableHash(id) % (uint)loops.Count);
        _parts = new VoiceChannel[loops.Count];
        for (int i = 0; i < loops.Count; i++) _parts[i] = new VoiceChannel(this, i, loops[i]);
    }

    public string Id { get; }

    /// <summary>The loop on which the channel is transcoded, once per codec.</summary>
    public int HomeLoop { get; }

    public IMediaTap? Tap { get; }

    /// <summary>The channel's frame-duration class: what its packets towards listeners carry, in milliseconds.</summary>
    public int FrameMs { get; }

    public int LoopCount => _parts.Length;

    /// <summary>Plain-RTP legs that hear this channel, on any loop.</summary>
    public int SpeechListeners => Volatile.Read(ref _speechListeners);

    /// <summary>The newest floor epoch that opened a gate on this node.</summary>
    public long NewestEpoch => Volatile.Read(ref _newestEpoch);

    public VoiceChannel Part(int loop) => _parts[loop];

    /// <summary>Takes note of a grant's epoch. False: a newer one was seen, so the grant is stale and must not open a gate.</summary>
    public bool TryAdvanceEpoch(long epoch)
    {
        long seen = Volatile.Read(ref _newestEpoch);
        while (epoch > seen)
        {
            long before = Interlocked.CompareExchange(ref _newestEpoch, epoch, seen);
            if (before == seen) return true;
            seen = before;
        }

        return epoch == seen;
    }

    internal void AddSpeechListeners(int change) => Interlocked.Add(ref _speechListeners, change);

    /// <summary>FNV-1a: a channel has the same home after a restart.</summary>
    private static uint StableHash(string text)
    {
        uint hash = 2_166_136_261;
        foreach (char letter in text) hash = (hash ^ letter) * 16_777_619;
        return hash;
    }
}
