using System.Globalization;
using System.Net;
using System.Text;

namespace Comms.Signaling.Debug;

/// <summary>The debug page: plain tables, no script; it loads itself again every two seconds.</summary>
public static class DebugPage
{
    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
        <title>Comms: who hears whom 谁在听谁</title><style>
        body{font:14px/1.4 sans-serif;background:#10161f;color:#dce3ec;margin:1.5rem}
        table{border-collapse:collapse;margin:0 0 1.5rem}th,td{padding:.2rem .7rem;border-bottom:1px solid #2b3646;text-align:left}
        th{color:#8fa3bb;font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}h2{font-size:1rem;margin:1rem 0 .3rem}
        .talk{color:#ff6b6b;font-weight:600}a{color:#6db3ff}
        </style></head><body>
        """;

    public static string Write(DebugSnapshot snapshot)
    {
        var html = new StringBuilder(Head);
        html.Append($"<h1>Comms {Text(snapshot.Version)}</h1><p>instance {Text(snapshot.Instance)}, since {Time(snapshot.StartedAt)} · ");
        html.Append("<a href=\"/debug/sessions.json\">JSON</a> · <a href=\"/debug/fanout.dot\">graph</a> · <a href=\"/metrics\">metrics</a> · <a href=\"/healthz\">health</a> · <a href=\"/orleans/\">grains</a></p>");
        WriteChannels(html, snapshot);
        WriteSessions(html, snapshot);
        WriteFeeds(html, snapshot);
        Table(html, $"Hub connections 连接 ({Shown(snapshot.Hub.Count, snapshot.HubCount)})", ["account", "unit", "page", "voice", "token until"],
            snapshot.Hub.Select(hub => Row([hub.Account, hub.Unit, hub.Page, hub.Voice, Time(hub.ExpiresAt)])));
        Table(html, "Dropped packets 丢弃", ["reason", "count"],
            snapshot.Drops.Where(drop => drop.Value > 0).Select(drop => Row([drop.Key, drop.Value])));
        return html.Append("</body></html>").ToString();
    }

    private static void WriteChannels(StringBuilder html, DebugSnapshot snapshot) => Table(
        html,
        $"Channels 频道 ({snapshot.Channels.Count})",
        ["channel", "talker", "burst", "listeners", "ms", "forwarded", "early", "heard by"],
        snapshot.Channels.Select(channel => Row(
            [
                channel.Channel,
                OwnerOf(channel.TalkerSession, snapshot),
                channel.Burst,
                channel.Listeners,
                channel.FrameMs,
                channel.PacketsForwarded,
                channel.EarlyFlushes,
                string.Join(", ", snapshot.Sessions.Where(session => session.ListensTo.Contains(channel.Channel)).Select(session => session.Owner)),
            ],
            isTalking: channel.TalkerSession is not null)));

    private static void WriteSessions(StringBuilder html, DebugSnapshot snapshot) => Table(
        html,
        $"Media sessions 媒体会话 ({Shown(snapshot.Sessions.Count, snapshot.SessionCount)})",
        ["session", "owner", "kind", "state", "loop", "received", "sent", "listens to", "talks in"],
        snapshot.Sessions.Select(session => Row(
            [
                session.Session,
                session.Owner,
                session.Kind,
                session.State,
                session.Loop,
                session.PacketsReceived,
                session.PacketsSent,
                string.Join(", ", session.ListensTo),
                session.TalksIn,
            ],
            isTalking: session.TalksIn is not null)));

    private static void WriteFeeds(StringBuilder html, DebugSnapshot snapshot) => Table(
        html,
        $"Cameras 摄像机 ({snapshot.Feeds.Count})",
        ["camera", "state", "reason", "viewers", "received", "cached bytes", "relay process", "last words of the last relay"],
        snapshot.Feeds.Select(feed => Row(
            [feed.Camera, feed.State, feed.Reason, feed.Viewers, feed.PacketsReceived, feed.CachedBytes, feed.RelayProcessId, string.Join(" / ", feed.RelayErrors.TakeLast(3))])));

    private static string Shown(int rows, int all) => rows < all ? $"{rows} / {all}" : $"{all}";

    private static string OwnerOf(string? session, DebugSnapshot snapshot) =>
        session is null ? "" : snapshot.Sessions.FirstOrDefault(other => other.Session == session)?.Owner ?? session;

    private static void Table(StringBuilder html, string title, string[] heads, IEnumerable<string> rows)
    {
        html.Append($"<h2>{Text(title)}</h2><table><tr>");
        foreach (string head in heads) html.Append($"<th>{Text(head)}</th>");
        html.Append("</tr>").AppendJoin("", rows).Append("</table>");
    }

    private static string Row(IEnumerable<object?> cells, bool isTalking = false)
    {
        var row = new StringBuilder(isTalking ? "<tr class=\"talk\">" : "<tr>");
        foreach (object? cell in cells)
            row.Append(cell is string or null ? "<td>" : "<td class=\"n\">").Append(Text(Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "")).Append("</td>");
        return row.Append("</tr>").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
