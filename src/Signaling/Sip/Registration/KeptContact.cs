using System.Net;
using Comms.Grains.Contracts;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Registration;

/// <summary>Contact bindings as they are stored, and back. Stored times are the wall clock's, because instants end with the process.</summary>
public static class KeptContact
{
    public static SipContact Of(ContactBinding binding, DateTimeOffset wall, Instant now) => new(
        "", binding.Contact.ToString(), binding.Flow.Local.ToString(), binding.Flow.Remote.ToString(),
        wall.AddMilliseconds(binding.ExpiresAt.MsSince(now)), binding.CallId, binding.CSeq);

    /// <summary>False: something in it cannot be read, its time is over, or it lies further ahead than any registration is given.</summary>
    public static bool TryRead(SipContact kept, DateTimeOffset wall, Instant now, int maxSeconds, out ContactBinding? binding)
    {
        binding = null;
        var leftMs = (kept.ExpiresAt - wall).TotalMilliseconds;
        if (leftMs <= 0 || leftMs > maxSeconds * 1000.0
            || string.IsNullOrEmpty(kept.CallId)
            || !NameAddr.TryParse(kept.Contact ?? "", out var contact) || !contact.Uri.IsSip
            || !TryReadAddress(kept.Local, out var local) || !TryReadAddress(kept.Remote, out var remote))
        {
            return false;
        }

        binding = new ContactBinding(contact, new SipFlow(SipTransportKind.Udp, local, remote), now.AddMs((long)leftMs))
        {
            CallId = kept.CallId, CSeq = kept.CSeq,
        };
        return true;
    }

    private static bool TryReadAddress(string? text, out IPEndPoint address) =>
        IPEndPoint.TryParse(text ?? "", out address!) && address.Port != 0;
}
