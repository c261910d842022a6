using System.Globalization;
using System.Text;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>The NOTIFY of a REFER's implicit subscription: a status line as its body. RFC 3515 §2.4.4. Pure.</summary>
internal static class ReferNotice
{
    public static DialogBody Of(uint referSequence, int status)
    {
        var state = status < 200 ? "active;expires=60" : "terminated;reason=noresource";
        var fragment = string.Create(CultureInfo.InvariantCulture, $"SIP/2.0 {status} {SipStatus.Phrase(status)}\r\n");
        return new DialogBody("message/sipfrag;version=2.0", Encoding.ASCII.GetBytes(fragment),
        [
            new(SipHeaderNames.Event, string.Create(CultureInfo.InvariantCulture, $"refer;id={referSequence}")),
            new(SipHeaderNames.SubscriptionState, state),
        ]);
    }
}
