using System.Reflection;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Hosting;

/// <summary>This start of the server. The id is the node's, new with every start, so that clients know that media keys are gone.</summary>
public sealed record ServerInstance(string Id, DateTimeOffset StartedAt)
{
    public static readonly string Version =
        typeof(ServerInstance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static ServerInstance Create(LocalNode node, TimeProvider time) => new(node.Id, time.GetUtcNow());
}
