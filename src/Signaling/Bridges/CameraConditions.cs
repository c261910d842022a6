using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Relay;

namespace Comms.Signaling.Bridges;

/// <summary>What a feed says of its camera. Pure.</summary>
internal static class CameraConditions
{
    /// <summary>A picture that is lost for less is no news: cameras restart their streams, lines stutter.</summary>
    private static readonly TimeSpan Stutter = TimeSpan.FromSeconds(5);

    /// <summary>These say that the camera, or the way to it, is away.</summary>
    private static readonly HashSet<string> Away =
    [
        RelayReason.ConnectionRefused, RelayReason.TimedOut, RelayReason.NoRoute, RelayReason.UnknownHost, RelayReason.NoAnswer,
    ];

    /// <summary>These say nothing of the camera: they are ours.</summary>
    private static readonly HashSet<string> Ours =
    [
        "", RelayReason.Connecting, RelayReason.Stopped, RelayReason.Converting, RelayReason.NoResources, RelayReason.OutOfMemory,
        RelayReason.Killed, RelayReason.CannotStart,
    ];

    /// <summary>The evidence of a feed whose state began, or whose picture was lost, at <paramref name="since"/>; null when there is none.</summary>
    public static CameraEvidence? Of(FeedName feed, CameraFeedState state, string reason, DateTimeOffset since, DateTimeOffset now)
    {
        bool isMain = feed.Profile == CameraProfile.Main;
        if (state == CameraFeedState.Live)
        {
            return new CameraEvidence(CameraCondition.Online, "", since, IsPicture: isMain);
        }

        if (Ours.Contains(reason) || (reason != RelayReason.Unauthorized && now - since < Stutter))
        {
            return null;
        }

        // A sub stream that is refused or missing says nothing of the main one.
        bool isAway = Away.Contains(reason);
        return isAway || isMain ? new CameraEvidence(isAway ? CameraCondition.Offline : CameraCondition.Faulty, reason, since) : null;
    }

    /// <summary>A picture with what was learned of it: one with rare key frames takes long to appear.</summary>
    public static CameraEvidence Judge(CameraEvidence picture, CameraFacts? facts, int longKeyFrameSeconds) =>
        facts is not null && facts.KeyFrameMs >= longKeyFrameSeconds * 1000
            ? picture with { Condition = CameraCondition.Degraded, Reason = $"key frame every {facts.KeyFrameMs / 1000} s", Facts = facts }
            : picture with { Facts = facts };

    public static CameraFacts FactsOf(FeedDescription described) => new(
        described.Codec == VideoCodec.H265 ? "hevc" : "h264",
        described.WidthPixels,
        described.HeightPixels,
        (int)Math.Round(described.KeyFrameIntervalMs / 500.0) * 500,
        described.Audio switch { AudioCodec.Pcma => "pcm_alaw", AudioCodec.Pcmu => "pcm_mulaw", AudioCodec.Opus => "opus", _ => "" },
        described.IsConverted);
}
