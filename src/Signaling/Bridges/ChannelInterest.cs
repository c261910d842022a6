using Comms.Grains.Contracts;
using Comms.Media.Numbers;

namespace Comms.Signaling.Bridges;

/// <summary>
/// What this node has to do with one channel: its local members by session and slot, its watchers, and the newest floor it
/// knows. Thread-safe by its own lock.
/// </summary>
internal sealed class ChannelInterest(string channelId)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(SessionId Session, int Slot), ChannelMember> _members = [];
    private readonly Dictionary<SessionId, int> _slotsOf = [];
    private int _watchers;
    private FloorState? _floor;

    public string ChannelId => channelId;

    /// <summary>Reports of this channel are sent one after the other, each with the newest counts.</summary>
    public SemaphoreSlim ReportTurn { get; } = new(1, 1);

    /// <summary>Something changed since the last report.</summary>
    public bool IsDirty { get; set; }

    public FloorState? Floor
    {
        get
        {
            lock (_lock)
            {
                return _floor;
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _watchers == 0 && _members.Count == 0;
            }
        }
    }

    /// <summary>A session that hears the channel on two slots counts once.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _slotsOf.Count;
            }
        }
    }

    public void Join(FloorParty party, int slot, ChannelRight right)
    {
        lock (_lock)
        {
            if (!_members.ContainsKey((party.Session, slot)))
            {
                _slotsOf[party.Session] = _slotsOf.GetValueOrDefault(party.Session) + 1;
            }

            _members[(party.Session, slot)] = new ChannelMember(party, slot, right);
            IsDirty = true;
        }
    }

    public bool Leave(SessionId session, int slot)
    {
        lock (_lock)
        {
            IsDirty = true;
            if (!_members.Remove((session, slot)))
            {
                return false;
            }

            if (--_slotsOf[session] is 0)
            {
                _slotsOf.Remove(session);
            }

            return true;
        }
    }

    public void Watch(int difference)
    {
        lock (_lock)
        {
            _watchers = Math.Max(0, _watchers + difference);
            IsDirty = true;
        }
    }

    public IReadOnlyList<ChannelMember> Members(Func<ChannelMember, bool> choose)
    {
        lock (_lock)
        {
            return [.. _members.Values.Where(choose)];
        }
    }

    /// <summary>Takes in a right that was read again; true when the member is still here and its right was another.</summary>
    public bool SetRight(ChannelMember member, ChannelRight right)
    {
        lock (_lock)
        {
            var key = (member.Party.Session, member.Slot);
            if (!_members.TryGetValue(key, out ChannelMember? known) || known.Right == right)
            {
                return false;
            }

            _members[key] = known with { Right = right };
            return true;
        }
    }

    /// <summary>
    /// Takes in a floor unless a newer one is known, and raises it within the lock, so that news stay in order. True when
    /// the channel's rules are others than before.
    /// </summary>
    public bool Observe(FloorState floor, Action<FloorState>? raise)
    {
        lock (_lock)
        {
            if (_floor is not null && (floor.Epoch < _floor.Epoch || floor == _floor))
            {
                return false;
            }

            bool isRuledAnew = _floor is not null && floor.RulesVersion != _floor.RulesVersion;
            _floor = floor;
            raise?.Invoke(floor);
            return isRuledAnew;
        }
    }
}

/// <summary>One local member of a channel on one of its slots, with the right it had when last checked.</summary>
internal sealed record ChannelMember(FloorParty Party, int Slot, ChannelRight Right);
