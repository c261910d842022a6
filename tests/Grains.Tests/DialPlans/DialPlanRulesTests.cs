using Comms.Grains.Contracts;
using Comms.Grains.DialPlans;
using Xunit;

namespace Comms.Grains.Tests.DialPlans;

public sealed class DialPlanRulesTests
{
    private static readonly TrunkDefinition Pbx = new("pbx", "City hall", "sip:pbx.city.cn;transport=tcp", "unit-1");

    private static readonly DialPlan Plan = new(
        [new("110", DialKind.Channel, "police"), new("Chief", DialKind.Unit, "unit-1"), new("9", DialKind.Trunk, "pbx"), new("900", DialKind.Trunk, "far")],
        [Pbx, Pbx with { Id = "far" }]);

    [Theory]
    [InlineData("110", "police")]
    [InlineData("chief", "unit-1")]
    [InlineData("912", "pbx")]
    [InlineData("9001", "far")]
    [InlineData("900", "pbx")]
    [InlineData("9", null)]
    [InlineData("1100", null)]
    public void A_number_is_found_whole_and_a_trunk_by_its_longest_prefix(string dialled, string? target) =>
        Assert.Equal(target, Plan.Find(dialled)?.TargetId);

    [Theory]
    [InlineData("112", DialKind.Channel, "fire", OutcomeCode.Ok)]
    [InlineData("1 2", DialKind.Channel, "fire", OutcomeCode.Invalid)]
    [InlineData("", DialKind.Channel, "fire", OutcomeCode.Invalid)]
    [InlineData("112", DialKind.Unit, "", OutcomeCode.Invalid)]
    [InlineData("8", DialKind.Trunk, "nobody", OutcomeCode.NotFound)]
    public void An_entry_that_cannot_be_dialled_or_leads_nowhere_is_refused(string number, DialKind kind, string target, OutcomeCode expected) =>
        Assert.Equal(expected, (DialPlanRules.Check(Plan, new DialNumber(number, kind, target)) ?? Outcome.Ok).Code);

    [Theory]
    [InlineData("sip:pbx.city.cn", true)]
    [InlineData("sips:[2001:db8::1]:5061", true)]
    [InlineData("sip:user@pbx.city.cn", false)]
    [InlineData("http://pbx.city.cn", false)]
    [InlineData("sip:", false)]
    public void A_trunk_is_a_place_without_a_user(string uri, bool isGood) =>
        Assert.Equal(isGood, DialPlanRules.Check(Plan, Pbx with { Uri = uri }) is null);
}
