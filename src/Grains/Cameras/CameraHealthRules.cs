using Comms.Grains.Contracts;

namespace Comms.Grains.Cameras;

/// <summary>What is believed of a camera after something was seen of it. Pure.</summary>
internal static class CameraHealthRules
{
    /// <summary>
    /// A picture proves that all is well. A mere answer ends an outage, but says nothing of a wrong password or a missing
    /// picture: such a fault stays until a picture comes, the source changes, or the camera was away. The moment of a
    /// condition stays while only its reason changes.
    /// </summary>
    public static CameraHealth After(CameraHealth known, CameraEvidence seen)
    {
        bool isMereAnswer = seen.Condition == CameraCondition.Online && !seen.IsPicture;
        if (isMereAnswer && known.Condition is CameraCondition.Online or CameraCondition.Degraded or CameraCondition.Faulty)
        {
            return known;
        }

        DateTimeOffset since = known.Condition == seen.Condition ? known.Since : seen.Since;
        return new CameraHealth(seen.Condition, seen.Reason, since);
    }
}
