using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Comms.Signaling.Hosting;

/// <summary>
/// Counts the open TCP connections of HTTP, each of which is one descriptor. Above the limit new phones and viewers are
/// told so; in the reserve above it nobody is even answered, so that the store and the media loops keep their files.
/// </summary>
public sealed class OpenConnections(long limit)
{
    /// <summary>Connections that are accepted only to hear that the server is full.</summary>
    private const int AnsweredAboveLimit = 128;

    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Connections that are served.</summary>
    public long Limit => limit;

    public bool IsFull => Count > limit;

    public void Watch(ListenOptions listen) => listen.Use(next => connection => CountAsync(next, connection));

    private async Task CountAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        long count = Interlocked.Increment(ref _count);
        try
        {
            if (count <= limit + AnsweredAboveLimit) await next(connection);
            else connection.Abort(new ConnectionAbortedException("The server has no more files for connections."));
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
