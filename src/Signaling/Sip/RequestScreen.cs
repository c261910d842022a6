using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip;

/// <summary>What every request outside a dialog must pass before it is acted upon. RFC 3261 §8.2.1 to §8.2.3. Pure.</summary>
internal static class RequestScreen
{
    // What a request may require of us.
    private static readonly string[] Known =
        [SessionTimer.Option, SipCapabilities.ReliableProvisionals, "replaces", ResourcePriority.Option];

    /// <summary>The refusal, or null when the request may go on.</summary>
    public static SipResponse? Refuse(SipRequest request)
    {
        if (request.Method is not (SipMethods.Invite or SipMethods.Register or SipMethods.Options or SipMethods.Message or SipMethods.Bye))
        {
            // RFC 3261 §21.5.2: a method that is not recognised is 501, one that is not for here 405.
            var status = SipMethods.IsKnown(request.Method) ? SipStatus.MethodNotAllowed : SipStatus.NotImplemented;
            return With(request, status, SipHeaderNames.Allow, SipCapabilities.Allow);
        }

        if (!request.Uri.IsSip)
        {
            return SipResponse.For(request, SipStatus.UnsupportedUriScheme);
        }

        var required = request.Headers.List(SipHeaderNames.Require);
        required.RemoveAll(option => Known.Contains(option, StringComparer.OrdinalIgnoreCase));
        if (required.Count > 0)
        {
            return With(request, SipStatus.BadExtension, SipHeaderNames.Unsupported, string.Join(", ", required));
        }

        if (request.Headers.HasToken(SipHeaderNames.Require, ResourcePriority.Option)
            && !ResourcePriority.Read(request).Any(value => value.Rank is not null))
        {
            return With(request, SipStatus.UnknownResourcePriority, "Accept-Resource-Priority", ResourcePriority.Accepted);
        }

        return request.IsInvite ? RefuseSession(request) : null;
    }

    /// <summary>What a re-INVITE must pass too.</summary>
    public static SipResponse? RefuseSession(SipRequest request)
    {
        var accepted = request.Headers.List(SipHeaderNames.Accept);
        if (accepted.Count > 0 && !accepted.Exists(IsSdpRange))
        {
            return SipResponse.For(request, SipStatus.NotAcceptable);
        }

        if (SessionTimer.Refuse(request) is { } refusal)
        {
            return refusal;
        }

        if (request.Body.IsEmpty)
        {
            return null;
        }

        var isPlain = request.Headers.First(SipHeaderNames.ContentEncoding) is not { } encoding
            || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
        return isPlain && request.ContentType?.Is("application", "sdp") == true
            ? null : With(request, SipStatus.UnsupportedMediaType, SipHeaderNames.Accept, SipCapabilities.SdpType);
    }

    private static bool IsSdpRange(string range) => MediaType.TryParse(range, out var type)
        && (type.Is("application", "sdp") || type.Is("application", "*") || type.Is("*", "*"));

    private static SipResponse With(SipRequest request, int status, string header, string value)
    {
        var response = SipResponse.For(request, status);
        response.Headers.Add(header, value);
        return response;
    }
}
