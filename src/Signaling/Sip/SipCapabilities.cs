using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip;

/// <summary>What this server can do, as its responses say it.</summary>
internal static class SipCapabilities
{
    /// <summary>RFC 3261 §20.5.</summary>
    public const string Allow = "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, MESSAGE, INFO, UPDATE, PRACK, REFER";

    /// <summary>The option tag of reliable provisional responses. RFC 3262.</summary>
    public const string ReliableProvisionals = "100rel";

    /// <summary>Our extensions. RFC 4028, RFC 3262, RFC 3891.</summary>
    public const string Supported = "timer, 100rel, replaces";

    public const string SdpType = "application/sdp";

    /// <summary>Our address on a flow, as the Contact of a dialog.</summary>
    public static string ContactOf(SipFlow flow, string? user = null) =>
        $"<{SipUri.Sip(user, LocalVia.HostOf(flow), flow.Local.Port)}{TransportOf(flow)}>";

    // RFC 3261 §19.1.1: without the parameter it is UDP.
    private static string TransportOf(SipFlow flow) => flow.Transport switch
    {
        SipTransportKind.Tcp => ";transport=tcp",
        SipTransportKind.Tls => ";transport=tls",
        _ => "",
    };

    /// <summary>The answer to OPTIONS. RFC 3261 §11.2.</summary>
    public static SipResponse Describe(SipRequest request)
    {
        var response = SipResponse.For(request, SipStatus.Ok, SipIdentifier.NewTag());
        response.Headers.Add(SipHeaderNames.Allow, Allow);
        response.Headers.Add(SipHeaderNames.Accept, SdpType);
        response.Headers.Add(SipHeaderNames.Supported, Supported);
        response.Headers.Add("Accept-Encoding", "identity");
        response.Headers.Add("Accept-Language", "zh, en");
        return response;
    }
}
