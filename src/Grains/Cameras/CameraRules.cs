using Comms.Grains.Contracts;

namespace Comms.Grains.Cameras;

/// <summary>Decisions about a camera's definition and source. Pure.</summary>
internal static class CameraRules
{
    private const int MaxUrlLength = 2048;

    /// <summary>The first fault of a definition, or null.</summary>
    public static Outcome? Check(string key, CameraDefinition camera)
    {
        if (DefinitionRules.Check(key, camera.Id, camera.NameZh, camera.NameEn) is { } fault)
        {
            return fault;
        }

        if (camera.Site.Length > 0 && !DefinitionRules.IsId(camera.Site))
        {
            return DefinitionRules.Invalid("A site is an id, or nothing.");
        }

        return camera.LatitudeDeg is null or (>= -90 and <= 90)
            && camera.LongitudeDeg is null or (>= -180 and <= 180)
            && camera.HeadingDeg is null or (>= 0 and < 360)
            ? null
            : DefinitionRules.Invalid("A place is -90 to 90 degrees north, -180 to 180 degrees east, a heading 0 to below 360.");
    }

    /// <summary>The first fault of the sources, or null. An empty sub source is allowed: it takes the stored one away.</summary>
    public static Outcome? Check(CameraSources sources) =>
        (sources.Main is { } main ? Check(main) : null)
        ?? (sources.Sub is { Url.Length: > 0 } sub ? Check(sub) : null);

    /// <summary>The first fault of a source, or null. Credentials travel apart from the URL, so that no URL shows them.</summary>
    public static Outcome? Check(CameraSource source)
    {
        if (source.Url == CameraSource.Published)
        {
            return source.UserName.Length + source.Password.Length == 0
                ? null
                : DefinitionRules.Invalid("Who publishes has a token instead of a user name and a password.");
        }

        if (source.Url.Length > MaxUrlLength
            || !Uri.TryCreate(source.Url, UriKind.Absolute, out Uri? url)
            || !CameraSource.Schemes.Contains(url.Scheme)
            || url.Host.Length == 0)
        {
            return DefinitionRules.Invalid("A camera's URL is rtsp, rtsps, http, https, rtmp, rtmps or srt, with a host, or publish:.");
        }

        return url.UserInfo.Length == 0
            ? null
            : DefinitionRules.Invalid("User name and password are given beside the URL, not inside it.");
    }
}
