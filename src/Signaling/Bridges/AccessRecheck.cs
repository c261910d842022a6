using System.Threading.Channels;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Api;
using Comms.Signaling.Security;
using Comms.Signaling.WebRtc;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Ends what an account may no longer do: SIP calls of a disabled account, and viewing sessions of one that lost its role or
/// whose camera left its subtree. Hub connections are checked by the hub itself, channel membership by RightsRecheck.
/// </summary>
internal sealed partial class AccessRecheck(
    IDirectoryIndex directory, WhepSessions whep, ICameraBridge cameras, IMediaNode node, SipCallBridge sip, ILogger<AccessRecheck> log) : BackgroundService
{
    private readonly Channel<CatalogChange> _changes = Channel.CreateUnbounded<CatalogChange>(new UnboundedChannelOptions { SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        directory.Changed += OnChanged;
        try
        {
            await foreach (CatalogChange change in _changes.Reader.ReadAllAsync(stoppingToken)) await CheckAsync(change);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
        finally
        {
            directory.Changed -= OnChanged;
        }
    }

    private void OnChanged(CatalogChange change)
    {
        if (change.Kind is CatalogKind.Account or CatalogKind.Camera or CatalogKind.Town) _changes.Writer.TryWrite(change);
    }

    private async Task CheckAsync(CatalogChange change)
    {
        if (change.Kind == CatalogKind.Account && directory.FindAccount(change.Id) is not { Disabled: false }) sip.PutOut(change.Id);
        foreach (WhepSession session in whep.All.Where(session => IsConcerned(session, change) && !MayView(session)))
        {
            if (!whep.Remove(session)) continue;
            Ended(session.AccountId, session.CameraId);
            await cameras.StopViewingAsync(session.Media);
            await node.CloseSessionAsync(session.Media);
        }
    }

    private static bool IsConcerned(WhepSession session, CatalogChange change) => change.Kind switch
    {
        CatalogKind.Account => session.AccountId == change.Id,
        CatalogKind.Camera => session.CameraId == change.Id,
        _ => true,
    };

    private bool MayView(WhepSession session) =>
        directory.FindAccount(session.AccountId) is { } account
        && Roles.Holds(account, AccountRole.Dispatcher)
        && CamerasApi.Find(new Caller(account), session.CameraId, directory) is not null;

    [LoggerMessage(2121, LogLevel.Information, "Account {AccountId} may no longer view {CameraId}")]
    private partial void Ended(string accountId, string cameraId);
}
