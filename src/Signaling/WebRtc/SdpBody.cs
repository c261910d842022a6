using System.Text;
using Microsoft.Net.Http.Headers;

namespace Comms.Signaling.WebRtc;

/// <summary>Request bodies in SDP: media type and size are checked before a byte is parsed.</summary>
internal static class SdpBody
{
    public const string OfferType = "application/sdp";
    public const string FragmentType = "application/trickle-ice-sdpfrag";

    public static bool IsOf(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The body as UTF-8; null when it is longer than <paramref name="maxBytes"/>.</summary>
    public static async Task<string?> ReadAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes) return null;
        byte[] buffer = new byte[maxBytes + 1];
        int length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        return length > maxBytes ? null : Encoding.UTF8.GetString(buffer, 0, length);
    }
}
