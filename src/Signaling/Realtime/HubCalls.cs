using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Comms.Signaling.Realtime;

/// <summary>The calls of <see cref="IHubClient"/> as messages that any number of connections may be sent.</summary>
public static class HubCalls
{
    public static SerializedHubMessage Floors(params HubFloor[] floors) => Make(nameof(IHubClient.Floors), floors);

    public static SerializedHubMessage Channels(HubChannel[] channels) => Make(nameof(IHubClient.Channels), channels);

    public static SerializedHubMessage Cameras(HubCamera[] cameras) => Make(nameof(IHubClient.Cameras), cameras);

    public static SerializedHubMessage FloorRevoked(HubFloorRevoked revoked) => Make(nameof(IHubClient.FloorRevoked), revoked);

    public static SerializedHubMessage FloorGranted(HubFloorGranted granted) => Make(nameof(IHubClient.FloorGranted), granted);

    public static SerializedHubMessage FloorQueued(HubFloorQueued queued) => Make(nameof(IHubClient.FloorQueued), queued);

    public static SerializedHubMessage FloorQueues(HubFloorQueue[] queues) => Make(nameof(IHubClient.FloorQueues), queues);

    public static SerializedHubMessage VoiceEnded(HubVoiceEnded ended) => Make(nameof(IHubClient.VoiceEnded), ended);

    public static SerializedHubMessage Closing(string reason) => Make(nameof(IHubClient.Closing), reason);

    private static SerializedHubMessage Make(string method, object argument) => new(new InvocationMessage(method, [argument]));
}

/// <summary>A floor's news: its newest state, and the one message that everyone is sent.</summary>
public sealed class FloorNews(HubFloor floor)
{
    public HubFloor Floor { get; } = floor;

    public SerializedHubMessage Message { get; } = HubCalls.Floors(floor);
}
