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
