using Comms.Grains.Contracts;

namespace Comms.Signaling.Api;

/// <summary>How many cameras of one site or town are how. <paramref name="Live"/> are taken in at this moment.</summary>
public sealed record CameraCountsAnswer(string Id, int Total, int Online, int Degraded, int Faulty, int Offline, int Unknown, int Live)
{
    /// <summary>One answer for each group, in the order of their ids; "" are those that have none.</summary>
    public static IReadOnlyList<CameraCountsAnswer> Of(IEnumerable<(CameraRecord Camera, bool IsLive)> cameras, Func<CameraDefinition, string> groupOf) =>
    [
        .. cameras.GroupBy(entry => groupOf(entry.Camera.Definition)).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            ILookup<CameraCondition, CameraRecord> by = group.ToLookup(entry => entry.Camera.Health.Condition, entry => entry.Camera);
            return new CameraCountsAnswer(
                group.Key, group.Count(), by[CameraCondition.Online].Count(), by[CameraCondition.Degraded].Count(), by[CameraCondition.Faulty].Count(),
                by[CameraCondition.Offline].Count(), by[CameraCondition.Unknown].Count(), group.Count(entry => entry.IsLive));
        }),
    ];
}
