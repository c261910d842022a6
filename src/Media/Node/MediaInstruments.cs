using System.Diagnostics.Metrics;
using Comms.Media.Fanout;
using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>The node's metrics, all read from the loops' own counters when they are asked for: measuring costs a packet nothing.</summary>
internal sealed class MediaInstruments : IDisposable
{
    public const string MeterName = "Comms.Media";

    private readonly MediaNode _node;
    private readonly Meter _meter = new(MeterName);

    public MediaInstruments(MediaNode node)
    {
        _node = node;
        _meter.CreateObservableGauge("comms.media.sessions", () => PerLoop(loop => loop.SessionCount), description: "Sessions by loop");
        _meter.CreateObservableCounter("comms.media.packets.received", () => PerLoop(loop => Sum(loop, port => port.Socket.PacketsReceived)));
        _meter.CreateObservableCounter("comms.media.packets.sent", () => PerLoop(loop => Sum(loop, port => port.Socket.PacketsSent)));
        _meter.CreateObservableCounter("comms.media.packets.dropped", Drops, description: "Packets that went no further, by reason");
        _meter.CreateObservableCounter("comms.media.kernel.overflows", () => PerLoop(loop => Sum(loop, port => port.Socket.KernelOverflows)));
        _meter.CreateObservableCounter("comms.media.sessions.handed_over", () => PerLoop(loop => Sum(loop, port => port.HandedOver)),
            description: "Datagrams carried to the loop that owns their session");
        _meter.CreateObservableCounter("comms.media.loop.cpu", () => PerLoop(loop => loop.Events.CpuNanoseconds / 1e9), unit: "s");
        _meter.CreateObservableGauge("comms.media.loop.busy", () => PerLoop(loop => loop.Events.BusyPermille / 1e3), description: "Share of the last half second's wall time");
        _meter.CreateObservableCounter("comms.media.loop.allocated", () => PerLoop(loop => loop.Events.AllocatedBytes), unit: "By");
        _meter.CreateObservableCounter("comms.media.loop.turns", () => PerLoop(loop => loop.Events.Turns));
        _meter.CreateObservableCounter("comms.media.loop.faults", () => PerLoop(loop => loop.Events.Faults));
        _meter.CreateObservableGauge("comms.media.loop.commands", () => PerLoop(loop => loop.Events.QueuedCommands));
        _meter.CreateObservableCounter("comms.media.srtp.sent", () => PerLoop(loop => loop.Counters.SrtpSent), description: "SRTP packets given to the sockets");
        _meter.CreateObservableCounter("comms.media.voice.redundant", () => PerLoop(loop => loop.Counters.RedundantSent),
            description: "Voice packets that carried the one before as well, to listeners that report loss");
        _meter.CreateObservableCounter("comms.media.handshakes.done", () => PerLoop(loop => loop.Counters.HandshakesDone));
        _meter.CreateObservableCounter("comms.media.handshakes.failed", () => PerLoop(loop => loop.Counters.HandshakesFailed));
        _meter.CreateObservableGauge("comms.media.handshakes.waiting", () => PerLoop(loop => loop.Handshakes.Waiting),
            description: "Handshake datagrams that wait for their turn");
        _meter.CreateObservableGauge("comms.media.handshakes.active", () => PerLoop(loop => loop.Handshakes.InProgress),
            description: "Handshakes that have begun and are not over");
        _meter.CreateObservableCounter("comms.media.handshakes.deferrals", () => PerLoop(loop => loop.Handshakes.Deferrals),
            description: "Turns whose handshake budget ended before the handshakes");
        _meter.CreateObservableCounter("comms.media.events.dropped", () => node.EventsDropped);
        _meter.CreateObservableCounter("comms.media.voice.forwarded", Forwarded, description: "Voice packets handed to listeners, by frame-duration class");
        _meter.CreateObservableCounter("comms.media.voice.merged", Merged, description: "Packets that channels made of their talkers' frames, by why they ended");
        _meter.CreateObservableGauge("comms.media.voice.channels", Channels, description: "Channels by frame-duration class");
    }

    public void Dispose() => _meter.Dispose();

    private static long Sum(MediaLoop loop, Func<MediaPort, long> read)
    {
        long sum = 0;
        foreach (var port in loop.Ports) sum += read(port);
        return sum;
    }

    private IEnumerable<Measurement<T>> PerLoop<T>(Func<MediaLoop, T> read)
        where T : struct =>
        _node.Loops.Select(loop => new Measurement<T>(read(loop), new KeyValuePair<string, object?>("loop", loop.Events.Index)));

    private IEnumerable<Measurement<long>> Drops() =>
        Enum.GetValues<DropReason>().Where(reason => reason != DropReason.None)
            .Select(reason => new Measurement<long>(_node.Dropped(reason), new KeyValuePair<string, object?>("reason", reason.ToString())));

    private IEnumerable<Measurement<long>> Forwarded() =>
        FrameClass.All.Select(frameMs => new Measurement<long>(SumParts(counters => counters.ForwardedOf(frameMs)), ClassTag(frameMs)));

    private IEnumerable<Measurement<long>> Merged() =>
        Enum.GetValues<VoiceFlush>().Select(flush => new Measurement<long>(
            SumParts(counters => counters.PacketsOf(flush)), new KeyValuePair<string, object?>("reason", flush.ToString())));

    private IEnumerable<Measurement<int>> Channels() =>
        _node.Channels.GroupBy(hub => hub.FrameMs).Select(group => new Measurement<int>(group.Count(), ClassTag(group.Key)));

    private static KeyValuePair<string, object?> ClassTag(int frameMs) => new("frame_ms", frameMs);

    private long SumParts(Func<VoicePartCounters, long> read)
    {
        long sum = 0;
        foreach (var hub in _node.Channels)
        {
            for (int i = 0; i < hub.LoopCount; i++) sum += read(hub.Part(i).Counters);
        }

        return sum;
    }
}
