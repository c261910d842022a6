using System.Text;
using Comms.Grains.Contracts;
using Comms.Signaling.Bridges;
using Comms.Signaling.Security;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Comms.Signaling.Api;

/// <summary>Cameras by the thousand: in and out as CSV.</summary>
public static class CameraImportApi
{
    private const int PageOfExport = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/cameras/export", ExportAsync).Produces<string>(StatusCodes.Status200OK, CameraCsv.MediaType).RequireAuthorization(Roles.Administrator);
        api.MapPost("/cameras/import", ImportAsync).Accepts<string>(CameraCsv.MediaType)
            .Produces<CameraImportAnswer>().RequireAuthorization(Roles.Administrator);
    }

    private static async Task ExportAsync(HttpContext context, IDirectoryIndex directory)
    {
        string path = Caller.Of(context).Account.TownPath;
        context.Response.ContentType = CameraCsv.MediaType + "; charset=utf-8";
        context.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = "cameras.csv" }.ToString();
        context.Response.Headers.CacheControl = "no-store";
        var text = new StringBuilder(CameraCsv.ByteOrderMark);
        CameraCsv.WriteHeader(text);
        for (string? after = ""; after is not null;)
        {
            Page<CameraRecord> page = directory.Cameras(new CameraQuery(TownPath: path, After: after, Limit: PageOfExport));
            foreach (CameraRecord camera in page.Items) CameraCsv.Write(text, camera.Definition);
            await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
            text.Clear();
            after = page.Next;
        }
    }

    private static async Task<IResult> ImportAsync(HttpContext context, CameraImport import, CameraOptions options, bool dryRun = false)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(CameraCsv.MediaType, StringComparison.OrdinalIgnoreCase))
            return ApiProblem.Of(StatusCodes.Status415UnsupportedMediaType, "mediaType.unsupported", $"The body has to be {CameraCsv.MediaType}.");
        if (await ReadAsync(context, options.MaxImportBytes) is not { } bytes)
            return ApiProblem.Of(StatusCodes.Status413PayloadTooLarge, "body.tooLarge", $"At most {options.MaxImportBytes} bytes.");
        return await import.RunAsync(CameraImport.Decode(bytes), Caller.Of(context), dryRun) is { } answer
            ? Results.Ok(answer)
            : ApiProblem.Of(StatusCodes.Status409Conflict, "import.running", "Another import runs; wait for its end.");
    }

    private static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = limit;
        if (context.Request.ContentLength > limit) return null;
        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException)
        {
            // A body without a length that turned out too long.
            return null;
        }

        return body.ToArray();
    }
}
