using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Comms.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Storage;
using Xunit;

namespace Comms.Grains.Tests.Storage;

/// <summary>Every stored record says its format; another format is refused with a sentence.</summary>
public sealed class VersionedStorageSerializerTests
{
    private readonly VersionedStorageSerializer _serializer = new(new OrleansGrainStorageSerializer(
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>()));

    [Fact]
    public void Record_comes_back_as_it_was()
    {
        var state = new ChannelState
        {
            Definition = new ChannelDefinition("ch", "频道", "Channel", "8001", ChannelKind.Command, "city"),
            Rules = [new ChannelRule(ChannelRuleKind.Town, "east", ChannelRight.Talk)],
        };
        ChannelState read = _serializer.Deserialize<ChannelState>(_serializer.Serialize(state));
        Assert.Equal(state.Definition, read.Definition);
        Assert.Equal(state.Rules, read.Rules);
    }

    [Fact]
    public void Channel_stored_before_floors_had_policies_and_alerts_opens_with_the_defaults()
    {
        // Written by version 0.1.
        const string Record = "Q0cBICDoQAVjaEEN6aKR6YGTQQ9DaGFubmVsQQk4MDAxAQlBCWNpdHkBtQEF4CEAAyHoAAlBCWVhc3QBCeDg4A==";
        ChannelState read = _serializer.Deserialize<ChannelState>(new BinaryData(Convert.FromBase64String(Record)));
        Assert.Equal(
            new ChannelDefinition("ch", "频道", "Channel", "8001", ChannelKind.Command, "city", 45, ChannelRight.Listen), read.Definition);
        Assert.Equal(FloorPolicy.Default, read.Definition!.FloorPolicy);
        Assert.Equal([new ChannelRule(ChannelRuleKind.Town, "east", ChannelRight.Talk)], read.Rules);
        Assert.Empty(read.Alerts);
    }

    [Fact]
    public void Channel_s_policy_and_alerts_come_back_as_they_were()
    {
        var policy = new FloorPolicy(7, FloorPreemption.Never, 0, 90, 3);
        var alert = new EmergencyAlert("u", "P-1", "警", "Police", UnitService.Police, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var state = new ChannelState { Definition = new ChannelDefinition("ch", "频道", "Channel", "1", ChannelKind.Command, "city", Floor: policy), Alerts = [alert] };
        ChannelState read = _serializer.Deserialize<ChannelState>(_serializer.Serialize(state));
        Assert.Equal(policy, read.Definition!.FloorPolicy);
        Assert.Equal([alert], read.Alerts);
    }

    [Theory]
    [InlineData(2, 2, "format 2")]
    [InlineData(0, (byte)'X', "not a record")]
    public void Record_of_another_format_is_refused_with_a_sentence(int at, byte value, string expected)
    {
        byte[] record = _serializer.Serialize(new ChannelState()).ToArray();
        record[at] = value;
        InvalidDataException refusal =
            Assert.Throws<InvalidDataException>(() => _serializer.Deserialize<ChannelState>(new BinaryData(record)));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
