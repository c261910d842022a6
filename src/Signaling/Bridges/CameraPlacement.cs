using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Which node a camera belongs to when no viewer decides it: the highest hash of both (rendezvous), so that every node comes
/// to the same result by itself and a node that comes or goes moves only its own share. Pure.
/// </summary>
internal static class CameraPlacement
{
    /// <summary>The node among those that reach the camera's site; "" when none does.</summary>
    public static string NodeOf(CameraDefinition camera, IEnumerable<NodeReach> nodes) =>
        NodeOf(camera.Id, nodes.Where(node => node.Reaches(camera.Site)).Select(node => node.NodeId));

    /// <summary>"" when there is no node.</summary>
    public static string NodeOf(string cameraId, IEnumerable<string> nodeIds)
    {
        string best = "";
        ulong highest = 0;
        foreach (string nodeId in nodeIds)
        {
            ulong weight = Hash(cameraId, nodeId);
            if (best.Length == 0 || weight > highest || (weight == highest && string.CompareOrdinal(nodeId, best) > 0))
            {
                best = nodeId;
                highest = weight;
            }
        }

        return best;
    }

    // FNV-1a, 64 bits, and a final mix: the same on every machine.
    private static ulong Hash(string cameraId, string nodeId)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char unit in cameraId) hash = (hash ^ unit) * 1_099_511_628_211;
        hash = (hash ^ '/') * 1_099_511_628_211;
        foreach (char unit in nodeId) hash = (hash ^ unit) * 1_099_511_628_211;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }
}
