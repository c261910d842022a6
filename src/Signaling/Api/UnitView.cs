using Comms.Grains.Contracts;

namespace Comms.Signaling.Api;

/// <summary>A unit as the API shows it: what it is, and whether it can be reached now, by a page or over SIP.</summary>
public sealed record UnitView(
    string Id, string CallSign, string NameZh, string NameEn, UnitService Service, string TownId, int Priority, bool Online)
{
    /// <summary>The views of a page of units, in its order; the presence grains are asked once each.</summary>
    public static async Task<IReadOnlyList<UnitView>> OfAsync(IReadOnlyList<UnitDefinition> units, IGrainFactory grains)
    {
        IEnumerable<Task<IReadOnlyList<string>>> asked = units.Select(unit => unit.Id).GroupBy(PresencePart.Of)
            .Select(part => grains.GetGrain<IPresenceGrain>(part.Key).FindOnline([.. part]));
        HashSet<string> online = [.. (await Task.WhenAll(asked)).SelectMany(ids => ids)];
        return [.. units.Select(unit => Of(unit, online.Contains(unit.Id)))];
    }

    private static UnitView Of(UnitDefinition unit, bool isOnline) =>
        new(unit.Id, unit.CallSign, unit.NameZh, unit.NameEn, unit.Service, unit.TownId, unit.Priority, isOnline);
}
