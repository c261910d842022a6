using Comms.Grains.Contracts;
using Microsoft.AspNetCore.Mvc;

namespace Comms.Signaling.Api;

/// <summary>RFC 9457 problems. The <c>code</c> member is stable; clients translate it, people read the detail.</summary>
public static class ApiProblem
{
    public static IResult Of(int status, string code, string detail = "") =>
        Results.Problem(detail.Length > 0 ? detail : null, statusCode: status, extensions: Code(code));

    public static IResult Invalid(BodyFaults faults) =>
        Results.ValidationProblem(faults.ToDictionary(), statusCode: StatusCodes.Status400BadRequest, extensions: Code("body.invalid"));

    public static IResult NotFound(string kind) => Of(StatusCodes.Status404NotFound, kind + ".notFound");

    public static IResult Forbidden(string detail) => Of(StatusCodes.Status403Forbidden, "forbidden", detail);

    /// <summary>429 with Retry-After in whole seconds, at least one.</summary>
    public static IResult Wait(HttpContext context, TimeSpan wait)
    {
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Of(StatusCodes.Status429TooManyRequests, "signIn.wait", $"Try again in {seconds} s.");
    }

    /// <summary>204 when the command was done, else the problem of its outcome.</summary>
    public static IResult From(Outcome outcome, string kind) => outcome.Code switch
    {
        OutcomeCode.Ok => Results.NoContent(),
        OutcomeCode.NotFound => Of(StatusCodes.Status404NotFound, kind + ".notFound", outcome.Detail),
        OutcomeCode.AlreadyExists => Of(StatusCodes.Status409Conflict, kind + ".alreadyExists", outcome.Detail),
        OutcomeCode.Forbidden => Of(StatusCodes.Status403Forbidden, "forbidden", outcome.Detail),
        OutcomeCode.Exhausted => new RetryLater(
            Of(StatusCodes.Status503ServiceUnavailable, "budget." + outcome.Budget, outcome.Detail), outcome.RetryAfterSeconds),
        OutcomeCode.Conflict => Of(StatusCodes.Status409Conflict, kind + ".conflict", outcome.Detail),
        _ => Of(StatusCodes.Status400BadRequest, kind + ".invalid", outcome.Detail),
    };

    /// <summary>The problem of a bare status, for what the framework refuses by itself.</summary>
    public static ProblemDetails OfStatus(int status) => new()
    {
        Status = status,
        Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        Extensions = { ["code"] = CodeOf(status) },
    };

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "request.invalid",
        StatusCodes.Status401Unauthorized => "unauthorized",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "notFound",
        StatusCodes.Status405MethodNotAllowed => "method.notAllowed",
        StatusCodes.Status413PayloadTooLarge => "body.tooLarge",
        StatusCodes.Status415UnsupportedMediaType => "mediaType.unsupported",
        StatusCodes.Status429TooManyRequests => "wait",
        _ => status >= StatusCodes.Status500InternalServerError ? "server.fault" : "request.refused",
    };

    private static Dictionary<string, object?> Code(string code) => new() { ["code"] = code };

    /// <summary>A problem that says in how many whole seconds to try again (RFC 9110 §10.2.3).</summary>
    private sealed class RetryLater(IResult problem, int seconds) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return problem.ExecuteAsync(httpContext);
        }
    }
}
