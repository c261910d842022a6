using System.Globalization;
using Comms.Media.Node;
using Comms.Signaling.Api;
using Comms.Signaling.Hosting;

namespace Comms.Signaling.WebRtc;

/// <summary>What WHEP and WHIP answer when there is no session to be had.</summary>
internal static class MediaRefusals
{
    /// <summary>A full node is likely to stay so for a while; a stopping one is back soon.</summary>
    private const int FullRetrySeconds = 10;
    private const int StoppingRetrySeconds = 3;

    public static IResult Of(HttpContext context, PeerAnswer answer)
    {
        if (answer.Offer == OfferRefusal.NoCommonCodec)
            return ApiProblem.Of(StatusCodes.Status406NotAcceptable, "offer.noCommonCodec", "A video section with H.264 in packetization-mode 1 is needed.");
        if (answer.Offer != OfferRefusal.None)
            return ApiProblem.Of(StatusCodes.Status400BadRequest, "offer.refused", $"The offer cannot be answered: {answer.Offer}.");
        bool isStopping = answer.Media == MediaRefusal.Stopping;
        RetryAfter(context, isStopping ? StoppingRetrySeconds : FullRetrySeconds);
        return ApiProblem.Of(StatusCodes.Status503ServiceUnavailable, isStopping ? "node.stopping" : "node.full");
    }

    public static void RetryAfter(HttpContext context, int seconds) =>
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

    public static IResult WrongType(string expected) =>
        ApiProblem.Of(StatusCodes.Status415UnsupportedMediaType, "mediaType.unsupported", $"The body has to be {expected}.");

    public static IResult TooLarge(HttpOptions http) => ApiProblem.Of(StatusCodes.Status413PayloadTooLarge, "body.tooLarge", $"At most {http.MaxBodyBytes} bytes.");
}
