using Microsoft.Extensions.FileProviders;

namespace Comms.Signaling.Hosting;

/// <summary>The built web client: "/" is the commander's console, "/ptt" the responder's phone page.</summary>
public static class WebPages
{
    /// <summary>File names below this folder carry a hash of their content.</summary>
    private const string HashedFolder = "/assets";

    private static readonly Dictionary<string, string> Pages = new() { ["/"] = "/index.html", ["/ptt"] = "/ptt.html" };

    /// <summary>Serves the files when the folder exists; false when the web client is not built.</summary>
    public static bool Use(WebApplication app, string webRoot)
    {
        string folder = Path.GetFullPath(webRoot);
        if (!Directory.Exists(folder)) return false;
        app.Use((context, next) =>
        {
            bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
            if (isRead && Pages.TryGetValue(Trimmed(context.Request.Path), out string? page)) context.Request.Path = page;
            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            OnPrepareResponse = prepared => prepared.Context.Response.Headers.CacheControl =
                prepared.Context.Request.Path.StartsWithSegments(HashedFolder) ? "public, max-age=31536000, immutable" : "no-cache",
        });
        return true;
    }

    private static string Trimmed(PathString path)
    {
        string value = path.Value ?? "/";
        return value.Length > 1 ? value.TrimEnd('/') : value;
    }
}
