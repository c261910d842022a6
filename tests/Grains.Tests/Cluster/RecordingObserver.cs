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

    public void StartFeed(CameraFeedStart feed) =>
        Feeds.Enqueue($"start {feed.CameraId} {feed.Profile} {feed.Source.Url} {feed.Source.Password}");

    public void StopFeed(string cameraId, CameraProfile profile) => Feeds.Enqueue($"stop {cameraId} {profile}");

    public void CameraChanged(CameraStatus status) => Cameras.Enqueue(status);

    public void CatalogChanged(CatalogChange change, CatalogVersion version)
    {
        Catalog.Enqueue(change);
        LastVersion = version;
    }
}
