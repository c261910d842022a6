using Comms.Media.Crypto.Dtls;
using Comms.Phones.Io;

namespace Comms.Phones.Control;

/// <summary>What the loops of a fleet share: the way to the hub, the certificate, the channels' numbers.</summary>
internal interface IPhoneLinks
{
    OpenSslDtlsContext Dtls { get; }

    /// <summary>0 is the big channel.</summary>
    int ChannelOf(string channelId);

    /// <summary>Opens the phone's WebSocket; throws <see cref="IOException"/> when the process may open no more.</summary>
    ControlLink Open(Phone phone, PhoneLoop loop, Epoll epoll);

    /// <summary>Hands the loop's phones what came for them over shared connections. On the loop.</summary>
    void Deliver(int loop);
}
