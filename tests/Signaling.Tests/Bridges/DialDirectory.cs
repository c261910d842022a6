using Comms.Grains.Contracts;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>A directory with the channel ch1 (7000), the unit "unit" with its account phone1, and a dial plan: 4711 is the unit.</summary>
internal sealed class DialDirectory : IDirectoryIndex
{
    private static readonly AccountDefinition Phone = new("phone1", "Phone", AccountRole.Gateway, "unit");

    public event Action<CatalogChange>? Changed
    {
        add { }
        remove { }
    }

    public Task Ready => Task.CompletedTask;

    public IReadOnlyList<TownNode> Towns => [];

    public IReadOnlyList<RehearsalDefinition> Rehearsals => [];

    public DialPlan DialPlan { get; } = new([new("4711", DialKind.Unit, "unit"), new("7000", DialKind.Channel, "ch1")], []);

    public ChannelDefinition? FindChannel(string channelId) =>
        channelId == "ch1" ? new ChannelDefinition("ch1", "", "", "7000", ChannelKind.Service, "") : null;

    public ChannelDefinition? FindChannelByNumber(string number) => number == "7000" ? FindChannel("ch1") : null;

    public AccountDefinition? FindAccount(string userName) => userName.Equals(Phone.Id, StringComparison.OrdinalIgnoreCase) ? Phone : null;

    public IReadOnlyList<AccountDefinition> AccountsOf(string unitId) => unitId == Phone.UnitId ? [Phone] : [];

    public UnitDefinition? FindUnit(string unitId) => null;

    public CameraDefinition? FindCamera(string cameraId) => null;

    public CameraRecord? FindCameraRecord(string cameraId) => null;

    public IReadOnlyList<string> CameraIds => [];

    public ChannelRight GetRight(string channelId, string unitId) => ChannelRight.Talk;

    public Page<UnitDefinition> Units(DirectoryQuery query) => throw new NotSupportedException();

    public Page<ChannelDefinition> Channels(DirectoryQuery query) => throw new NotSupportedException();

    public Page<CameraRecord> Cameras(CameraQuery query) => throw new NotSupportedException();

    public Page<AccountDefinition> Accounts(DirectoryQuery query) => throw new NotSupportedException();

    public bool IsWithin(string townId, string townPath) => true;
}
