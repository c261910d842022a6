using System.Globalization;
using Comms.Grains.Contracts;

namespace Comms.Grains.Rehearsals;

/// <summary>The channels, units and accounts of a rehearsal, made from its definition. Pure.</summary>
public static class RehearsalPhones
{
    /// <summary>Phones of every channel but the first, when there are enough.</summary>
    private const int SideChannelPhones = 1000;

    public static string ChannelId(RehearsalDefinition rehearsal, int channel) => Invariant($"{rehearsal.Id}-c{channel + 1}");

    /// <summary>
    /// How many phones stand in a channel (counted from 0): 1,000 in each further channel and all others in the first, or
    /// the same number everywhere when the first would have fewer than the others.
    /// </summary>
    public static int PhonesIn(RehearsalDefinition rehearsal, int channel)
    {
        int first = rehearsal.Phones - (SideChannelPhones * (rehearsal.Channels - 1));
        if (first >= SideChannelPhones)
        {
            return channel == 0 ? first : SideChannelPhones;
        }

        return (rehearsal.Phones / rehearsal.Channels) + (channel < rehearsal.Phones % rehearsal.Channels ? 1 : 0);
    }

    public static ChannelDefinition Channel(RehearsalDefinition rehearsal, int channel) => new(
        ChannelId(rehearsal, channel),
        Invariant($"演练 {rehearsal.Name} {channel + 1}"),
        Invariant($"Rehearsal {rehearsal.Name} {channel + 1}"),
        "",
        ChannelKind.Incident,
        rehearsal.TownId);

    /// <summary>Id of a phone's unit and of its account; phones count from 1.</summary>
    public static string PhoneId(RehearsalDefinition rehearsal, int phone) => Invariant($"{rehearsal.Id}-{phone:D5}");

    public static UnitDefinition Unit(RehearsalDefinition rehearsal, int phone) => new(
        PhoneId(rehearsal, phone),
        Invariant($"R-{phone:D5}"),
        Invariant($"演练 {phone}"),
        Invariant($"Rehearsal {phone}"),
        UnitService.Grid,
        rehearsal.TownId,
        RehearsalChannelId: ChannelId(rehearsal, ChannelOf(rehearsal, phone)));

    public static AccountDefinition Account(RehearsalDefinition rehearsal, int phone)
    {
        string id = PhoneId(rehearsal, phone);
        return new AccountDefinition(id, Invariant($"Rehearsal {phone}"), AccountRole.Responder, id, rehearsal.TownPath);
    }

    /// <summary>Takes a unit's or account's id apart; false when it is none of a rehearsal's form.</summary>
    public static bool TryParse(string id, out ReadOnlySpan<char> rehearsalId, out int phone)
    {
        int dash = id.LastIndexOf('-');
        rehearsalId = dash > 0 ? id.AsSpan(0, dash) : default;
        phone = 0;
        return dash > 0
            && id.Length - dash - 1 == 5
            && int.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out phone)
            && phone > 0;
    }

    /// <summary>The channel, counted from 0, that a phone stands in.</summary>
    public static int ChannelOf(RehearsalDefinition rehearsal, int phone)
    {
        int channel = 0;
        int last = PhonesIn(rehearsal, 0);
        while (phone > last && channel < rehearsal.Channels - 1)
        {
            last += PhonesIn(rehearsal, ++channel);
        }

        return channel;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
