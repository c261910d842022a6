using System.Net;
using Comms.Media.Numbers;

namespace Comms.Signaling.Sip;

/// <summary>
/// One token bucket for each source address, so that no source can take another's share. Bounded: over
/// <paramref name="maxSources"/> the full buckets are forgotten, which changes nothing for them. Single-threaded.
/// </summary>
public sealed class TokenBuckets(double perSecond, double burst, int maxSources = 65_536)
{
    private readonly Dictionary<IPAddress, Bucket> _buckets = [];

    public int Count => _buckets.Count;

    /// <summary>Takes one token; false when the source has none left.</summary>
    public bool TryTake(IPAddress source, Instant now)
    {
        var bucket = Refilled(source, now);
        var isAllowed = bucket.Tokens >= 1;
        Put(source, isAllowed ? bucket with { Tokens = bucket.Tokens - 1 } : bucket, now);
        return isAllowed;
    }

    /// <summary>True when a token is left, without taking it.</summary>
    public bool HasToken(IPAddress source, Instant now) => Refilled(source, now).Tokens >= 1;

    private Bucket Refilled(IPAddress source, Instant now)
    {
        if (!_buckets.TryGetValue(source, out var bucket))
        {
            return new Bucket(burst, now);
        }

        var tokens = bucket.Tokens + now.UsSince(bucket.At) * perSecond / 1_000_000;
        return new Bucket(Math.Min(burst, tokens), now);
    }

    private void Put(IPAddress source, Bucket bucket, Instant now)
    {
        if (_buckets.Count >= maxSources && !_buckets.ContainsKey(source))
        {
            foreach (var idle in _buckets.Keys.Where(key => Refilled(key, now).Tokens >= burst).ToList())
            {
                _buckets.Remove(idle);
            }

            if (_buckets.Count >= maxSources)
            {
                _buckets.Clear();
            }
        }

        _buckets[source] = bucket;
    }

    private readonly record struct Bucket(double Tokens, Instant At);
}
