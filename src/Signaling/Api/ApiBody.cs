using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Comms.Signaling.Hosting;

namespace Comms.Signaling.Api;

/// <summary>
/// A bound request body: its value, or the problem to answer with. <see cref="RefuseBadBodies"/> answers before the
/// endpoint runs, so an endpoint may rely on <see cref="Value"/>.
/// </summary>
public sealed class ApiBody<T> : IBoundBody
    where T : class, IApiBody
{
    private readonly T? _value;

    private ApiBody(T? value, IResult? problem) => (_value, Problem) = (value, problem);

    public T Value => _value ?? throw new InvalidOperationException("The endpoint's group lacks the filter for bad bodies.");

    public IResult? Problem { get; }

    /// <summary>Called by minimal APIs, which find it by this name. Reads at most Http:MaxBodyBytes.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Minimal APIs bind a parameter through a static member of its own type.")]
    public static async ValueTask<ApiBody<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        _ = parameter;
        int limit = context.RequestServices.GetRequiredService<HttpOptions>().MaxBodyBytes;
        ReadOnlySequence<byte>? bytes = await ReadAsync(context, limit);
        if (bytes is not { } body) return new ApiBody<T>(null, ApiProblem.Of(StatusCodes.Status413PayloadTooLarge, "body.tooLarge", $"At most {limit} bytes."));
        return ApiJson.TryParse(body.ToArray(), out T? value, out BodyFaults faults)
            ? new ApiBody<T>(value, null)
            : new ApiBody<T>(null, ApiProblem.Invalid(faults));
    }

    private static async Task<ReadOnlySequence<byte>?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit) return null;
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            int read = await context.Request.Body.ReadAsync(body.GetMemory(4096), context.RequestAborted);
            if (read == 0) return new ReadOnlySequence<byte>(body.WrittenMemory);
            body.Advance(read);
            if (body.WrittenCount > limit) return null;
        }
    }
}

/// <summary>A bound body of any type.</summary>
public interface IBoundBody
{
    IResult? Problem { get; }
}

/// <summary>Answers a request whose body was refused.</summary>
public sealed class RefuseBadBodies : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (object? argument in context.Arguments)
        {
            if (argument is IBoundBody { Problem: { } problem }) return ValueTask.FromResult<object?>(problem);
        }

        return next(context);
    }
}
