using Microsoft.AspNetCore.SignalR;

namespace Comms.Signaling.Realtime;

/// <summary>Sends outboxes to their clients, one batch at a time each; a client that does not take its batch is closed.</summary>
public sealed partial class HubSender(TimeProvider time, ILogger<HubSender> log)
{
    /// <summary>A client that takes no byte for so long has lost its link without saying so.</summary>
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(15);

    /// <summary>The last word before a close is not waited for longer.</summary>
    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ReadingTime = TimeSpan.FromMilliseconds(300);

    /// <summary>Sends what waits, unless a send is already under way: that one will take it along.</summary>
    public void Send(HubSession session)
    {
        if (session.Outbox.TryBeginSending()) _ = DrainAsync(session, Task.CompletedTask);
    }

    /// <summary>
    /// Sends a floor at once when nothing waits, else puts it in place of an older one. Never blocks, and costs a client that
    /// reads no memory.
    /// </summary>
    public void Send(HubSession session, FloorNews news)
    {
        if (!session.Outbox.TryPass())
        {
            session.Outbox.Put(news);
            Send(session);
            return;
        }

        ValueTask written = session.Link.WriteAsync(news.Message);
        if (!written.IsCompletedSuccessfully)
        {
            _ = DrainAsync(session, written.AsTask());
            return;
        }

        written.GetAwaiter().GetResult();
        if (!session.Outbox.TryEnd()) _ = DrainAsync(session, Task.CompletedTask);
    }

    /// <summary>Puts an event in order behind what waits, and sends; closes the connection when too many wait.</summary>
    public void Send(HubSession session, SerializedHubMessage happened)
    {
        if (session.Outbox.TryPut(happened)) Send(session);
        else _ = CloseAsync(session, "slow");
    }

    /// <summary>Says why and closes.</summary>
    public async Task CloseAsync(HubSession session, string reason)
    {
        try
        {
            await session.Link.WriteAsync(HubCalls.Closing(reason)).AsTask().WaitAsync(ClosingLimit, time);
            await LeaveTimeToReadAsync(session);
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException or InvalidOperationException or IOException)
        {
            NotTold(session.ConnectionId, reason);
        }

        Closed(session.ConnectionId, session.AccountId, reason);
        session.Link.Abort();
    }

    /// <summary>An abort drops what is written but not yet sent, so the last word gets a moment on its way.</summary>
    private async Task LeaveTimeToReadAsync(HubSession session)
    {
        try
        {
            await session.Ended.WaitAsync(ReadingTime, time);
        }
        catch (TimeoutException)
        {
            // The client leaves the end to us.
        }
    }

    private async Task DrainAsync(HubSession session, Task before)
    {
        try
        {
            await before.WaitAsync(SendLimit, time);
            while (session.Outbox.TakeOrEnd() is { } batch)
            {
                foreach (SerializedHubMessage message in batch.Messages())
                    await session.Link.WriteAsync(message).AsTask().WaitAsync(SendLimit, time);
            }
        }
        catch (TimeoutException)
        {
            // The sending turn is kept, so nothing more is sent to this connection.
            await CloseAsync(session, "slow");
        }
        catch (Exception fault)
        {
            Failed(session.ConnectionId, fault);
            session.Link.Abort();
        }
    }

    [LoggerMessage(2101, LogLevel.Debug, "Hub connection {ConnectionId} was not told that it closes ({Reason})")]
    private partial void NotTold(string connectionId, string reason);

    [LoggerMessage(2102, LogLevel.Information, "Hub connection {ConnectionId} of {AccountId} is closed: {Reason}")]
    private partial void Closed(string connectionId, string accountId, string reason);

    [LoggerMessage(2103, LogLevel.Warning, "Hub connection {ConnectionId} failed while sending")]
    private partial void Failed(string connectionId, Exception fault);
}
