using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>The Via of a request of ours: our address on the flow, a fresh branch, and a wish for rport. RFC 3261 §8.1.1.7.</summary>
public static class LocalVia
{
    public static Via Of(SipFlow flow)
    {
        var parameters = SipParameters.Empty.With("branch", SipIdentifier.NewBranch()).With("rport", null);
        return new Via(NameOf(flow.Transport), HostOf(flow), flow.Local.Port) { Parameters = parameters };
    }

    /// <summary>Our own address as a URI host; an IPv6 address in brackets.</summary>
    public static string HostOf(SipFlow flow)
    {
        var address = flow.Local.Address.IsIPv4MappedToIPv6 ? flow.Local.Address.MapToIPv4() : flow.Local.Address;
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
    }

    private static string NameOf(SipTransportKind transport) => transport switch
    {
        SipTransportKind.Tcp => "TCP",
        SipTransportKind.Tls => "TLS",
        _ => "UDP",
    };
}
