using System.Net;
using Comms.Media.Numbers;

namespace Comms.Media.Relay;

/// <summary>
/// The sites whose cameras live on one loop: each has its share of the site's connect budget, and the first camera that answers
/// after a failure ends the waiting of its siblings, on every loop. Sans-IO, owned by the loop.
/// </summary>
/// <param name="connectsPerSecond">For a whole site; each loop takes its part.</param>
/// <param name="tellOthers">Brings a site's return to the other loops.</param>
internal sealed class SiteTable(int connectsPerSecond, int loops, Action<string> tellOthers)
{
    /// <summary>Our own server, which needs no budget.</summary>
    public const string Own = "";

    private readonly Dictionary<string, Site> _sites = new(StringComparer.Ordinal);

    /// <summary>The network of 256 addresses that an IPv4 camera is in; otherwise its host.</summary>
    public static string SiteOf(FeedUrl url)
    {
        var host = new Uri(url.Redacted).Host;
        return IPAddress.TryParse(host, out _) && host.LastIndexOf('.') is > 0 and var dot ? host[..dot] : host;
    }

    /// <summary>A feed's source lies at another site now; null when it has none any more.</summary>
    public void Move(CameraFeed feed, ref string? from, string? to)
    {
        if (from == to)
        {
            return;
        }

        if (from is not null && _sites.TryGetValue(from, out var left) && left.Feeds.Remove(feed) && left.Feeds.Count == 0)
        {
            _sites.Remove(from);
        }

        from = to;
        if (to is null or Own)
        {
            return;
        }

        if (!_sites.TryGetValue(to, out var site))
        {
            _sites[to] = site = new Site();
        }

        site.Feeds.Add(feed);
    }

    /// <summary>The next free moment of the site's budget, which is then taken.</summary>
    public Instant Reserve(string name, Instant now)
    {
        if (!_sites.TryGetValue(name, out var site))
        {
            return now;
        }

        var turn = site.NextFree > now ? site.NextFree : now;
        site.NextFree = turn.AddUs(1_000_000L * loops / connectsPerSecond);
        return turn;
    }

    public void HandleFailure(string? name)
    {
        if (name is not null && _sites.TryGetValue(name, out var site))
        {
            site.HasFailed = true;
        }
    }

    public void HandleSuccess(string? name, Instant now)
    {
        if (name is not null && HandleBack(name, now))
        {
            tellOthers(name);
        }
    }

    /// <summary>False: nobody of this loop waits at that site.</summary>
    public bool HandleBack(string name, Instant now)
    {
        if (!_sites.TryGetValue(name, out var site) || !site.HasFailed)
        {
            return false;
        }

        site.HasFailed = false;
        foreach (var feed in site.Feeds)
        {
            feed.Retry(now);
        }

        return true;
    }

    private sealed class Site
    {
        public HashSet<CameraFeed> Feeds { get; } = [];

        public Instant NextFree { get; set; }

        public bool HasFailed { get; set; }
    }
}
