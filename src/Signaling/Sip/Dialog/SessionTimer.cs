using System.Globalization;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// Session timers as the callee (RFC 4028): a peer that asks for one refreshes the session by re-INVITEs, and a session that
/// is not refreshed ends. We refresh none ourselves, so a peer that leaves that to us gets a call without a timer. Pure.
/// </summary>
internal static class SessionTimer
{
    /// <summary>The option tag of Supported and Require.</summary>
    public const string Option = "timer";

    /// <summary>RFC 4028 §5: nothing shorter may be asked of a peer.</summary>
    private const uint MinSeconds = 90;

    /// <summary>The refusal of an INVITE's wish: 422 for one that is too short, 400 for one that cannot be read; null otherwise.</summary>
    public static SipResponse? Refuse(SipRequest invite)
    {
        if (!TryRead(invite, out var wish))
        {
            return SipResponse.For(invite, SipStatus.BadRequest);
        }

        if (wish is not { Seconds: < MinSeconds } || !IsSupported(invite))
        {
            return null;
        }

        var refusal = SipResponse.For(invite, SipStatus.SessionIntervalTooSmall);
        refusal.Headers.Add(SipHeaderNames.MinSe, MinSeconds.ToString(CultureInfo.InvariantCulture));
        return refusal;
    }

    /// <summary>
    /// Agrees to the wish of an INVITE in its 2xx. Returns when the session ends without a refresh, a little before the
    /// peer's own timer (§10); never without an agreement.
    /// </summary>
    public static Instant Agree(SipRequest invite, SipResponse success, Instant now)
    {
        success.Headers.Add(SipHeaderNames.Supported, Option);
        if (!TryRead(invite, out var wish) || wish is not { IsRefreshedByUs: false } agreed || !IsSupported(invite))
        {
            return Instant.Never;
        }

        success.Headers.Add(SipHeaderNames.Require, Option);
        success.Headers.Add(SipHeaderNames.SessionExpires, string.Create(CultureInfo.InvariantCulture, $"{agreed.Seconds};refresher=uac"));
        return now.AddMs((agreed.Seconds - Math.Min(32, agreed.Seconds / 3)) * 1000L);
    }

    private static bool IsSupported(SipRequest invite) =>
        invite.Headers.HasToken(SipHeaderNames.Supported, Option) || invite.Headers.HasToken(SipHeaderNames.Require, Option);

    // Null with true: the peer wishes no timer.
    private static bool TryRead(SipRequest invite, out Wish? wish)
    {
        wish = null;
        if (invite.Headers.First(SipHeaderNames.SessionExpires) is not { } value)
        {
            return true;
        }

        var semicolon = value.IndexOf(';');
        var seconds = (semicolon < 0 ? value : value[..semicolon]).Trim();
        if (!SipText.TryParseNumber(seconds, int.MaxValue / 1000, out var number)
            || !SipParameters.TryParse(semicolon < 0 ? "" : value.AsSpan(semicolon), out var parameters))
        {
            return false;
        }

        wish = new Wish(number, "uas".Equals(parameters["refresher"], StringComparison.OrdinalIgnoreCase));
        return true;
    }

    private sealed record Wish(uint Seconds, bool IsRefreshedByUs);
}
