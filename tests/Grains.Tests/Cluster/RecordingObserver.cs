using System.Collections.Concurrent;
using Comms.Grains.Contracts;

namespace Comms.Grains.Tests.Cluster;

/// <summary>A node that writes down what grains tell it.</summary>
internal sealed class RecordingObserver : INodeObserver
{
    public ConcurrentQueue<FloorState> Floors { get; } = new();

    public ConcurrentQueue<string> Feeds { get; } = new();

    public ConcurrentQueue<CameraStatus> Cameras { get; } = new();

    public ConcurrentQueue<CatalogChange> Catalog { get; } = new();

    public CatalogVersion? LastVersion { get; private set; }

    public void FloorChanged(FloorState floor) => Floors.Enqueue(floor);

    public void StartFeed(string cameraId, CameraSource source) => Feeds.Enqueue($"start {cameraId} {source.Url} {source.Password}");

    public void StopFeed(string cameraId) => Feeds.Enqueue($"stop {cameraId}");

    public void CameraChanged(CameraStatus status) => Cameras.Enqueue(status);

    public void CatalogChanged(CatalogChange change, CatalogVersion version)
    {
        Catalog.Enqueue(change);
        LastVersion = version;
    }
}
