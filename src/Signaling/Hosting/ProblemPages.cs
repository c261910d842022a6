using Comms.Signaling.Api;
using Microsoft.AspNetCore.Diagnostics;

namespace Comms.Signaling.Hosting;

/// <summary>Turns what the framework refuses by itself, and faults of the server, into RFC 9457 problems.</summary>
public static class ProblemPages
{
    public static Task OnBareStatusAsync(StatusCodeContext context) =>
        WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode);

    /// <summary>The fault itself is in the log, never in the answer.</summary>
    public static void OnFault(IApplicationBuilder app) => app.Run(context =>
    {
        Exception? fault = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        int status = fault is BadHttpRequestException refused ? refused.StatusCode : StatusCodes.Status500InternalServerError;
        context.Response.StatusCode = status;
        return WriteAsync(context, status);
    });

    private static Task WriteAsync(HttpContext context, int status) =>
        context.Response.WriteAsJsonAsync(ApiProblem.OfStatus(status), ApiJson.Options, "application/problem+json");
}
