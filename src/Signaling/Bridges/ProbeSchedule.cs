using Comms.Grains.Contracts;
using Comms.Media.Relay;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Which cameras are asked for a sign of life when, and what an answer means. Every camera has its turn once in a period, in
/// the order of the ids, so that ten thousand of them are an even stream of questions. One that does not answer is asked again
/// soon, and only a second failure is news: a single lost packet is no outage. Pure; used by one thread at a time.
/// </summary>
internal sealed class ProbeSchedule(TimeSpan period, TimeSpan again)
{
    private readonly Dictionary<string, Failure> _failures = new(StringComparer.Ordinal);
    private DateTimeOffset? _last;
    private string _lastId = "";
    private double _owed;

    /// <summary>The cameras whose turn it is.</summary>
    /// <param name="ids">All of them, in ordinal order.</param>
    public IReadOnlyList<string> Due(IReadOnlyList<string> ids, DateTimeOffset now)
    {
        var due = new List<string>();
        foreach ((string id, Failure failure) in _failures)
        {
            if (failure.AgainAt <= now)
            {
                failure.AgainAt = null;
                due.Add(id);
            }
        }

        // After a pause of any length nobody is asked twice.
        TimeSpan passed = now - (_last ?? now - TimeSpan.FromTicks(period.Ticks / Math.Max(1, ids.Count)));
        _owed = Math.Min(ids.Count, _owed + (ids.Count * (passed / period)));
        _last = now;
        int next = FirstAfter(ids, _lastId);
        for (; _owed >= 1; _owed--)
        {
            _lastId = ids[next % ids.Count];
            next++;
            due.Add(_lastId);
        }

        return due;
    }

    /// <summary>What is to be told of a camera; null when it is nothing new.</summary>
    /// <param name="reason">"" for an answer, else why there was none.</param>
    public CameraEvidence? HandleProbed(string id, string reason, CameraHealth known, DateTimeOffset now)
    {
        if (reason.Length == 0)
        {
            _failures.Remove(id);
            bool isNews = known.Condition is CameraCondition.Unknown or CameraCondition.Offline;
            return isNews ? new CameraEvidence(CameraCondition.Online, "", now) : null;
        }

        if (reason == RelayReason.NoResources)
        {
            // Ours, not the camera's.
            return null;
        }

        bool isOffline = known.Condition == CameraCondition.Offline;
        if (!_failures.TryGetValue(id, out Failure? failure))
        {
            failure = _failures[id] = new Failure(now);
            if (!isOffline)
            {
                failure.AgainAt = now + again;
                return null;
            }
        }

        return isOffline && known.Reason == reason ? null : new CameraEvidence(CameraCondition.Offline, reason, failure.Since);
    }

    /// <summary>The camera is no longer asked here.</summary>
    public void Forget(string id) => _failures.Remove(id);

    private static int FirstAfter(IReadOnlyList<string> ids, string id)
    {
        int low = 0;
        for (int high = ids.Count; low < high;)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(ids[middle], id) <= 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private sealed class Failure(DateTimeOffset since)
    {
        public DateTimeOffset Since { get; } = since;

        public DateTimeOffset? AgainAt { get; set; }
    }
}
