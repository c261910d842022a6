using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>Who may do what: the most specific rule wins.</summary>
public sealed class ChannelRulesTests
{
    private static readonly ChannelDefinition Channel =
        new("ch", "频道", "Channel", "8001", ChannelKind.Service, "city", 60, ChannelRight.Listen);

    private static readonly UnitDefinition Unit = new("u1", "P-1", "张", "Zhang", UnitService.Police, "lotus");

    private static readonly ChannelRule OfUnit = new(ChannelRuleKind.Unit, "u1", ChannelRight.None);
    private static readonly ChannelRule OfService = new(ChannelRuleKind.Service, "police", ChannelRight.Supervise);
    private static readonly ChannelRule OfVillage = new(ChannelRuleKind.Town, "lotus", ChannelRight.Talk);
    private static readonly ChannelRule OfTown = new(ChannelRuleKind.Town, "east", ChannelRight.None);
    private static readonly ChannelRule OfOthers = new(ChannelRuleKind.Town, "west", ChannelRight.Supervise);

    public static TheoryData<ChannelRule[], ChannelRight> Cases => new()
    {
        { [], ChannelRight.Listen },
        { [OfOthers], ChannelRight.Listen },
        { [OfTown], ChannelRight.None },
        { [OfTown, OfVillage], ChannelRight.Talk },
        { [OfVillage, OfTown], ChannelRight.Talk },
        { [OfVillage, OfService], ChannelRight.Supervise },
        { [OfVillage, OfService, OfUnit], ChannelRight.None },
        { [new(ChannelRuleKind.Unit, "u2", ChannelRight.Supervise)], ChannelRight.Listen },
        { [new(ChannelRuleKind.Service, "Fire", ChannelRight.Supervise)], ChannelRight.Listen },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Unit_rule_wins_over_service_over_nearest_town_over_default(ChannelRule[] rules, ChannelRight expected) =>
        Assert.Equal(expected, ChannelRules.Evaluate(Channel, rules, Unit, "city/east/lotus"));

    [Fact]
    public void Rule_replaces_the_one_of_the_same_subject_and_goes_by_its_subject()
    {
        List<ChannelRule> rules = ChannelRules.With([OfService, OfTown], OfService with { SubjectId = "Police", Right = ChannelRight.Talk });
        Assert.Equal(2, rules.Count);
        Assert.Equal(ChannelRight.Talk, ChannelRules.Evaluate(Channel, rules, Unit, "city/east/lotus"));
        Assert.Single(ChannelRules.Without(rules, ChannelRuleKind.Service, "POLICE"));
    }

    [Theory]
    [InlineData("ch", "频道", "Channel", "8001", 60, true)]
    [InlineData("ch", "频道", "Channel", "", 0, true)]
    [InlineData("other", "频道", "Channel", "8001", 60, false)]
    [InlineData("ch", "", "Channel", "8001", 60, false)]
    [InlineData("ch", "频道", " ", "8001", 60, false)]
    [InlineData("ch", "频道", "Channel", "80*1", 60, false)]
    [InlineData("ch", "频道", "Channel", "123456789012345678901", 60, false)]
    [InlineData("ch", "频道", "Channel", "8001", -1, false)]
    [InlineData("ch", "频道", "Channel", "8001", 3601, false)]
    public void Definition_is_checked(string id, string zh, string en, string number, int limit, bool isValid) =>
        Assert.Equal(isValid, ChannelRules.Check("ch", new ChannelDefinition(id, zh, en, number, ChannelKind.Service, "city", limit)) is null);

    [Theory]
    [InlineData(ChannelRuleKind.Service, "ambulance", true)]
    [InlineData(ChannelRuleKind.Service, "navy", false)]
    [InlineData(ChannelRuleKind.Unit, "u1", true)]
    [InlineData(ChannelRuleKind.Town, "a/b", false)]
    public void Rule_is_checked(ChannelRuleKind kind, string subject, bool isValid) =>
        Assert.Equal(isValid, ChannelRules.Check(new ChannelRule(kind, subject, ChannelRight.Talk)) is null);
}
