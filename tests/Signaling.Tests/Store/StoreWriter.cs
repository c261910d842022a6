using System.Globalization;
using Comms.Grains.Contracts;
using Comms.Signaling.Store;

namespace Comms.Signaling.Tests.Store;

/// <summary>
/// The process that a durability test kills: a server on the embedded store that writes without end and prints each id
/// once its write was acknowledged. Started as "dotnet Comms.Signaling.Tests.dll FOLDER".
/// </summary>
internal static class StoreWriter
{
    private static async Task<int> Main(string[] arguments)
    {
        await using StoreServer server = await StoreServer.StartAsync(
            new StoreOptions { DataFolder = arguments[0], MinFreeDiskMb = 8 });
        for (int number = 1; ; number++)
        {
            string id = number.ToString(CultureInfo.InvariantCulture);
            await WriteAsync(server.Grains, id);
            Console.Out.WriteLine(id);
            await Console.Out.FlushAsync();
        }
    }

    private static async Task WriteAsync(IGrainFactory grains, string id)
    {
        await grains.GetGrain<IAccountGrain>(id).Put(
            new AccountDefinition(id, id, AccountRole.Responder, id), new AccountSecret(id, id, id), Actor.System);
        await grains.GetGrain<IChannelGrain>(id).Put(
            new ChannelDefinition(id, id, id, id, ChannelKind.Incident, ""), Actor.System);
    }
}
