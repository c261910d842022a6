using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>A camera's URL with its credentials inside, as media takes it. Never logged.</summary>
internal static class CameraUrl
{
    /// <summary>User name and password are percent-encoded (RFC 3986 §3.2.1), so that no character of them can move the host.</summary>
    public static string Compose(CameraSource source)
    {
        if (source.UserName.Length == 0)
        {
            return source.Url;
        }

        int afterScheme = source.Url.IndexOf("://", StringComparison.Ordinal) + 3;
        string user = Uri.EscapeDataString(source.UserName);
        string password = source.Password.Length == 0 ? "" : ":" + Uri.EscapeDataString(source.Password);
        return $"{source.Url[..afterScheme]}{user}{password}@{source.Url[afterScheme..]}";
    }
}
