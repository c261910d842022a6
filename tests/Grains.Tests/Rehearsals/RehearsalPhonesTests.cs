using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Comms.Grains.Rehearsals;
using Xunit;

namespace Comms.Grains.Tests.Rehearsals;

/// <summary>How a rehearsal's phones stand in its channels, and what they may do.</summary>
public sealed class RehearsalPhonesTests
{
    [Theory]
    [InlineData(20_000, 1, "20000")]
    [InlineData(23_000, 4, "20000 1000 1000 1000")]
    [InlineData(2_000, 2, "1000 1000")]
    [InlineData(1_999, 2, "1000 999")]
    [InlineData(200, 3, "67 67 66")]
    [InlineData(3, 3, "1 1 1")]
    public void The_first_channel_is_the_big_one_when_there_are_phones_enough(int phones, int channels, string expected)
    {
        RehearsalDefinition rehearsal = Rehearsal(phones, channels);
        int[] wanted = [.. expected.Split(' ').Select(int.Parse)];
        Assert.Equal(wanted, Enumerable.Range(0, channels).Select(channel => RehearsalPhones.PhonesIn(rehearsal, channel)));
        Assert.Equal(
            wanted,
            Enumerable.Range(1, phones).GroupBy(phone => RehearsalPhones.ChannelOf(rehearsal, phone)).OrderBy(group => group.Key).Select(group => group.Count()));
    }

    [Fact]
    public void A_phone_may_talk_in_its_own_channel_and_nowhere_else()
    {
        RehearsalDefinition rehearsal = Rehearsal(20, 2);
        UnitDefinition unit = RehearsalPhones.Unit(rehearsal, 1);
        var open = new ChannelDefinition("open", "开", "Open", "", ChannelKind.Incident, "city", DefaultRight: ChannelRight.Talk);
        ChannelRule[] everyone = [new(ChannelRuleKind.Town, "city", ChannelRight.Talk), new(ChannelRuleKind.Service, "Grid", ChannelRight.Talk)];

        Assert.Equal(ChannelRight.Talk, ChannelRules.Evaluate(RehearsalPhones.Channel(rehearsal, 0), [], unit, "city"));
        Assert.Equal(ChannelRight.None, ChannelRules.Evaluate(RehearsalPhones.Channel(rehearsal, 1), [], unit, "city"));
        Assert.Equal(ChannelRight.None, ChannelRules.Evaluate(open, everyone, unit, "city"));
        ChannelRule own = new(ChannelRuleKind.Unit, unit.Id, ChannelRight.Listen);
        Assert.Equal(ChannelRight.Listen, ChannelRules.Evaluate(open, [own], unit, "city"));
    }

    [Fact]
    public void A_rehearsal_s_channel_lets_no_real_unit_in_without_a_rule()
    {
        var unit = new UnitDefinition("u1", "P-1", "警", "Police", UnitService.Police, "city");
        ChannelDefinition channel = RehearsalPhones.Channel(Rehearsal(20, 1), 0);
        Assert.Equal(ChannelRight.None, ChannelRules.Evaluate(channel, [], unit, "city"));
        Assert.Equal(ChannelRight.Talk, ChannelRules.Evaluate(channel, [new(ChannelRuleKind.Unit, "u1", ChannelRight.Talk)], unit, "city"));
    }

    [Theory]
    [InlineData("rh1-00001", true, 1)]
    [InlineData("rh1-30000", true, 30_000)]
    [InlineData("rh1-00000", false, 0)]
    [InlineData("rh1-1", false, 0)]
    [InlineData("rh1-c1", false, 0)]
    [InlineData("-00001", false, 0)]
    [InlineData("rh1-0000a", false, 0)]
    [InlineData("rh1", false, 0)]
    public void An_id_says_which_phone_it_is(string id, bool isPhone, int phone)
    {
        Assert.Equal(isPhone, RehearsalPhones.TryParse(id, out ReadOnlySpan<char> rehearsalId, out int parsed));
        if (!isPhone) return;
        Assert.Equal(phone, parsed);
        Assert.Equal("rh1", rehearsalId.ToString());
    }

    [Theory]
    [InlineData(0, 1, 60)]
    [InlineData(30_001, 1, 60)]
    [InlineData(100, 0, 60)]
    [InlineData(10, 11, 60)]
    [InlineData(30_000, 65, 60)]
    [InlineData(10, 1, 241)]
    public void A_rehearsal_out_of_bounds_is_refused_with_a_sentence(int phones, int channels, int minutes)
    {
        Outcome? fault = RehearsalRules.Check("rh1", Rehearsal(phones, channels, minutes));
        Assert.Equal(OutcomeCode.Invalid, fault?.Code);
        Assert.NotEmpty(fault!.Detail);
    }

    private static RehearsalDefinition Rehearsal(int phones, int channels, int minutes = 60)
    {
        var start = new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
        return new RehearsalDefinition("rh1", "Load", phones, channels, "city", "", start, start.AddMinutes(minutes));
    }
}
