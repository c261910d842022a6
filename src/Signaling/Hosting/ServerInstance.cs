using System.Reflection;
using System.Security.Cryptography;

namespace Comms.Signaling.Hosting;

/// <summary>This start of the server: a new id with every start, so that clients know that media keys are gone.</summary>
public sealed record ServerInstance(string Id, DateTimeOffset StartedAt)
{
    public static readonly string Version =
        typeof(ServerInstance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static ServerInstance Create(TimeProvider time) =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), time.GetUtcNow());
}
