using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Comms.Signaling.Realtime;

/// <summary>
/// The way to one client. Takes messages that are serialized once for all connections of a protocol, which the typed
/// proxies of SignalR would serialize again for each.
/// </summary>
public interface IHubLink
{
    /// <summary>Completes when the connection took the message; a client that does not read keeps it pending.</summary>
    ValueTask WriteAsync(SerializedHubMessage message);

    void Abort();
}

/// <summary>The link of a real connection.</summary>
public sealed class HubLink(HubConnectionContext connection) : IHubLink
{
    public ValueTask WriteAsync(SerializedHubMessage message) => connection.WriteAsync(message, CancellationToken.None);

    public void Abort() => connection.Abort();
}

/// <summary>Puts the link of every new connection among its features, where the hub finds it.</summary>
public sealed class HubLinks(ILogger<DefaultHubLifetimeManager<CommsHub>> log) : DefaultHubLifetimeManager<CommsHub>(log)
{
    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Set<IHubLink>(new HubLink(connection));
        return base.OnConnectedAsync(connection);
    }
}
