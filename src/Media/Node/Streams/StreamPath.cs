namespace Comms.Media.Node.Streams;

/// <summary>
/// What an RTSP URI asks for: <c>/live/CAMERA</c>, <c>/live/CAMERA/sub</c> or <c>/publish/CAMERA</c>, with any track behind it and
/// perhaps <c>?token=TOKEN</c>. Players put the track behind the query.
/// </summary>
internal sealed record StreamPath(StreamUse Use, string CameraId, bool IsSub, string Token)
{
    public const string LivePrefix = "/live/";
    public const string PublishPrefix = "/publish/";
    private const string TokenName = "token=";

    /// <summary>Null: the URI names no stream.</summary>
    public static StreamPath? Parse(string uri)
    {
        int scheme = uri.IndexOf("://", StringComparison.Ordinal);
        int slash = uri.IndexOf('/', scheme < 0 ? 0 : scheme + 3);
        if (slash < 0) return null;
        var path = uri.AsSpan(slash);
        int query = path.IndexOf('?');
        string token = query < 0 ? "" : TokenOf(path[(query + 1)..]);
        path = query < 0 ? path : path[..query];
        bool isLive = path.StartsWith(LivePrefix, StringComparison.Ordinal);
        if (!isLive && !path.StartsWith(PublishPrefix, StringComparison.Ordinal)) return null;
        var rest = path[(isLive ? LivePrefix : PublishPrefix).Length..];
        int end = rest.IndexOf('/');
        var camera = end < 0 ? rest : rest[..end];
        if (camera.IsEmpty) return null;
        bool isSub = end >= 0 && (rest[end..] is "/sub" || rest[end..].StartsWith("/sub/", StringComparison.Ordinal));
        return new StreamPath(isLive ? StreamUse.View : StreamUse.Publish, camera.ToString(), isSub, token);
    }

    private static string TokenOf(ReadOnlySpan<char> query)
    {
        foreach (var range in query.Split('&'))
        {
            var part = query[range];
            if (!part.StartsWith(TokenName, StringComparison.Ordinal)) continue;
            var value = part[TokenName.Length..];
            int end = value.IndexOf('/');
            return (end < 0 ? value : value[..end]).ToString();
        }

        return "";
    }
}
