namespace Comms.Signaling.WebRtc;

/// <summary>
/// Lets players of other origins use WHEP, as the draft's §4.3 asks. Safe with any origin: the token is a header that a foreign page
/// has to know, never a cookie.
/// </summary>
public sealed class WhepCrossOrigin : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "Location, ETag, Link, Retry-After";
        if (HttpMethods.IsOptions(context.HttpContext.Request.Method))
        {
            headers.AccessControlAllowMethods = "POST, GET, HEAD, PATCH, DELETE, OPTIONS";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, If-Match";
            headers["Accept-Post"] = SdpBody.OfferType;
            headers["Accept-Patch"] = SdpBody.FragmentType;
        }

        return next(context);
    }
}
