namespace Comms.Signaling.Realtime;

/// <summary>Tells every client that the server stops, so that pages say so and connect again after a spread pause.</summary>
public sealed class HubFarewell(IHostApplicationLifetime lifetime, HubSessions sessions, HubSender sender) : IHostedService, IDisposable
{
    private CancellationTokenRegistration _stopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(CloseAll);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private void CloseAll()
    {
        HubSession[] open = [.. sessions.All.Where(session => session.TryBeginClosing())];
        Task.WhenAll(open.Select(session => sender.CloseAsync(session, "stopping"))).Wait(TimeSpan.FromSeconds(2));
    }
}
