using System.Collections.Concurrent;
using System.Net;
using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Tests.Bridges;
using Microsoft.Extensions.Logging.Abstractions;

namespace Comms.Interop.Tests.Sip;

/// <summary>
/// The SIP side alone, with its real UDP socket on a free loopback port and real RTP sockets for its legs; the directory
/// is a table and the floor is one that the test looks at.
/// </summary>
internal sealed class SipTestHost : IAsyncDisposable
{
    public const string Realm = "comms";
    private readonly SipCallBridge _bridge;

    public SipTestHost(SipOptions? options = null, ISipCertificate? certificate = null)
    {
        Directory.AddChannel("ch1", "7000");
        Directory.AddChannel("ch2", "7002");
        Directory.AddAccount("gw1", "unit-gw1", "secret");
        Directory.AddAccount("off", "unit-off", "secret", isDisabled: true);
        Directory.SetRight("ch1", "unit-gw1", ChannelRight.Talk);
        options = (options ?? new SipOptions()) with { Listen = "127.0.0.1:0" };
        Endpoint = new SipEndpoint(options, new SipRealm(Realm), Directory, TimeProvider.System, NullLogger<SipEndpoint>.Instance, certificate: certificate);
        _bridge = new SipCallBridge(Endpoint, Directory, Media, Media, Floor, NullLogger<SipCallBridge>.Instance);
        Endpoint.BindingsChanged += changed => Registered[changed.AccountId] = changed.Bindings.Count;
        Endpoint.CredentialsRefused += refused => Refused.Enqueue(refused.UserName);
        Endpoint.Start();
    }

    public TableSipDirectory Directory { get; } = new(Realm);

    public SocketLegNode Media { get; } = new();

    public RecordingFloorBridge Floor { get; } = new();

    public SipEndpoint Endpoint { get; }

    public IPEndPoint Address => Endpoint.Addresses[0];

    /// <summary>Contacts of each account that ever registered.</summary>
    public ConcurrentDictionary<string, int> Registered { get; } = new();

    /// <summary>User names whose credentials did not fit.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    /// <summary>Calls that have a leg now.</summary>
    public int Joined => _bridge.Count;

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        _bridge.Dispose();
        Media.Dispose();
    }
}
