using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Comms.Signaling.Api;

/// <summary>How JSON is read and written: camelCase names, enums as camelCase words, absent or null required members refused.</summary>
public static class ApiJson
{
    /// <summary>Bodies are flat; a deeper one is an attack on the reader's stack or a mistake.</summary>
    private const int MaxDepth = 8;

    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions { MaxDepth = MaxDepth });

    /// <summary>The rules that bodies and answers share; the depth bound is the bodies' alone, since answers include the OpenAPI document.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        return options;
    }

    /// <summary>Reads and validates one body. False with at least one fault for anything but a valid body; never throws.</summary>
    public static bool TryParse<T>(ReadOnlySpan<byte> json, [NotNullWhen(true)] out T? body, out BodyFaults faults)
        where T : class, IApiBody
    {
        faults = new BodyFaults();
        body = Read<T>(json, faults);
        body?.Validate(faults);
        if (faults.IsEmpty && body is not null) return true;
        body = null;
        return false;
    }

    private static T? Read<T>(ReadOnlySpan<byte> json, BodyFaults faults)
        where T : class
    {
        try
        {
            T? body = JsonSerializer.Deserialize<T>(json, Options);
            if (body is null) faults.Add("$", "an object is wanted");
            return body;
        }
        catch (JsonException fault)
        {
            // The message quotes the input, which may hold a password; the path names the place.
            faults.Add(fault.Path ?? "$", "is not valid here, or a required member is missing");
            return null;
        }
    }
}

/// <summary>A request body that knows its own bounds.</summary>
public interface IApiBody
{
    void Validate(BodyFaults faults);
}
