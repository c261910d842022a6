using System.Collections.Concurrent;

namespace Comms.Phones.Control;

/// <summary>The HTTP/2 connections of a fleet, so many streams on each, and the mail from their readers to the phones' loops.</summary>
internal sealed class H2Pool(FleetOptions options, int phones) : IDisposable
{
    /// <summary>Servers allow 100 streams on a connection if they say nothing else.</summary>
    private const int StreamsPerConnection = 100;

    private readonly ConcurrentDictionary<int, H2Connection> _connections = new();
    private readonly ConcurrentQueue<Mail>[] _mail = [.. Enumerable.Range(0, options.Loops).Select(_ => new ConcurrentQueue<Mail>())];
    private int _opened;

    public int Connections => _connections.Count;

    /// <summary>Opens the next stream. Any loop.</summary>
    public H2Link Open(IHubEvents phone, int loop, string token)
    {
        int number = Interlocked.Increment(ref _opened) - 1;
        if (number >= phones) throw new IOException("More streams than phones.");
        H2Connection connection = _connections.GetOrAdd(number / StreamsPerConnection, _ => new H2Connection(options, this));
        var link = new H2Link(phone, connection, loop);
        connection.Open(link, "/hub?access_token=" + Uri.EscapeDataString(token));
        return link;
    }

    /// <summary>Any thread.</summary>
    public void Post(in Mail mail) => _mail[mail.Link.Loop].Enqueue(mail);

    /// <summary>On the loop.</summary>
    public void Deliver(int loop)
    {
        while (_mail[loop].TryDequeue(out Mail mail))
        {
            if (mail.Fault is { } fault) mail.Link.Close(fault);
            else if (mail.Data is { } data) mail.Link.OnData(data, mail.ArrivalNs);
            else mail.Link.OnOpen();
        }
    }

    public void Dispose()
    {
        foreach (H2Connection connection in _connections.Values) connection.Dispose();
    }

    /// <summary>Data, or the acceptance of the stream when there is neither data nor fault.</summary>
    internal readonly record struct Mail(H2Link Link, byte[]? Data, string? Fault, long ArrivalNs);
}
