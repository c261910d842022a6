using System.Globalization;
using Comms.Media.Numbers;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>
/// Session timers (RFC 4028): who wishes one gets it, whichever side is to refresh the session; one that is not refreshed
/// ends. We ask for none ourselves. Pure.
/// </summary>
internal static class SessionTimer
{
    /// <summary>The option tag of Supported and Require.</summary>
    public const string Option = "timer";

    /// <summary>RFC 4028 §5: nothing shorter may be asked of a peer.</summary>
    private const uint MinSeconds = 90;

    /// <summary>The refusal of a request's wish: 422 for one that is too short, 400 for one that cannot be read; null otherwise.</summary>
    public static SipResponse? Refuse(SipRequest request)
    {
        if (!TryRead(request, out var wish))
        {
            return SipResponse.For(request, SipStatus.BadRequest);
        }

        if (wish is not { Seconds: < MinSeconds } || !IsSupported(request))
        {
            return null;
        }

        var refusal = SipResponse.For(request, SipStatus.SessionIntervalTooSmall);
        refusal.Headers.Add(SipHeaderNames.MinSe, MinSeconds.ToString(CultureInfo.InvariantCulture));
        return refusal;
    }

    /// <summary>Agrees to the wish of an INVITE or UPDATE in its 2xx.</summary>
    public static SessionAgreement Agree(SipRequest request, SipResponse success, Instant now)
    {
        success.Headers.Add(SipHeaderNames.Supported, SipCapabilities.Supported);
        if (!TryRead(request, out var wish) || wish is not { } agreed || !IsSupported(request))
        {
            return SessionAgreement.None;
        }

        // In a request "uac" is its sender; where nothing is said, the sender refreshes too (§9).
        var isOurs = agreed.Refresher == "uas";
        if (!isOurs)
        {
            success.Headers.Add(SipHeaderNames.Require, Option);
        }

        success.Headers.Add(SipHeaderNames.SessionExpires, string.Create(
            CultureInfo.InvariantCulture, $"{agreed.Seconds};refresher={(isOurs ? "uas" : "uac")}"));
        return SessionAgreement.Of(agreed.Seconds, isOurs, now);
    }

    /// <summary>What the 2xx to a request of ours agreed to. §7.2.</summary>
    public static SessionAgreement Read(SipResponse success, Instant now) =>
        TryRead(success, out var agreed) && agreed is { Seconds: >= MinSeconds }
            ? SessionAgreement.Of(agreed.Seconds, agreed.Refresher != "uas", now) : SessionAgreement.None;

    /// <summary>The headers of a refresh of ours. §7.4.</summary>
    public static IReadOnlyList<SipHeader> RefreshHeaders(uint seconds) =>
    [
        new(SipHeaderNames.Supported, SipCapabilities.Supported),
        new(SipHeaderNames.SessionExpires, string.Create(CultureInfo.InvariantCulture, $"{seconds};refresher=uac")),
    ];

    private static bool IsSupported(SipRequest request) =>
        request.Headers.HasToken(SipHeaderNames.Supported, Option) || request.Headers.HasToken(SipHeaderNames.Require, Option);

    // Null with true: there is no wish.
    private static bool TryRead(SipMessage message, out Wish? wish)
    {
        wish = null;
        if (message.Headers.First(SipHeaderNames.SessionExpires) is not { } value)
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

        wish = new Wish(number, parameters["refresher"]?.ToLowerInvariant());
        return true;
    }

    private sealed record Wish(uint Seconds, string? Refresher);
}

/// <summary>
/// Until when a session lasts without a refresh, and when we refresh it. <see cref="EndsAt"/> is never where there is no
/// timer; a little before the peer's own timer where the peer refreshes (RFC 4028 §10).
/// </summary>
internal sealed record SessionAgreement(uint Seconds, Instant EndsAt, Instant RefreshAt)
{
    public static readonly SessionAgreement None = new(0, Instant.Never, Instant.Never);

    public static SessionAgreement Of(uint seconds, bool isOurs, Instant now) => new(
        seconds, now.AddMs((seconds - Math.Min(32, seconds / 3)) * 1000L), isOurs ? now.AddMs(seconds * 500L) : Instant.Never);
}
