using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip;

/// <summary>One value of a Resource-Priority header: a namespace and a priority in it. RFC 4412 §3.1, RFC 8101.</summary>
public sealed record ResourcePriority(string Namespace, string Priority)
{
    /// <summary>The option tag of Require.</summary>
    public const string Option = "resource-priority";

    /// <summary>Namespaces that this server knows, with their values from the lowest to the highest.</summary>
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["dsn"] = ["routine", "priority", "immediate", "flash", "flash-override"],
        ["q735"] = ["4", "3", "2", "1", "0"],
        ["ets"] = ["4", "3", "2", "1", "0"],
        ["wps"] = ["4", "3", "2", "1", "0"],
        ["esnet"] = ["0", "1", "2", "3", "4"],
        ["mcpttp"] = Numbers(16),
        ["mcpttq"] = Numbers(16),
    };

    /// <summary>For Accept-Resource-Priority: every value that is known. RFC 4412 §3.2.</summary>
    public static string Accepted { get; } = string.Join(", ", Known.SelectMany(pair => pair.Value.Select(value => $"{pair.Key}.{value}")));

    /// <summary>From 0, the lowest, to 15, the highest, of its namespace; null when that or the value is unknown.</summary>
    public int? Rank => Known.TryGetValue(Namespace, out var values) && Array.FindIndex(values, value => value.Equals(Priority, StringComparison.OrdinalIgnoreCase)) is var at and >= 0
        ? at * 15 / (values.Length - 1) : null;

    /// <summary>Every value that can be read, in order of the headers; what cannot is left out (RFC 4412 §3.3: it is ignored).</summary>
    public static IReadOnlyList<ResourcePriority> Read(SipMessage message)
    {
        var found = new List<ResourcePriority>();
        foreach (var value in message.Headers.List(SipHeaderNames.ResourcePriority))
        {
            var dot = value.IndexOf('.');
            if (dot > 0 && SipText.IsToken(value.AsSpan(0, dot)) && SipText.IsToken(value.AsSpan(dot + 1)))
            {
                found.Add(new ResourcePriority(value[..dot], value[(dot + 1)..]));
            }
        }

        return found;
    }

    private static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture))];
}
