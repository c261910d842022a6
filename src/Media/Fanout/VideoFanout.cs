using Comms.Media.Numbers;
using Comms.Media.Wire.H264;
using Comms.Media.Wire.H265;

namespace Comms.Media.Fanout;

/// <summary>What a fan-out asks of the loop that it lives on.</summary>
public interface IVideoFanoutLoop
{
    /// <summary>Calls <see cref="VideoFanout.Pump"/> in this and each further turn until it says that nothing is left.</summary>
    void RunSoon(VideoFanout fanout);

    /// <summary>Calls <see cref="VideoFanout.Pump"/> at that moment; a later call replaces an earlier one.</summary>
    void RunAt(VideoFanout fanout, Instant due);

    /// <summary>A viewer's session ended; it is already detached.</summary>
    void HandleViewerGone(VideoFanout fanout, IVideoViewer viewer);

    /// <summary>The viewer cannot show this codec. It is still attached and gets nothing; to be moved in a later turn.</summary>
    void HandleCannotShow(VideoFanout fanout, IVideoViewer viewer);
}

/// <summary>
/// One feed on one loop: the shared packet store and everyone who takes from it, each at its own place. Viewers are served
/// in a fixed order and in slices, so that a thousand of them never hold the loop. The feed's own loop carries one copy of
/// each packet to every other loop that has viewers; there the same type takes them in. Sans-IO, no lock, no allocation
/// per packet.
/// </summary>
public sealed class VideoFanout(VideoPacketStore store, IVideoFanoutLoop loop, DropCounters drops) : IVideoFeed, IFrameReceiver
{
    private const int SendsPerSlice = 256;
    private const int SendsPerViewer = 64;
    private const int RetryMs = 5;
    private const int KeyFrameOnItsWayMs = 300;
    private const int RewindIntervalMs = 1000;

    /// <summary>A source that sent nothing this long, when its viewers have everything, has stopped.</summary>
    private const int StandstillMs = 2000;

    private readonly Dictionary<IVideoViewer, VideoViewerState> _stateOf = new(ReferenceEqualityComparer.Instance);
    private readonly List<VideoViewerState> _viewers = [];
    private readonly List<VideoCarriage> _carriages = [];
    private readonly VideoFanoutCounters _counters = new();
    private int _nextViewer;
    private Instant _deadline;
    private bool _hasMore;
    private bool _isCodecKnown;

    public int ViewerCount => _viewers.Count;

    public bool IsUnused => _viewers.Count == 0 && _carriages.Count == 0;

    public VideoFanoutCounters Counters => _counters;

    /// <summary>The loop's drops, shared by all its feeds.</summary>
    public DropCounters Drops => drops;

    public int CachedBytes => store.PayloadBytes;

    public VideoCodec Codec { get; private set; }

    /// <summary>Stores one H.264 picture on the feed's own loop and sends it on. False: no memory; it goes to nobody.</summary>
    public bool TryAppend(in AccessUnit unit, ParameterSets sets, long ticks, Instant now)
    {
        SetCodec(VideoCodec.H264);
        return TryAppend(new H264Packetizer(unit, sets), unit.IsKeyFrame, ticks, now);
    }

    /// <inheritdoc cref="TryAppend(in AccessUnit, ParameterSets, long, Instant)"/>
    public bool TryAppend(in AccessUnit unit, H265ParameterSets sets, long ticks, Instant now)
    {
        SetCodec(VideoCodec.H265);
        return TryAppend(new H265Packetizer(unit, sets), unit.IsKeyFrame, ticks, now);
    }

    /// <summary>Sends one packet of sound to whoever takes it. On the feed's own loop; nothing of it is kept.</summary>
    public void SendAudio(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now)
    {
        foreach (var carriage in _carriages)
        {
            carriage.CarryAudio(codec, payload, marker, timestamp, now, drops);
        }

        foreach (var state in _viewers)
        {
            if (ReferenceEquals(state.Viewer.Feed, this))
            {
                state.Viewer.SendAudio(codec, payload, marker, timestamp, now);
            }
        }
    }

    private bool TryAppend<TPacketizer>(TPacketizer packetizer, bool isKeyFrame, long ticks, Instant now)
        where TPacketizer : IVideoPacketizer, allows ref struct
    {
        var flags = VideoPacketFlags.First | (isKeyFrame ? VideoPacketFlags.Key : VideoPacketFlags.None)
            | (Codec == VideoCodec.H265 ? VideoPacketFlags.H265 : VideoPacketFlags.None);
        while (packetizer.HasMore)
        {
            if (!store.TryReserve(out var payload))
            {
                drops.Count(DropReason.CacheFull);
                store.Reset(store.End + 1);
                return false;
            }

            var length = packetizer.WriteNext(payload);
            store.Commit(length, packetizer.HasMore ? flags : flags | VideoPacketFlags.Last, ticks, now);
            flags &= ~VideoPacketFlags.First;
        }

        RunSlice(now);
        return true;
    }

