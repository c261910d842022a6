using System.Text;
using Comms.Media.Node;

namespace Comms.Signaling.Debug;

/// <summary>The fan-out as a Graphviz graph: talker → channel → listeners, camera → viewers' count.</summary>
public static class FanoutGraph
{
    public static string Write(MediaNodeSnapshot snapshot)
    {
        var text = new StringBuilder("digraph fanout {\n  rankdir=LR;\n  node [fontname=sans];\n");
        foreach (ChannelSnapshot channel in snapshot.Channels)
            text.Append($"  {Name("c", channel.Channel)} [shape=box,label={Quoted($"{channel.Channel}\n{channel.Listeners} listen")}];\n");
        foreach (SessionSnapshot session in snapshot.Sessions) WriteSession(text, session);
        foreach (FeedSnapshot feed in snapshot.Feeds)
            text.Append($"  {Name("f", feed.Camera)} [shape=component,label={Quoted($"{feed.Camera}\n{feed.State}, {feed.Viewers} view")}];\n");
        return text.Append("}\n").ToString();
    }

    private static void WriteSession(StringBuilder text, SessionSnapshot session)
    {
        text.Append($"  {Name("s", session.Session)} [label={Quoted($"{session.Owner}\n{session.Kind} {session.Session}")}];\n");
        if (session.TalksIn is { } talksIn)
            text.Append($"  {Name("s", session.Session)} -> {Name("c", talksIn)} [color=red,penwidth=2];\n");
        foreach (string channel in session.ListensTo) text.Append($"  {Name("c", channel)} -> {Name("s", session.Session)};\n");
    }

    private static string Name(string kind, string id) => Quoted($"{kind}:{id}");

    private static string Quoted(string label) =>
        "\"" + label.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n") + "\"";
}
