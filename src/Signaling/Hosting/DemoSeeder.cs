using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Hosting;

/// <summary>Writes the demo town into an empty store. Seeding again changes nothing but what is missing, so an interrupted start heals.</summary>
public sealed class DemoSeeder(IGrainFactory grains, AccountSecrets secrets)
{
    /// <summary>The administrator comes last, because his presence says that the town is whole.</summary>
    public async Task SeedAsync(string cameraBaseUrl, IReadOnlyDictionary<string, string> passwords)
    {
        foreach (TownNode place in DemoTown.Places) Check(await grains.GetGrain<ITownTreeGrain>(TownTree.Key).Put(place, Actor.System), place.Id);
        foreach (UnitDefinition unit in DemoTown.Units) Check(await grains.GetGrain<IUnitGrain>(unit.Id).Put(unit, Actor.System), unit.Id);
        foreach (ChannelDefinition channel in DemoTown.Channels) await SeedChannelAsync(channel);
        foreach (CameraDefinition camera in DemoTown.Cameras) await PutCameraAsync(camera, cameraBaseUrl);
        AccountSecret[] made = await Task.WhenAll(DemoTown.Accounts.Select(account => Task.Run(() => secrets.Create(account.Id, passwords[account.Id]))));
        foreach (var (account, secret) in DemoTown.Accounts.Zip(made).Reverse())
            Check(await grains.GetGrain<IAccountGrain>(account.Id).Put(account, secret, Actor.System), account.Id);
    }

    /// <summary>Points the demo cameras that still exist at the simulator's present address.</summary>
    public async Task MoveCamerasAsync(string cameraBaseUrl, IDirectoryIndex directory)
    {
        foreach (CameraDefinition camera in DemoTown.Cameras)
        {
            if (directory.FindCamera(camera.Id) is { } present) await PutCameraAsync(present, cameraBaseUrl);
        }
    }

    private async Task SeedChannelAsync(ChannelDefinition channel)
    {
        IChannelGrain grain = grains.GetGrain<IChannelGrain>(channel.Id);
        Check(await grain.Put(channel, Actor.System), channel.Id);
        foreach (ChannelRule rule in DemoTown.RulesOf(channel)) Check(await grain.PutRule(rule, Actor.System), channel.Id);
    }

    private async Task PutCameraAsync(CameraDefinition camera, string baseUrl)
    {
        var source = new CameraSource($"{baseUrl.TrimEnd('/')}/{camera.Id["cam".Length..]}");
        Check(await grains.GetGrain<ICameraGrain>(camera.Id).Put(camera, new CameraSources(source), Actor.System), camera.Id);
    }

    private static void Check(Outcome outcome, string id)
    {
        if (!outcome.IsOk) throw new InvalidOperationException($"The demo town cannot be seeded: {id}: {outcome.Code} {outcome.Detail}");
    }
}