    /// <summary>Takes a packet that the feed's own loop carried here.</summary>
    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (header.Kind >= VideoCarriage.AudioKind)
        {
            SendAudio((AudioCodec)(header.Kind - VideoCarriage.AudioKind), payload, header.Marker, header.Timestamp, now);
            return;
        }

        var flags = (VideoPacketFlags)header.Kind;
        SetCodec((flags & VideoPacketFlags.H265) != 0 ? VideoCodec.H265 : VideoCodec.H264);
        var beginsKey = (flags & (VideoPacketFlags.First | VideoPacketFlags.Key)) == (VideoPacketFlags.First | VideoPacketFlags.Key);
        if (header.Number != store.End)
        {
            store.Reset(header.Number);
        }

        if (IsUnused || (store.First == store.End && !beginsKey) || !store.TryReserve(out var room))
        {
            drops.Count(DropReason.NoKeyFrame);
            store.Reset(header.Number + 1);
            return;
        }

        var last = store.First == store.End ? header.Timestamp : store[store.End - 1].Ticks;
        payload.CopyTo(room);
        store.Commit(payload.Length, flags, last + (int)(header.Timestamp - (uint)last), header.Captured);
        if (header.Marker || payload.Length == 0)
        {
            RunSlice(now);
        }
        else
        {
            loop.RunSoon(this);
        }
    }

    /// <summary>
    /// Shows this feed to a viewer. One that sees another feed goes on seeing it until this one has a key frame, so that it never
    /// looks at nothing.
    /// </summary>
    public void AddViewer(IVideoViewer viewer, Instant now)
    {
        if (_stateOf.ContainsKey(viewer))
        {
            return;
        }

        if (viewer.Feed is null)
        {
            viewer.Feed = this;
        }
        else
        {
            viewer.NextFeed = this;
        }

        var state = new VideoViewerState(viewer);
        _stateOf.Add(viewer, state);
        _viewers.Add(state);
        store.KeepsHistory = true;
        if (_isCodecKnown && !viewer.CanShow(Codec))
        {
            loop.HandleCannotShow(this, viewer);
        }
        else
        {
            RunSlice(now);
        }
    }

    public bool RemoveViewer(IVideoViewer viewer, Instant now)
    {
        if (!_stateOf.Remove(viewer, out var state))
        {
            return false;
        }

        _viewers.Remove(state);
        viewer.Feed = ReferenceEquals(viewer.Feed, this) ? null : viewer.Feed;
        viewer.NextFeed = ReferenceEquals(viewer.NextFeed, this) ? null : viewer.NextFeed;
        store.KeepsHistory = _viewers.Count > 0;
        store.Trim(now);
        return true;
    }

    /// <summary>Carries the feed to another loop from its cached key frame on.</summary>
    public void AddCarriage(IFrameCarrier carrier, int toLoop, IFrameReceiver receiver, Instant now)
    {
        _carriages.RemoveAll(carriage => carriage.ToLoop == toLoop);
        _carriages.Add(new VideoCarriage(carrier, toLoop, receiver));
        RunSlice(now);
    }

    public void RemoveCarriage(int toLoop) => _carriages.RemoveAll(carriage => carriage.ToLoop == toLoop);

    /// <summary>The newest cached key frame; null when there is none.</summary>
    public KeyFrameCopy? CopyKeyFrame() => KeyFrameReader.Read(store, Codec);

    /// <summary>Gives all cached pictures back; viewers stay and wait for the next key frame.</summary>
    public void Clear() => store.Reset(store.End + 1);

    public void OnKeyFrameWanted(IVideoViewer viewer, Instant now)
    {
        if (!_stateOf.TryGetValue(viewer, out var state) || !state.HasStarted || state.IsCatchingUp || store.KeyNumber < 0)
        {
            return;
        }

        // A browser asks again and again while nothing comes: a dead source would look alive, playing its last group for ever.
        if (state.Next == store.End && now.MsSince(store[store.End - 1].Arrived) > StandstillMs)
        {
            return;
        }

        var sinceKeyMs = now.MsSince(state.KeyFrameSentAt);
        if (sinceKeyMs < (state.Next > store.KeyNumber + 1 ? RewindIntervalMs : KeyFrameOnItsWayMs))
        {
            return;
        }

        _counters.Rewinds++;
        state.JoinAt(store.KeyNumber, store, now);
        RunSlice(now);
    }

    public void OnPacketMissed(IVideoViewer viewer, ushort sequenceNumber, Instant now)
    {
        if (!_stateOf.TryGetValue(viewer, out var state) || !state.HasStarted)
        {
            return;
        }

        if (!state.TryFind(sequenceNumber, out var number, out var timeline) || !store.Holds(number))
        {
            drops.Count(DropReason.NotInHistory);
        }
        else if (!state.TryTakeResend(now))
        {
            drops.Count(DropReason.ResendLimit);
        }
        else
        {
            ref readonly var packet = ref store[number];
            viewer.ResendVideo(sequenceNumber, packet.Payload, packet.IsLast, timeline.TimestampOf(packet.Ticks), now);
            _counters.Resent++;
        }
    }

    public void OnViewerGone(IVideoViewer viewer, Instant now)
    {
        if (RemoveViewer(viewer, now))
        {
            loop.HandleViewerGone(this, viewer);
        }
    }

    /// <summary>Sends one slice. True: more can be sent at once. What must wait is asked for through the loop.</summary>
    public bool Pump(Instant now)
    {
        _deadline = Instant.Never;
        _hasMore = false;
        foreach (var carriage in _carriages)
        {
            if (!carriage.TryServe(store, now))
            {
                WaitUntil(now.AddMs(RetryMs));
            }
        }

        var budget = SendsPerSlice;
        for (var i = 0; i < _viewers.Count && budget > 0; i++)
        {
            _nextViewer = (_nextViewer + 1) % _viewers.Count;
            budget -= Serve(_viewers[_nextViewer], Math.Min(budget, SendsPerViewer), now);
        }

        if (_deadline != Instant.Never)
        {
            loop.RunAt(this, _deadline);
        }

        return _hasMore || budget <= 0;
    }

    private void RunSlice(Instant now)
    {
        if (Pump(now))
        {
            loop.RunSoon(this);
        }
    }

    private void SetCodec(VideoCodec codec)
    {
        if (_isCodecKnown && codec == Codec)
        {
            return;
        }

        if (_isCodecKnown)
        {
            Clear();
        }

        (Codec, _isCodecKnown) = (codec, true);
        foreach (var state in _viewers)
        {
            if (!state.Viewer.CanShow(codec))
            {
                loop.HandleCannotShow(this, state.Viewer);
            }
        }
    }

    private int Serve(VideoViewerState state, int budget, Instant now)
    {
        if (!state.Viewer.CanShow(Codec))
        {
            return 0;
        }

        if (state.Next >= 0 && state.Next != store.End && !store.Holds(state.Next))
        {
            drops.Count(DropReason.ViewerBehind);
            state.Wait();
        }

        if (state.Next < 0)
        {
            if (store.KeyNumber < 0)
            {
                return 0;
            }

            TakeOver(state.Viewer, now);
            state.JoinAt(store.KeyNumber, store, now);
        }

        return Send(state, budget, now);
    }

    /// <summary>The viewer's former feed lets it go, now that this one has a picture.</summary>
    private void TakeOver(IVideoViewer viewer, Instant now)
    {
        if (!ReferenceEquals(viewer.NextFeed, this))
        {
            return;
        }

        var former = viewer.Feed;
        viewer.NextFeed = null;
        viewer.Feed = this;
        former?.OnViewerGone(viewer, now);
    }

    private int Send(VideoViewerState state, int budget, Instant now)
    {
        var sent = 0;
        for (; state.Next < store.End && sent < budget; sent++)
        {
            ref readonly var packet = ref store[state.Next];
            var due = state.DueOf(packet, now);
            if (due > now)
            {
                WaitUntil(due);
                break;
            }

            var timestamp = state.TimestampOf(packet, now);
            var sequence = state.Viewer.SendVideo(packet.Payload, packet.IsLast, timestamp, now);
            if (sequence < 0)
            {
                HandleRefused(state, now);
                break;
            }

            state.HandleSent(packet, sequence, timestamp, now);
            if (packet.IsLast && state.Next == store.End)
            {
                state.EndCatchUp();
            }
        }

        _hasMore |= sent == budget && state.Next < store.End;
        _counters.Sent += sent;
        return sent;
    }

    /// <summary>A viewer that is not connected yet will begin anew, so that its first picture is as young as can be.</summary>
    private void HandleRefused(VideoViewerState state, Instant now)
    {
        if (!state.HasStarted)
        {
            state.Wait();
        }

        WaitUntil(now.AddMs(RetryMs));
    }

    private void WaitUntil(Instant due) => _deadline = Instant.Min(_deadline, due);
}
