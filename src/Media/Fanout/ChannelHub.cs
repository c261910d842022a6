using Comms.Media.Numbers;

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
    private int _frameMs;
    private int _burstPermille;
    private long _echoUntil;

    /// <param name="forcedFrameMs">The frame-duration class, 20 to 120 ms in steps of 20; null chooses it by size and load.</param>
    public ChannelHub(string id, IReadOnlyList<IVoiceLoop> loops, IMediaTap? tap, int? forcedFrameMs = null)
    {
        Id = id;
        Tap = tap;
        _frameMs = forcedFrameMs ?? FrameClass.ShortestMs;
        IsFrameMsForced = forcedFrameMs is not null;
        HomeLoop = (int)(StableHash(id) % (uint)loops.Count);
        _parts = new VoiceChannel[loops.Count];
        for (int i = 0; i < loops.Count; i++) _parts[i] = new VoiceChannel(this, i, loops[i]);
    }

    public string Id { get; }

    /// <summary>The loop on which the channel is transcoded, once per codec.</summary>
    public int HomeLoop { get; }

    public IMediaTap? Tap { get; }

    /// <summary>The channel's frame-duration class: what its packets towards listeners carry, in milliseconds.</summary>
    public int FrameMs => Volatile.Read(ref _frameMs);

    /// <summary>The load of the latest burst that ran long enough to tell; see <see cref="FrameClassPolicy.BurstPermille"/>.</summary>
    public int BurstPermille => Volatile.Read(ref _burstPermille);

    public bool IsFrameMsForced { get; }

    /// <summary>Browsers that hear this channel, on all loops.</summary>
    public int Listeners
    {
        get
        {
            int sum = 0;
            foreach (var part in _parts) sum += part.OpusListeners;
            return sum;
        }
    }

    public int LoopCount => _parts.Length;

    /// <summary>Plain-RTP legs that hear this channel, on any loop.</summary>
    public int SpeechListeners => Volatile.Read(ref _speechListeners);

    /// <summary>What a gateway of this channel hears until then may be another's transmission. Any loop.</summary>
    public Instant EchoUntil => new(Volatile.Read(ref _echoUntil));

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

    /// <summary>A gateway transmits. Of two loops that write at once either may win: the moments are 20 ms apart.</summary>
    internal void NoteTransmission(Instant echoUntil) => Volatile.Write(ref _echoUntil, echoUntil.Nanoseconds);

    /// <summary>On the talker's loop: what its policy chose, for the next burst wherever it is spoken.</summary>
    internal void Publish(FrameClassPolicy policy)
    {
        Volatile.Write(ref _frameMs, policy.FrameMs);
        Volatile.Write(ref _burstPermille, policy.BurstPermille);
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
