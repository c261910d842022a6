using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Grains.Rehearsals;

namespace Comms.Grains.Directory;

/// <summary>
/// The running rehearsals of one index. Their units and accounts are found by id as any other, and made when asked for;
/// no list or search names them. Thread-safe.
/// </summary>
internal sealed class RehearsalTable
{
    private readonly ConcurrentDictionary<string, RehearsalDefinition> _byId = new(StringComparer.Ordinal);

    public IReadOnlyList<RehearsalDefinition> All => [.. _byId.ToArray().Select(pair => pair.Value).OrderBy(rehearsal => rehearsal.StartedAt)];

    public ICollection<string> Ids => _byId.Keys;

    /// <summary>True when it differs from what was known.</summary>
    public bool Set(RehearsalDefinition rehearsal)
    {
        bool isNew = !_byId.TryGetValue(rehearsal.Id, out RehearsalDefinition? known) || known != rehearsal;
        _byId[rehearsal.Id] = rehearsal;
        return isNew;
    }

    public bool Remove(string id) => _byId.TryRemove(id, out _);

    public UnitDefinition? FindUnit(string id) => TryFind(id, out RehearsalDefinition? rehearsal, out int phone) ? RehearsalPhones.Unit(rehearsal!, phone) : null;

    public AccountDefinition? FindAccount(string id) => TryFind(id, out RehearsalDefinition? rehearsal, out int phone) ? RehearsalPhones.Account(rehearsal!, phone) : null;

    private bool TryFind(string id, out RehearsalDefinition? rehearsal, out int phone)
    {
        rehearsal = null;
        phone = 0;
        return !_byId.IsEmpty
            && RehearsalPhones.TryParse(id, out ReadOnlySpan<char> rehearsalId, out phone)
            && _byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(rehearsalId, out rehearsal)
            && phone <= rehearsal.Phones;
    }
}
