using System.Security.Cryptography.X509Certificates;
using Comms.Phones.Io;

namespace Comms.Phones;

/// <summary>How a fleet of phones reaches the server and how it is served.</summary>
public sealed record FleetOptions
{
    /// <summary>The server's HTTP address, for one TCP WebSocket per phone.</summary>
    public required Endpoint Http { get; init; }

    /// <summary>The server's HTTPS address, for WebSockets over HTTP/2.</summary>
    public Endpoint Https { get; init; }

    /// <summary>Host name of the Host header and of TLS.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The server's own certificate authority, when it is none that the machine trusts.</summary>
    public X509Certificate2? Authority { get; init; }

    /// <summary>Phones with a TCP WebSocket of their own; the others share HTTP/2 connections.</summary>
    public int TcpPhonesMax { get; init; } = 18_000;

    /// <summary>Threads; each has its own epoll and its own share of the phones.</summary>
    public int Loops { get; init; } = 2;

    /// <summary>UDP sockets of one loop: together their receive buffers hold a whole fan-out.</summary>
    public int SocketsPerLoop { get; init; } = 4;

    /// <summary>Phones of one loop that are on their way into the hub or into a voice session at the same time.</summary>
    public int JoiningPerLoop { get; init; } = 128;

    /// <summary>One listener in so many, on each loop, decrypts and compares every frame.</summary>
    public int ComparedOneIn { get; init; } = 100;

    /// <summary>The first phone's address, host byte order: 127.16.0.1.</summary>
    public uint FirstAddress { get; init; } = 127u << 24 | 16u << 16 | 1;
}
