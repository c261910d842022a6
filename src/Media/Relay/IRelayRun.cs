using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>
/// One attempt at taking in a camera: an ffmpeg that publishes to us, or a connection of our own. Lives on the feed's loop and
/// tells its owner exactly once that it ended, never from within a call of the owner.
/// </summary>
internal interface IRelayRun
{
    /// <summary>The process that does the work; null when there is none.</summary>
    int? ProcessId { get; }

    /// <summary>Ends the attempt soon; its end is told as always.</summary>
    void Kill(Instant now);
}

/// <summary>The feed, as its runs see it. Called on the feed's loop.</summary>
internal interface IRelayRunOwner
{
    /// <summary>The sections of a description to take in; no video when there is none that can be taken as it is.</summary>
    RtspSections ChooseSections(IRelayRun run, IReadOnlyList<RtspSdpMedia> media, Instant now);

    /// <summary>One RTP packet of the chosen video section. The packet path.</summary>
    void HandleRtp(IRelayRun run, ReadOnlySpan<byte> packet, Instant now);

    /// <summary>One RTP packet of the chosen audio section. The packet path.</summary>
    void HandleAudioRtp(IRelayRun run, ReadOnlySpan<byte> packet, Instant now);

    /// <summary>The run's process let go of its connection to us: its end, which tells why, should follow.</summary>
    void HandleLetGo(IRelayRun run, Instant now);

    /// <param name="reason">In words, see <see cref="RelayReason"/>.</param>
    /// <param name="lines">What the run's program wrote last; may hold credentials.</param>
    void HandleEnded(IRelayRun run, string reason, IReadOnlyList<string> lines, Instant now);

    /// <summary>The source cannot be taken in this way; the next attempt is to be of that mode.</summary>
    void HandleUnsuitable(IRelayRun run, RelayMode next, Instant now);
}
